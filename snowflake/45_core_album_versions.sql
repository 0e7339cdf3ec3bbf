-- landing.albums -> core.album_versions: one row per album and date on which it was seen, as known on that date; a
-- second run changes nothing. Playlists carry simplified objects, which say nothing of label, popularity, upc,
-- genres: those are then the newest full object's. What a full object leaves out is NULL.
use role <% database %>_transformer;

create or alter dynamic table <% database %>.core.album_versions
    target_lag = downstream
    warehouse = <% warehouse %>
    refresh_mode = adaptive
    initialize = on_schedule
    comment = 'One row per album and date on which it was seen, as known on that date.'
as
with
one_per_run as (
    select
        albums.album_id,
        albums.name,
        albums.album_type,
        albums.release_date_text,
        albums.release_date_precision,
        albums.release_date,
        albums.total_tracks,
        albums.label,
        albums.popularity,
        albums.upc,
        albums.genres,
        albums.artists,
        albums.image_url,
        albums.spotify_url,
        albums.uri,
        albums.is_full_object,
        albums.run_id,
        albums.attempt,
        albums.snapshot_date,
        convert_timezone('UTC', albums.extracted_at) as extracted_at,
        albums.source_file,
        albums.source_row
    from <% database %>.landing.albums as albums
    inner join <% database %>.core.run_attempts as run_attempts
        on
            albums.run_id = run_attempts.run_id
            and albums.attempt = run_attempts.attempt
    qualify
        row_number() over (
            partition by albums.album_id, albums.run_id
            order by albums.source_file, albums.source_row
        ) = 1
),

with_full_reads as (
    select
        *,
        sum(iff(is_full_object, 1, 0)) over (
            partition by album_id
            order by snapshot_date, run_id
            rows between unbounded preceding and current row
        ) as full_reads
    from one_per_run
),

known as (
    select
        album_id,
        name,
        album_type,
        release_date_text,
        release_date_precision,
        release_date,
        total_tracks,
        iff(full_reads = 0, label, first_value(label) over (
            partition by album_id, full_reads
            order by snapshot_date, run_id
        )) as label,
        iff(full_reads = 0, popularity, first_value(popularity) over (
            partition by album_id, full_reads
            order by snapshot_date, run_id
        )) as popularity,
        iff(full_reads = 0, upc, first_value(upc) over (
            partition by album_id, full_reads
            order by snapshot_date, run_id
        )) as upc,
        iff(full_reads = 0, genres, first_value(genres) over (
            partition by album_id, full_reads
            order by snapshot_date, run_id
        )) as genres,
        artists,
        image_url,
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
            partition by album_id, snapshot_date
            order by run_id desc
        ) = 1
)

select * from final;
