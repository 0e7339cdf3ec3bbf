-- All landing tables -> mart.runs_and_freshness: one row per run, with the rows of its highest attempt and when
-- they came; a second run replaces the view. A row that was loaded twice counts once.
use role <% database %>_transformer;

create or replace view <% database %>.mart.runs_and_freshness
copy grants
comment = 'One row per run, with the rows of its highest attempt and when they were loaded.'
as
with
landed as (
    select
        'albums' as entity,
        run_id,
        attempt,
        snapshot_date,
        source_file,
        source_row,
        loaded_at
    from <% database %>.landing.albums
    union all
    select
        'artists' as entity,
        run_id,
        attempt,
        snapshot_date,
        source_file,
        source_row,
        loaded_at
    from <% database %>.landing.artists
    union all
    select
        'songs' as entity,
        run_id,
        attempt,
        snapshot_date,
        source_file,
        source_row,
        loaded_at
    from <% database %>.landing.songs
    union all
    select
        'playlists' as entity,
        run_id,
        attempt,
        snapshot_date,
        source_file,
        source_row,
        loaded_at
    from <% database %>.landing.playlists
    union all
    select
        'playlist_entries' as entity,
        run_id,
        attempt,
        snapshot_date,
        source_file,
        source_row,
        loaded_at
    from <% database %>.landing.playlist_entries
),

each_once as (
    select
        landed.entity,
        landed.run_id,
        landed.attempt,
        landed.snapshot_date,
        landed.source_file,
        landed.source_row,
        min(landed.loaded_at) as loaded_at
    from landed
    inner join <% database %>.core.run_attempts as run_attempts
        on
            landed.run_id = run_attempts.run_id
            and landed.attempt = run_attempts.attempt
    group by
        landed.entity,
        landed.run_id,
        landed.attempt,
        landed.snapshot_date,
        landed.source_file,
        landed.source_row
),

final as (
    select
        run_id,
        attempt,
        snapshot_date,
        count_if(entity = 'albums') as albums,
        count_if(entity = 'artists') as artists,
        count_if(entity = 'songs') as songs,
        count_if(entity = 'playlists') as playlists,
        count_if(entity = 'playlist_entries') as playlist_entries,
        convert_timezone('UTC', min(loaded_at)) as first_loaded_at,
        convert_timezone('UTC', max(loaded_at)) as last_loaded_at,
        datediff('minute', max(loaded_at), current_timestamp()) as minutes_since_load
    from each_once
    group by run_id, attempt, snapshot_date
)

select * from final;
