-- All landing tables -> core.run_attempts: one row per run, with its highest attempt, the only one that counts; a
-- second run changes nothing. A replay that finds no row of an entity must still displace the first attempt's, so
-- the attempt is taken over all entities together.
use role <% database %>_transformer;

create or alter dynamic table <% database %>.core.run_attempts
    target_lag = downstream
    warehouse = <% warehouse %>
    refresh_mode = adaptive
    initialize = on_schedule
    comment = 'One row per run: its highest attempt, the only one that counts.'
as
with
landed as (
    select
        run_id,
        attempt
    from <% database %>.landing.albums
    union all
    select
        run_id,
        attempt
    from <% database %>.landing.artists
    union all
    select
        run_id,
        attempt
    from <% database %>.landing.songs
    union all
    select
        run_id,
        attempt
    from <% database %>.landing.playlist_entries
    union all
    select
        run_id,
        attempt
    from <% database %>.landing.playlists
),

final as (
    select
        run_id,
        max(attempt) as attempt
    from landed
    group by run_id
)

select * from final;
