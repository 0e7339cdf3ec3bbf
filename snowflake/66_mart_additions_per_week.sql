-- core.playlist_entry_history -> mart.additions_per_week: one row per playlist and week (from Monday, UTC) in
-- which an entry was added, by the date Spotify gives; a second run replaces the view. Every entry ever seen
-- counts, also one removed since; entries without a date are left out.
use role <% database %>_transformer;

create or replace view <% database %>.mart.additions_per_week
copy grants
comment = 'One row per playlist and week in which entries were added.'
as
with
additions as (
    select distinct
        playlist_id,
        uri,
        occurrence,
        added_at,
        convert_timezone('UTC', added_at)::date as added_date
    from <% database %>.core.playlist_entry_history
    where added_at is not null
),

weekly as (
    select
        playlist_id,
        dateadd('day', 1 - dayofweekiso(added_date), added_date)::date as week_start_date,
        count(*) as additions
    from additions
    group by playlist_id, week_start_date
),

final as (
    select
        weekly.playlist_id,
        playlists.name as playlist_name,
        weekly.week_start_date,
        weekly.additions
    from weekly
    left join <% database %>.core.playlists as playlists
        on weekly.playlist_id = playlists.playlist_id
)

select * from final;
