-- core.playlist_entry_history -> mart.playlist_changes: one row per entry that was added, removed or moved between
-- two reads of its playlist, dated by the read that found it so; a second run replaces the view. The first read of
-- a playlist is its baseline, not a change: its entries open ranges in the history and no rows here.
use role <% database %>_transformer;

create or replace view <% database %>.mart.playlist_changes
copy grants
comment = 'One row per entry added, removed or moved between two reads of a playlist.'
as
with
history as (
    select *
    from <% database %>.core.playlist_entry_history
),

artist_names as (
    select
        history.source_file,
        history.source_row,
        nullif(listagg(credit.value:name::varchar, ', ') within group (order by credit.index), '') as artists
    from history,
        lateral flatten(input => history.artists) as credit
    group by history.source_file, history.source_row
),

changes as (
    select
        playlist_id,
        valid_from as snapshot_date,
        opened_by as change,
        track_id,
        uri,
        name,
        previous_position as old_position,
        position as new_position,
        source_file,
        source_row
    from history
    where opened_by in ('added', 'moved')
    union all
    select
        playlist_id,
        valid_to as snapshot_date,
        closed_by as change,
        track_id,
        uri,
        name,
        position as old_position,
        null as new_position,
        source_file,
        source_row
    from history
    where closed_by = 'removed'
),

final as (
    select
        changes.playlist_id,
        playlists.name as playlist_name,
        changes.snapshot_date,
        changes.change,
        changes.track_id,
        changes.uri,
        changes.name,
        artist_names.artists,
        changes.old_position,
        changes.new_position
    from changes
    left join <% database %>.core.playlists as playlists
        on changes.playlist_id = playlists.playlist_id
    left join artist_names
        on
            changes.source_file = artist_names.source_file
            and changes.source_row = artist_names.source_row
)

select * from final;
