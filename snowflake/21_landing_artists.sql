-- Parquet files of curated/artists/ -> landing.artists: one row per row of a loaded file, append-only; a second
-- run changes nothing. No keys: a file loaded twice is harmless, core takes each (source_file, source_row) once.
use role sysadmin;

create table if not exists <% database %>.landing.artists (
    artist_id varchar not null,
    name varchar,
    genres array,
    popularity number(38, 0),
    followers number(38, 0),
    image_url varchar,
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
comment = 'One row per artist credited on any track or album seen in a run. Append-only, as loaded from S3.';
