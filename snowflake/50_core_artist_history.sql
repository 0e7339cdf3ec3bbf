-- core.artist_versions -> core.artist_history: one row per artist and stretch of time in which what is known of it
-- stayed the same, from the date it was first seen so until it was seen otherwise (valid_to; NULL for the last); a
-- second run changes nothing. Not being seen changes nothing.
use role <% database %>_transformer;

create or alter dynamic table <% database %>.core.artist_history
    target_lag = '<% target_lag %>'
    warehouse = <% warehouse %>
    refresh_mode = adaptive
    initialize = on_schedule
    comment = 'One row per artist and stretch of time in which what is known of it stayed the same.'
as
with
hashed as (
    select
        artist_id,
        snapshot_date,
        name,
        genres,
        popularity,
        followers,
        hash(
            name,
            to_json(genres),
            popularity,
            followers
        ) as content
    from <% database %>.core.artist_versions
),

compared as (
    select
        *,
        lag(content) over (
            partition by artist_id
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
        artist_id,
        snapshot_date as valid_from,
        lead(snapshot_date) over (
            partition by artist_id
            order by snapshot_date
        ) as valid_to,
        name,
        genres,
        popularity,
        followers
    from changes
)

select * from final;
