-- core.playlist_reads and landing.playlist_entries -> core.playlist_entry_history: one row per entry and stretch
-- of reads in which it kept its place, from valid_from until the read that no longer found it there (valid_to;
-- NULL while it is there); a second run changes nothing. An entry is (playlist, uri, how many-th time that uri
-- stands in the playlist). opened_by: baseline (there at the first read), added, moved. closed_by: removed, moved,
-- or NULL while it is there. Dates are those of reads: what came and went between two reads leaves no row.
use role <% database %>_transformer;

create or alter dynamic table <% database %>.core.playlist_entry_history
    target_lag = '<% target_lag %>'
    warehouse = <% warehouse %>
    refresh_mode = adaptive
    initialize = on_schedule
    comment = 'One row per entry and stretch of reads in which it kept its place.'
as
with
entries as (
    select
        reads.playlist_id,
        reads.snapshot_date,
        reads.read_number,
        reads.next_snapshot_date,
        entries.position,
        entries.entry_kind,
        entries.uri,
        entries.track_id,
        entries.episode_id,
        entries.name,
        entries.artists,
        entries.album_name,
        entries.duration_ms,
        convert_timezone('UTC', entries.added_at) as added_at,
        entries.added_by_id,
        entries.source_file,
        entries.source_row
    from <% database %>.landing.playlist_entries as entries
    inner join <% database %>.core.playlist_reads as reads
        on
            entries.playlist_id = reads.playlist_id
            and entries.run_id = reads.run_id
            and entries.attempt = reads.attempt
    qualify
        row_number() over (
            partition by reads.playlist_id, reads.snapshot_date, entries.position
            order by entries.source_file, entries.source_row
        ) = 1
),

counted as (
    select
        *,
        row_number() over (
            partition by playlist_id, snapshot_date, uri
            order by position
        ) as occurrence
    from entries
),

with_previous as (
    select
        *,
        lag(read_number) over (
            partition by playlist_id, uri, occurrence
            order by read_number
        ) as previous_read_number,
        lag(position) over (
            partition by playlist_id, uri, occurrence
            order by read_number
        ) as previous_position
    from counted
),

in_stretches as (
    select
        *,
        sum(iff(previous_read_number = read_number - 1 and previous_position = position, 0, 1)) over (
            partition by playlist_id, uri, occurrence
            order by read_number
            rows between unbounded preceding and current row
        ) as stretch
    from with_previous
),

bounded as (
    select
        *,
        max(read_number) over (partition by playlist_id, uri, occurrence, stretch) as last_read_number,
        max(coalesce(next_snapshot_date, '9999-12-31'::date)) over (
            partition by playlist_id, uri, occurrence, stretch
        ) as ends_on
    from in_stretches
),

first_of_stretch as (
    select *
    from bounded
    qualify
        row_number() over (
            partition by playlist_id, uri, occurrence, stretch
            order by read_number
        ) = 1
),

with_next as (
    select
        *,
        lead(read_number) over (
            partition by playlist_id, uri, occurrence
            order by stretch
        ) as next_stretch_read_number
    from first_of_stretch
),

final as (
    select
        playlist_id,
        uri,
        occurrence,
        snapshot_date as valid_from,
        nullif(ends_on, '9999-12-31'::date) as valid_to,
        position,
        iff(previous_read_number = read_number - 1, previous_position, null) as previous_position,
        case
            when read_number = 1 then 'baseline'
            when previous_read_number = read_number - 1 then 'moved'
            else 'added'
        end as opened_by,
        case
            when ends_on = '9999-12-31'::date then null
            when next_stretch_read_number = last_read_number + 1 then 'moved'
            else 'removed'
        end as closed_by,
        entry_kind,
        track_id,
        episode_id,
        name,
        artists,
        album_name,
        duration_ms,
        added_at,
        added_by_id,
        source_file,
        source_row
    from with_next
)

select * from final;
