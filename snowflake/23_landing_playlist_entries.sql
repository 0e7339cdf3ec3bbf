-- Parquet files of curated/playlist_entries/ -> landing.playlist_entries: one row per row of a loaded file,
-- append-only; a second run changes nothing. No keys: a file loaded twice is harmless, core takes each
-- (source_file, source_row) once.
use role sysadmin;

create table if not exists <% database %>.landing.playlist_entries (
    playlist_id varchar not null,
    position number(38, 0) not null,
    entry_kind varchar not null,
    track_id varchar,
    linked_from_track_id varchar,
    episode_id varchar,
    name varchar,
    artists array,
    album_name varchar,
    duration_ms number(38, 0),
    uri varchar,
    added_at timestamp_tz,
    added_by_id varchar,
    is_local boolean,
    snapshot_id varchar,
    is_consistent boolean,
    run_id varchar not null,
    attempt number(38, 0) not null,
    snapshot_date date not null,
    extracted_at timestamp_tz not null,
    source_file varchar not null,
    source_row number(38, 0) not null,
    loaded_at timestamp_ltz not null
)
change_tracking = true
comment = 'One row per entry of a playlist read in a run. Append-only, as loaded from S3.';
