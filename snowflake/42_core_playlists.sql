-- landing.playlists -> core.playlists: one row per playlist as last read; a second run changes nothing.
use role <% database %>_transformer;

create or alter dynamic table <% database %>.core.playlists
    target_lag = '<% target_lag %>'
    warehouse = <% warehouse %>
    refresh_mode = adaptive
    initialize = on_schedule
    comment = 'One row per playlist, as last read.'
as
with
final as (
    select
        playlists.playlist_id,
        playlists.name,
        playlists.description,
        playlists.owner_id,
        playlists.owner_name,
        playlists.is_public,
        playlists.is_collaborative,
        playlists.followers,
        playlists.image_url,
        playlists.spotify_url,
        playlists.uri,
        playlists.snapshot_id,
        playlists.is_consistent,
        playlists.api_total,
        playlists.songs,
        playlists.episodes,
        playlists.local_files,
        playlists.unavailable,
        playlists.malformed,
        playlists.run_id,
        playlists.attempt,
        playlists.snapshot_date,
        convert_timezone('UTC', playlists.extracted_at) as extracted_at
    from <% database %>.landing.playlists as playlists
    inner join <% database %>.core.run_attempts as run_attempts
        on
            playlists.run_id = run_attempts.run_id
            and playlists.attempt = run_attempts.attempt
    qualify
        row_number() over (
            partition by playlists.playlist_id
            order by
                playlists.snapshot_date desc,
                playlists.run_id desc,
                playlists.source_file asc,
                playlists.source_row asc
        ) = 1
)

select * from final;
