-- core.albums -> core.album_artists: one row per album and credited artist, in credit order from 0; a second run
-- changes nothing. A credit without an artist id is left out.
use role <% database %>_transformer;

create or alter dynamic table <% database %>.core.album_artists
    target_lag = '<% target_lag %>'
    warehouse = <% warehouse %>
    refresh_mode = adaptive
    initialize = on_schedule
    comment = 'One row per album and credited artist.'
as
with
credits as (
    select
        albums.album_id,
        credit.index as credit_order,
        credit.value:artist_id::varchar as artist_id,
        credit.value:name::varchar as artist_name
    from <% database %>.core.albums as albums,
        lateral flatten(input => albums.artists) as credit
),

final as (
    select
        album_id,
        artist_id,
        credit_order,
        artist_name
    from credits
    where artist_id is not null
)

select * from final;
