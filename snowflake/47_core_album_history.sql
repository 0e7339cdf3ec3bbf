-- core.album_versions -> core.album_history: one row per album and stretch of time in which what is known of it
-- stayed the same, from the date it was first seen so until it was seen otherwise (valid_to; NULL for the last); a
-- second run changes nothing. Not being seen changes nothing.
use role <% database %>_transformer;

create or alter dynamic table <% database %>.core.album_history
    target_lag = '<% target_lag %>'
    warehouse = <% warehouse %>
    refresh_mode = adaptive
    initialize = on_schedule
    comment = 'One row per album and stretch of time in which what is known of it stayed the same.'
as
with
hashed as (
    select
        album_id,
        snapshot_date,
        name,
        album_type,
        release_date_text,
        release_date_precision,
        release_date,
        total_tracks,
        label,
        popularity,
        upc,
        genres,
        artists,
        hash(
            name,
            album_type,
            release_date_text,
            release_date_precision,
            release_date,
            total_tracks,
            label,
            popularity,
            upc,
            to_json(genres),
            to_json(artists)
        ) as content
    from <% database %>.core.album_versions
),

compared as (
    select
        *,
        lag(content) over (
            partition by album_id
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
        album_id,
        snapshot_date as valid_from,
        lead(snapshot_date) over (
            partition by album_id
            order by snapshot_date
        ) as valid_to,
        name,
        album_type,
        release_date_text,
        release_date_precision,
        release_date,
        total_tracks,
        label,
        popularity,
        upc,
        genres,
        artists
    from changes
)

select * from final;
