-- landing.playlists -> core.playlist_reads: one row per playlist and date, the newest read of that date from which
-- things may be concluded; a second run changes nothing. A read during which the playlist changed (is_consistent =
-- false) is left out: nothing is concluded from it, and the range goes on to the next good read.
use role <% database %>_transformer;

create or alter dynamic table <% database %>.core.playlist_reads
    target_lag = '<% target_lag %>'
    warehouse = <% warehouse %>
    refresh_mode = adaptive
    initialize = on_schedule
    comment = 'One row per playlist and date: the newest consistent read of that date, numbered from the first.'
as
with
newest_per_date as (
    select
        playlists.playlist_id,
        playlists.snapshot_date,
        playlists.run_id,
        playlists.attempt,
        playlists.snapshot_id,
        playlists.api_total,
        playlists.songs,
        playlists.episodes,
        playlists.local_files,
        playlists.unavailable,
        playlists.malformed,
        convert_timezone('UTC', playlists.extracted_at) as extracted_at
    from <% database %>.landing.playlists as playlists
    inner join <% database %>.core.run_attempts as run_attempts
        on
            playlists.run_id = run_attempts.run_id
            and playlists.attempt = run_attempts.attempt
    where playlists.is_consistent is distinct from false
    qualify
        row_number() over (
            partition by playlists.playlist_id, playlists.snapshot_date
            order by playlists.run_id desc, playlists.source_file asc, playlists.source_row asc
        ) = 1
),

final as (
    select
        playlist_id,
        snapshot_date,
        row_number() over (
            partition by playlist_id
            order by snapshot_date
        ) as read_number,
        lead(snapshot_date) over (
            partition by playlist_id
            order by snapshot_date
        ) as next_snapshot_date,
        run_id,
        attempt,
        snapshot_id,
        api_total,
        songs,
        episodes,
        local_files,
        unavailable,
        malformed,
        extracted_at
    from newest_per_date
)

select * from final;
