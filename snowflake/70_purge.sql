-- Landing rows older than the retention -> gone, with a line in ops.purges that says how many of each table; a second
-- run sets the same tasks again. The terms of Spotify ask not to keep its content for ever. Core and marts are computed
-- from landing, so they need no repair: what still stands in the account is written again at half of the retention, and
-- a playlist's first read that is left becomes its baseline. A run about the present starts the tasks before core is
-- refreshed, while the warehouse is awake; the schedule is for weeks without a run that publishes. The report comes
-- before the deletes.
-- The stack's topic is told of a task that failed, where the account can tell it.
-- Snowflake itself keeps deleted rows for Time Travel and Fail-safe some days.
use role accountadmin;

grant execute task on account to role sysadmin;

use role sysadmin;

create table if not exists <% database %>.ops.purges (
    purged_at timestamp_ltz not null,
    landing_table varchar not null,
    kept_from_date date not null,
    purged_rows number(38, 0) not null
)
comment = 'One row per purge and landing table that had rows older than the retention.';

-- A task is changed only while its root is suspended.
alter task if exists <% database %>.ops.purge suspend;

create or alter task <% database %>.ops.purge
warehouse = <% warehouse %>
schedule = 'using cron 30 3 * * 0 UTC'
<% error_integration %>
comment = 'Writes down how many landing rows are older than <% retention_days %> days; the tasks after it delete them.'
as
insert into <% database %>.ops.purges (purged_at, landing_table, kept_from_date, purged_rows)
with
landed as (
    select
        'albums' as landing_table,
        snapshot_date
    from <% database %>.landing.albums
    union all
    select
        'artists' as landing_table,
        snapshot_date
    from <% database %>.landing.artists
    union all
    select
        'songs' as landing_table,
        snapshot_date
    from <% database %>.landing.songs
    union all
    select
        'playlist_entries' as landing_table,
        snapshot_date
    from <% database %>.landing.playlist_entries
    union all
    select
        'playlists' as landing_table,
        snapshot_date
    from <% database %>.landing.playlists
),

retention as (
    select
        dateadd('day', -<% retention_days %>, convert_timezone('UTC', current_timestamp())::date)::date
            as kept_from_date
)

select
    current_timestamp() as purged_at,
    landed.landing_table,
    retention.kept_from_date,
    count(*) as purged_rows
from landed
inner join retention
    on landed.snapshot_date < retention.kept_from_date
group by landed.landing_table, retention.kept_from_date;

create or alter task <% database %>.ops.purge_albums
warehouse = <% warehouse %>
after <% database %>.ops.purge
as
delete from <% database %>.landing.albums
where snapshot_date < dateadd('day', -<% retention_days %>, convert_timezone('UTC', current_timestamp())::date)::date;

create or alter task <% database %>.ops.purge_artists
warehouse = <% warehouse %>
after <% database %>.ops.purge
as
delete from <% database %>.landing.artists
where snapshot_date < dateadd('day', -<% retention_days %>, convert_timezone('UTC', current_timestamp())::date)::date;

create or alter task <% database %>.ops.purge_songs
warehouse = <% warehouse %>
after <% database %>.ops.purge
as
delete from <% database %>.landing.songs
where snapshot_date < dateadd('day', -<% retention_days %>, convert_timezone('UTC', current_timestamp())::date)::date;

create or alter task <% database %>.ops.purge_playlist_entries
warehouse = <% warehouse %>
after <% database %>.ops.purge
as
delete from <% database %>.landing.playlist_entries
where snapshot_date < dateadd('day', -<% retention_days %>, convert_timezone('UTC', current_timestamp())::date)::date;

create or alter task <% database %>.ops.purge_playlists
warehouse = <% warehouse %>
after <% database %>.ops.purge
as
delete from <% database %>.landing.playlists
where snapshot_date < dateadd('day', -<% retention_days %>, convert_timezone('UTC', current_timestamp())::date)::date;

select system$task_dependents_enable('<% database %>.ops.purge');
