-- landing.playlists -> core.playlist_history: one row per playlist and stretch of time in which what it says of
-- itself stayed the same, from the date it was first read so until it was read otherwise (valid_to; NULL for the
-- last); a second run changes nothing. How many entries it had is in core.playlist_reads.
use role <% database %>_transformer;

create or alter dynamic table <% database %>.core.playlist_history
    target_lag = '<% target_lag %>'
    warehouse = <% warehouse %>
    refresh_mode = adaptive
    initialize = on_schedule
    comment = 'One row per playlist and stretch of time in which what it says of itself stayed the same.'
as
with
newest_per_date as (
    select
        playlists.playlist_id,
        playlists.snapshot_date,
        playlists.name,
        playlists.description,
        playlists.owner_id,
        playlists.owner_name,
        playlists.is_public,
        playlists.is_collaborative,
        playlists.followers
    from <% database %>.landing.playlists as playlists
    inner join <% database %>.core.run_attempts as run_attempts
        on
            playlists.run_id = run_attempts.run_id
            and playlists.attempt = run_attempts.attempt
    qualify
        row_number() over (
            partition by playlists.playlist_id, playlists.snapshot_date
            order by playlists.run_id desc, playlists.source_file asc, playlists.source_row asc
        ) = 1
),

hashed as (
    select
        *,
        hash(
            name,
            description,
            owner_id,
            owner_name,
            is_public,
            is_collaborative,
            followers
        ) as content
    from newest_per_date
),

compared as (
    select
        *,
        lag(content) over (
            partition by playlist_id
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
        playlist_id,
        snapshot_date as valid_from,
        lead(snapshot_date) over (
            partition by playlist_id
            order by snapshot_date
        ) as valid_to,
        name,
        description,
        owner_id,
        owner_name,
        is_public,
        is_collaborative,
        followers
    from changes
)

select * from final;
