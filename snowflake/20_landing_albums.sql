-- Parquet files of curated/albums/ -> landing.albums: one row per row of a loaded file, append-only; a second run
-- changes nothing. No keys: a file loaded twice is harmless, core takes each (source_file, source_row) once.
use role sysadmin;

create table if not exists <% database %>.landing.albums (
    album_id varchar not null,
    name varchar,
    album_type varchar,
    release_date_text varchar,
    release_date_precision varchar,
    release_date date,
    total_tracks number(38, 0),
    label varchar,
    popularity number(38, 0),
    upc varchar,
    genres array,
    artists array,
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
comment = 'One row per album seen in a run. Append-only, as loaded from S3.';
