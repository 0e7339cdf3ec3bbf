-- landing.artists -> core.artist_versions: one row per artist and date on which it was seen, as known on that
-- date; a second run changes nothing. Playlists carry simplified objects, which say nothing of genres, popularity,
-- followers, image_url: those are then the newest full object's. What a full object leaves out is NULL.
use role <% database %>_transformer;

create or alter dynamic table <% database %>.core.artist_versions
    target_lag = downstream
    warehouse = <% warehouse %>
    refresh_mode = adaptive
    initialize = on_schedule
    comment = 'One row per artist and date on which it was seen, as known on that date.'
as
with
one_per_run as (
    select
        artists.artist_id,
        artists.name,
        artists.genres,
        artists.popularity,
        artists.followers,
        artists.image_url,
        artists.spotify_url,
        artists.uri,
        artists.is_full_object,
        artists.run_id,
        artists.attempt,
        artists.snapshot_date,
        convert_timezone('UTC', artists.extracted_at) as extracted_at,
        artists.source_file,
        artists.source_row
    from <% database %>.landing.artists as artists
    inner join <% database %>.core.run_attempts as run_attempts
        on
            artists.run_id = run_attempts.run_id
            and artists.attempt = run_attempts.attempt
    qualify
        row_number() over (
            partition by artists.artist_id, artists.run_id
            order by artists.source_file, artists.source_row
        ) = 1
),

with_full_reads as (
    select
        *,
        sum(iff(is_full_object, 1, 0)) over (
            partition by artist_id
            order by snapshot_date, run_id
            rows between unbounded preceding and current row
        ) as full_reads
    from one_per_run
),

known as (
    select
        artist_id,
        name,
        iff(full_reads = 0, genres, first_value(genres) over (
            partition by artist_id, full_reads
            order by snapshot_date, run_id
        )) as genres,
        iff(full_reads = 0, popularity, first_value(popularity) over (
            partition by artist_id, full_reads
            order by snapshot_date, run_id
        )) as popularity,
        iff(full_reads = 0, followers, first_value(followers) over (
            partition by artist_id, full_reads
            order by snapshot_date, run_id
        )) as followers,
        iff(full_reads = 0, image_url, first_value(image_url) over (
            partition by artist_id, full_reads
            order by snapshot_date, run_id
        )) as image_url,
        spotify_url,
        uri,
        is_full_object,
        run_id,
        attempt,
        snapshot_date,
        extracted_at
    from with_full_reads
),

final as (
    select *
    from known
    qualify
        row_number() over (
            partition by artist_id, snapshot_date
            order by run_id desc
        ) = 1
)

select * from final;
