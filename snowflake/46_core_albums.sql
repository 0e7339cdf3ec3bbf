-- core.album_versions -> core.albums: one row per album, as last seen; a second run changes nothing.
use role <% database %>_transformer;

create or alter dynamic table <% database %>.core.albums
    target_lag = '<% target_lag %>'
    warehouse = <% warehouse %>
    refresh_mode = adaptive
    initialize = on_schedule
    comment = 'One row per album, as last seen.'
as
with
final as (
    select
        album_id,
        name,
        album_type,
        release_date_text,
        release_date_precision,
        release_date,
        total_tracks,
        label,
        popularity,
        upc,
        genres,
        artists,
        image_url,
        spotify_url,
        uri,
        is_full_object,
        run_id,
        attempt,
        snapshot_date,
        extracted_at
    from <% database %>.core.album_versions
    qualify
        row_number() over (
            partition by album_id
            order by snapshot_date desc
        ) = 1
)

select * from final;
