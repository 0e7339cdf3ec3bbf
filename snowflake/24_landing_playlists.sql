-- Parquet files of curated/playlists/ -> landing.playlists: one row per row of a loaded file, append-only; a
-- second run changes nothing. No keys: a file loaded twice is harmless, core takes each (source_file, source_row)
-- once.
use role sysadmin;

create table if not exists <% database %>.landing.playlists (
    playlist_id varchar not null,
    name varchar,
    description varchar,
    owner_id varchar,
    owner_name varchar,
    is_public boolean,
    is_collaborative boolean,
    followers number(38, 0),
    image_url varchar,
    spotify_url varchar,
    uri varchar,
    snapshot_id varchar,
    is_consistent boolean,
    api_total number(38, 0) not null,
    songs number(38, 0) not null,
    episodes number(38, 0) not null,
    local_files number(38, 0) not null,
    unavailable number(38, 0) not null,
    malformed number(38, 0) not null,
    run_id varchar not null,
    attempt number(38, 0) not null,
    snapshot_date date not null,
    extracted_at timestamp_tz not null,
    source_file varchar not null,
    source_row number(38, 0) not null,
    loaded_at timestamp_ltz not null
)
change_tracking = true
comment = 'One row per playlist read in a run. Append-only, as loaded from S3.';
