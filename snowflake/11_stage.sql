-- The bucket's curated/ -> the stage all pipes read; a second run changes nothing. It is never replaced: pipes
-- refer to it, and a changed URL or integration stops them until they are made again.
use role sysadmin;

create stage if not exists <% database %>.landing.curated
    url = 's3://<% bucket %>/curated/'
    storage_integration = <% database %>_s3
    file_format = (format_name = '<% database %>.landing.parquet_files')
    comment = 'Published Parquet files, one folder per entity.';
