-- S3 events under curated/playlist_entries/ -> landing.playlist_entries: one file at a time, all of it or nothing;
-- a second run changes nothing (a pipe is never replaced: its load history is what keeps files from loading
-- twice).
use role sysadmin;

create pipe if not exists <% database %>.landing.playlist_entries_pipe
    auto_ingest = true
    <% error_integration %>
    comment = 'Loads curated/playlist_entries/ into landing.playlist_entries.'
as
copy into <% database %>.landing.playlist_entries
from @<% database %>.landing.curated/playlist_entries/
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
grant monitor, operate on pipe <% database %>.landing.playlist_entries_pipe to role <% database %>_loader;
