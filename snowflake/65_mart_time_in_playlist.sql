-- core.playlist_entry_history -> mart.time_in_playlist: one row per entry that is or was in a playlist, with the
-- days it was seen there; a second run replaces the view. Days count from the read that first showed it to the
-- read that no longer did, or to the last read while it is there; entries without a uri are left out.
use role <% database %>_transformer;

create or replace view <% database %>.mart.time_in_playlist
copy grants
comment = 'One row per entry that is or was in a playlist, with the days it was there.'
as
with
last_reads as (
    select
        playlist_id,
        max(snapshot_date) as last_read_date
    from <% database %>.core.playlist_reads
    group by playlist_id
),

stretches as (
    select
        history.playlist_id,
        history.uri,
        history.occurrence,
        history.track_id,
        history.name,
        history.valid_from,
        history.valid_to,
        history.opened_by,
        datediff('day', history.valid_from, coalesce(history.valid_to, last_reads.last_read_date)) as days
    from <% database %>.core.playlist_entry_history as history
    inner join last_reads
        on history.playlist_id = last_reads.playlist_id
    where history.uri is not null
),

counted as (
    select
        playlist_id,
        uri,
        occurrence,
        max_by(track_id, valid_from) as track_id,
        max_by(name, valid_from) as name,
        min(valid_from) as first_seen_date,
        iff(count_if(valid_to is null) > 0, null, max(valid_to)) as left_date,
        count_if(valid_to is null) > 0 as is_present,
        count_if(opened_by in ('baseline', 'added')) as times_added,
        sum(days) as days_in_playlist
    from stretches
    group by playlist_id, uri, occurrence
),

final as (
    select
        counted.playlist_id,
        playlists.name as playlist_name,
        counted.uri,
        counted.occurrence,
        counted.track_id,
        counted.name,
        counted.first_seen_date,
        counted.left_date,
        counted.is_present,
        counted.times_added,
        counted.days_in_playlist
    from counted
    left join <% database %>.core.playlists as playlists
        on counted.playlist_id = playlists.playlist_id
)

select * from final;
