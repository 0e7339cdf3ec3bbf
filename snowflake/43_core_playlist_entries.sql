-- landing.playlists and landing.playlist_entries -> core.playlist_entries: one row per place of a playlist in its
-- newest read, so an emptied playlist has none; a second run changes nothing. The newest consistent read is taken;
-- one that was disturbed by an edit counts only for a playlist that has no better one.
use role <% database %>_transformer;

create or alter dynamic table <% database %>.core.playlist_entries
    target_lag = '<% target_lag %>'
    warehouse = <% warehouse %>
    refresh_mode = adaptive
    initialize = on_schedule
    comment = 'One row per place of a playlist, in its newest read.'
as
with
newest_reads as (
    select
        playlists.playlist_id,
        playlists.run_id,
        playlists.attempt
    from <% database %>.landing.playlists as playlists
    inner join <% database %>.core.run_attempts as run_attempts
        on
            playlists.run_id = run_attempts.run_id
            and playlists.attempt = run_attempts.attempt
    qualify
        row_number() over (
            partition by playlists.playlist_id
            order by
                iff(playlists.is_consistent = false, 1, 0) asc,
                playlists.snapshot_date desc,
                playlists.run_id desc,
                playlists.source_file asc,
                playlists.source_row asc
        ) = 1
),

final as (
    select
        entries.playlist_id,
        entries.position,
        entries.entry_kind,
        entries.track_id,
        entries.linked_from_track_id,
        entries.episode_id,
        entries.name,
        entries.artists,
        entries.album_name,
        entries.duration_ms,
        entries.uri,
        convert_timezone('UTC', entries.added_at) as added_at,
        entries.added_by_id,
        entries.is_local,
        entries.snapshot_id,
        entries.is_consistent,
        entries.run_id,
        entries.attempt,
        entries.snapshot_date,
        convert_timezone('UTC', entries.extracted_at) as extracted_at
    from <% database %>.landing.playlist_entries as entries
    inner join newest_reads
        on
            entries.playlist_id = newest_reads.playlist_id
            and entries.run_id = newest_reads.run_id
            and entries.attempt = newest_reads.attempt
    qualify
        row_number() over (
            partition by entries.playlist_id, entries.position
            order by entries.source_file, entries.source_row
        ) = 1
)

select * from final;
