-- core.songs -> core.song_artists: one row per song and credited artist, in credit order from 0; a second run
-- changes nothing. A credit without an artist id is left out.
use role <% database %>_transformer;

create or alter dynamic table <% database %>.core.song_artists
    target_lag = '<% target_lag %>'
    warehouse = <% warehouse %>
    refresh_mode = adaptive
    initialize = on_schedule
    comment = 'One row per song and credited artist.'
as
with
credits as (
    select
        songs.track_id,
        credit.index as credit_order,
        credit.value:artist_id::varchar as artist_id,
        credit.value:name::varchar as artist_name
    from <% database %>.core.songs as songs,
        lateral flatten(input => songs.artists) as credit
),

final as (
    select
        track_id,
        artist_id,
        credit_order,
        artist_name
    from credits
    where artist_id is not null
)

select * from final;
