-- Landing and core -> core.rows_by_run: one row per entity, run and attempt, with the rows that were loaded and how
-- many of them core has; a second run replaces the view. Core has a row when it shows that row, or one that displaces
-- it: of a later run of the same date, or of a later attempt of the same run. From a read during which the playlist
-- changed nothing is concluded: core has it as soon as it knows a read of that playlist that is at least as new.
use role <% database %>_transformer;

create or replace view <% database %>.core.rows_by_run
copy grants
comment = 'One row per entity, run and attempt: rows loaded, and how many of them core has.'
as
with
albums_loaded as (
    select distinct
        album_id,
        run_id,
        attempt,
        snapshot_date,
        source_file,
        source_row
    from <% database %>.landing.albums
),

albums_known as (
    select
        'albums' as entity,
        loaded.run_id,
        loaded.attempt,
        coalesce(
            versions.run_id > loaded.run_id
            or (versions.run_id = loaded.run_id and versions.attempt >= loaded.attempt),
            false
        ) as is_in_core
    from albums_loaded as loaded
    left join <% database %>.core.album_versions as versions
        on
            loaded.album_id = versions.album_id
            and loaded.snapshot_date = versions.snapshot_date
),

artists_loaded as (
    select distinct
        artist_id,
        run_id,
        attempt,
        snapshot_date,
        source_file,
        source_row
    from <% database %>.landing.artists
),

artists_known as (
    select
        'artists' as entity,
        loaded.run_id,
        loaded.attempt,
        coalesce(
            versions.run_id > loaded.run_id
            or (versions.run_id = loaded.run_id and versions.attempt >= loaded.attempt),
            false
        ) as is_in_core
    from artists_loaded as loaded
    left join <% database %>.core.artist_versions as versions
        on
            loaded.artist_id = versions.artist_id
            and loaded.snapshot_date = versions.snapshot_date
),

songs_loaded as (
    select distinct
        track_id,
        run_id,
        attempt,
        snapshot_date,
        source_file,
        source_row
    from <% database %>.landing.songs
),

songs_known as (
    select
        'songs' as entity,
        loaded.run_id,
        loaded.attempt,
        coalesce(
            versions.run_id > loaded.run_id
            or (versions.run_id = loaded.run_id and versions.attempt >= loaded.attempt),
            false
        ) as is_in_core
    from songs_loaded as loaded
    left join <% database %>.core.song_versions as versions
        on
            loaded.track_id = versions.track_id
            and loaded.snapshot_date = versions.snapshot_date
),

newest_reads as (
    select
        reads.playlist_id,
        reads.run_id,
        reads.attempt,
        coalesce(
            newest.snapshot_date > reads.snapshot_date
            or (
                newest.snapshot_date = reads.snapshot_date
                and (
                    newest.run_id > reads.run_id
                    or (newest.run_id = reads.run_id and newest.attempt >= reads.attempt)
                )
            ),
            false
        ) as is_known
    from <% database %>.landing.playlists as reads
    left join <% database %>.core.playlists as newest
        on reads.playlist_id = newest.playlist_id
),

known_reads as (
    select distinct
        playlist_id,
        run_id,
        attempt
    from newest_reads
    where is_known
),

playlists_loaded as (
    select distinct
        playlist_id,
        is_consistent,
        run_id,
        attempt,
        snapshot_date,
        source_file,
        source_row
    from <% database %>.landing.playlists
),

playlists_known as (
    select
        'playlists' as entity,
        loaded.run_id,
        loaded.attempt,
        iff(
            loaded.is_consistent = false,
            known_reads.playlist_id is not null,
            coalesce(
                reads.run_id > loaded.run_id
                or (reads.run_id = loaded.run_id and reads.attempt >= loaded.attempt),
                false
            )
        ) as is_in_core
    from playlists_loaded as loaded
    left join <% database %>.core.playlist_reads as reads
        on
            loaded.playlist_id = reads.playlist_id
            and loaded.snapshot_date = reads.snapshot_date
    left join known_reads
        on
            loaded.playlist_id = known_reads.playlist_id
            and loaded.run_id = known_reads.run_id
            and loaded.attempt = known_reads.attempt
),

entries_loaded as (
    select distinct
        playlist_id,
        position,
        is_consistent,
        run_id,
        attempt,
        snapshot_date,
        source_file,
        source_row
    from <% database %>.landing.playlist_entries
),

entries_known as (
    select
        'playlist_entries' as entity,
        loaded.run_id,
        loaded.attempt,
        iff(
            loaded.is_consistent = false,
            known_reads.playlist_id is not null,
            coalesce(
                reads.run_id > loaded.run_id
                or (
                    reads.run_id = loaded.run_id
                    and reads.attempt >= loaded.attempt
                    and history.playlist_id is not null
                ),
                false
            )
        ) as is_in_core
    from entries_loaded as loaded
    left join <% database %>.core.playlist_reads as reads
        on
            loaded.playlist_id = reads.playlist_id
            and loaded.snapshot_date = reads.snapshot_date
    left join <% database %>.core.playlist_entry_history as history
        on
            loaded.playlist_id = history.playlist_id
            and loaded.position = history.position
            and loaded.snapshot_date >= history.valid_from
            and loaded.snapshot_date < coalesce(history.valid_to, '9999-12-31'::date)
    left join known_reads
        on
            loaded.playlist_id = known_reads.playlist_id
            and loaded.run_id = known_reads.run_id
            and loaded.attempt = known_reads.attempt
),

known as (
    select * from albums_known
    union all
    select * from artists_known
    union all
    select * from songs_known
    union all
    select * from playlists_known
    union all
    select * from entries_known
),

final as (
    select
        known.entity,
        known.run_id,
        known.attempt,
        count(*) as rows_loaded,
        count_if(known.is_in_core or coalesce(run_attempts.attempt > known.attempt, false)) as rows_in_core
    from known
    left join <% database %>.core.run_attempts as run_attempts
        on known.run_id = run_attempts.run_id
    group by known.entity, known.run_id, known.attempt
)

select * from final;
