-- landing.songs -> core.song_versions: one row per song and date on which it was seen, as known on that date; a
-- second run changes nothing. Playlists carry simplified objects, which say nothing of popularity, isrc_text,
-- isrc: those are then the newest full object's. What a full object leaves out is NULL.
use role <% database %>_transformer;

create or alter dynamic table <% database %>.core.song_versions
    target_lag = downstream
    warehouse = <% warehouse %>
    refresh_mode = adaptive
    initialize = on_schedule
    comment = 'One row per song and date on which it was seen, as known on that date.'
as
with
one_per_run as (
    select
        songs.track_id,
        songs.name,
        songs.album_id,
        songs.disc_number,
        songs.track_number,
        songs.duration_ms,
        songs.is_explicit,
        songs.is_playable,
        songs.popularity,
        songs.isrc_text,
        songs.isrc,
        songs.linked_from_track_id,
        songs.artists,
        songs.spotify_url,
        songs.uri,
        songs.is_full_object,
        songs.run_id,
        songs.attempt,
        songs.snapshot_date,
        convert_timezone('UTC', songs.extracted_at) as extracted_at,
        songs.source_file,
        songs.source_row
    from <% database %>.landing.songs as songs
    inner join <% database %>.core.run_attempts as run_attempts
        on
            songs.run_id = run_attempts.run_id
            and songs.attempt = run_attempts.attempt
    qualify
        row_number() over (
            partition by songs.track_id, songs.run_id
            order by songs.source_file, songs.source_row
        ) = 1
),

with_full_reads as (
    select
        *,
        sum(iff(is_full_object, 1, 0)) over (
            partition by track_id
            order by snapshot_date, run_id
            rows between unbounded preceding and current row
        ) as full_reads
    from one_per_run
),

known as (
    select
        track_id,
        name,
        album_id,
        disc_number,
        track_number,
        duration_ms,
        is_explicit,
        is_playable,
        iff(full_reads = 0, popularity, first_value(popularity) over (
            partition by track_id, full_reads
            order by snapshot_date, run_id
        )) as popularity,
        iff(full_reads = 0, isrc_text, first_value(isrc_text) over (
            partition by track_id, full_reads
            order by snapshot_date, run_id
        )) as isrc_text,
        iff(full_reads = 0, isrc, first_value(isrc) over (
            partition by track_id, full_reads
            order by snapshot_date, run_id
        )) as isrc,
        linked_from_track_id,
        artists,
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
            partition by track_id, snapshot_date
            order by run_id desc
        ) = 1
)

select * from final;
