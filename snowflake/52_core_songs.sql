-- core.song_versions -> core.songs: one row per song, as last seen; a second run changes nothing.
use role <% database %>_transformer;

create or alter dynamic table <% database %>.core.songs
    target_lag = '<% target_lag %>'
    warehouse = <% warehouse %>
    refresh_mode = adaptive
    initialize = on_schedule
    comment = 'One row per song, as last seen.'
as
with
final as (
    select
        track_id,
        name,
        album_id,
        disc_number,
        track_number,
        duration_ms,
        is_explicit,
        is_playable,
        popularity,
        isrc_text,
        isrc,
        linked_from_track_id,
        artists,
        spotify_url,
        uri,
        is_full_object,
        run_id,
        attempt,
        snapshot_date,
        extracted_at
    from <% database %>.core.song_versions
    qualify
        row_number() over (
            partition by track_id
            order by snapshot_date desc
        ) = 1
)

select * from final;
