-- Nothing -> the one file format of all pipes; a second run changes nothing. The vectorized scanner implies
-- logical types (a timestamp stays a timestamp) and text that is never guessed from binary.
use role sysadmin;

create file format if not exists <% database %>.landing.parquet_files
    type = parquet
    use_vectorized_scanner = true
    comment = 'Parquet as the Glue jobs write it: snappy, timestamps in microseconds UTC.';
