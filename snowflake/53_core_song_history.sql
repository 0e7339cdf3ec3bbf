-- core.song_versions -> core.song_history: one row per song and stretch of time in which what is known of it
-- stayed the same, from the date it was first seen so until it was seen otherwise (valid_to; NULL for the last); a
-- second run changes nothing. Not being seen changes nothing.
use role <% database %>_transformer;

create or alter dynamic table <% database %>.core.song_history
    target_lag = '<% target_lag %>'
    warehouse = <% warehouse %>
    refresh_mode = adaptive
    initialize = on_schedule
    comment = 'One row per song and stretch of time in which what is known of it stayed the same.'
as
with
hashed as (
    select
        track_id,
        snapshot_date,
        name,
        album_id,
        disc_number,
        track_number,
        duration_ms,
        is_explicit,
        is_playable,
        popularity,
        isrc,
        artists,
        hash(
            name,
            album_id,
            disc_number,
            track_number,
            duration_ms,
            is_explicit,
            is_playable,
            popularity,
            isrc,
            to_json(artists)
        ) as content
    from <% database %>.core.song_versions
),

compared as (
    select
        *,
        lag(content) over (
            partition by track_id
            order by snapshot_date
        ) as previous_content
    from hashed
),

changes as (
    select *
    from compared
    where content is distinct from previous_content
),

final as (
    select
        track_id,
        snapshot_date as valid_from,
        lead(snapshot_date) over (
            partition by track_id
            order by snapshot_date
        ) as valid_to,
        name,
        album_id,
        disc_number,
        track_number,
        duration_ms,
        is_explicit,
        is_playable,
        popularity,
        isrc,
        artists
    from changes
)

select * from final;
