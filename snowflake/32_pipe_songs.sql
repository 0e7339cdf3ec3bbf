-- S3 events under curated/songs/ -> landing.songs: one file at a time, all of it or nothing; a second run changes
-- nothing (a pipe is never replaced: its load history is what keeps files from loading twice).
use role sysadmin;

create pipe if not exists <% database %>.landing.songs_pipe
    auto_ingest = true
    <% error_integration %>
    comment = 'Loads curated/songs/ into landing.songs.'
as
copy into <% database %>.landing.songs
from @<% database %>.landing.curated/songs/
pattern = '.*[.]parquet'
file_format = (format_name = '<% database %>.landing.parquet_files')
match_by_column_name = case_insensitive
include_metadata = (
    source_file = metadata$filename,
    source_row = metadata$file_row_number,
    loaded_at = metadata$start_scan_time
)
on_error = skip_file;

-- Snowflake takes no grant on all pipes of a schema.
grant monitor, operate on pipe <% database %>.landing.songs_pipe to role <% database %>_loader;
