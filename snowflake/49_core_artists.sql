-- core.artist_versions -> core.artists: one row per artist, as last seen; a second run changes nothing.
use role <% database %>_transformer;

create or alter dynamic table <% database %>.core.artists
    target_lag = '<% target_lag %>'
    warehouse = <% warehouse %>
    refresh_mode = adaptive
    initialize = on_schedule
    comment = 'One row per artist, as last seen.'
as
with
final as (
    select
        artist_id,
        name,
        genres,
        popularity,
        followers,
        image_url,
        spotify_url,
        uri,
        is_full_object,
        run_id,
        attempt,
        snapshot_date,
        extracted_at
    from <% database %>.core.artist_versions
    qualify
        row_number() over (
            partition by artist_id
            order by snapshot_date desc
        ) = 1
)

select * from final;
