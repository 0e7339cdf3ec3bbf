-- Parquet files of curated/songs/ -> landing.songs: one row per row of a loaded file, append-only; a second run
-- changes nothing. No keys: a file loaded twice is harmless, core takes each (source_file, source_row) once.
use role sysadmin;

create table if not exists <% database %>.landing.songs (
    track_id varchar not null,
    name varchar,
    album_id varchar,
    disc_number number(38, 0),
    track_number number(38, 0),
    duration_ms number(38, 0),
    is_explicit boolean,
    is_playable boolean,
    popularity number(38, 0),
    isrc_text varchar,
    isrc varchar,
    linked_from_track_id varchar,
    artists array,
    spotify_url varchar,
    uri varchar,
    is_full_object boolean not null,
    run_id varchar not null,
    attempt number(38, 0) not null,
    snapshot_date date not null,
    extracted_at timestamp_tz not null,
    source_file varchar not null,
    source_row number(38, 0) not null,
    loaded_at timestamp_ltz not null
)
change_tracking = true
comment = 'One row per track seen in a run. Append-only, as loaded from S3.';
