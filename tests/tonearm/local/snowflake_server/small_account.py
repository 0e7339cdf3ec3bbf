"""The SQL of a small account: one database, stage, table and pipe."""

from tests.snowflake.local_account import BUCKET

SETUP = f"""
create role loader;
create warehouse wh;
create storage integration s3_int type = external_stage enabled = true storage_provider = 's3'
    storage_aws_role_arn = 'arn:role' storage_aws_external_id = 'ours'
    storage_allowed_locations = ('s3://{BUCKET}/in/');
create notification integration errors_int enabled = true type = queue direction = outbound
    notification_provider = aws_sns aws_sns_topic_arn = 'arn:topic' aws_sns_role_arn = 'arn:role2';
create database db;
create schema db.s;
create file format db.s.parquet_ff type = parquet;
create stage db.s.files url = 's3://{BUCKET}/in/' storage_integration = s3_int
    file_format = (format_name = 'db.s.parquet_ff');
create table db.s.t (
    id varchar not null, n number(38, 0), tags array, day date, heard_at timestamp_tz,
    source_file varchar, source_row number(38, 0), loaded_at timestamp_ltz
);
"""
COPY = """copy into db.s.t
from @db.s.files/t/
pattern = '.*[.]parquet'
file_format = (format_name = 'db.s.parquet_ff')
match_by_column_name = case_insensitive
include_metadata = (
    source_file = metadata$filename,
    source_row = metadata$file_row_number,
    loaded_at = metadata$start_scan_time
)"""
BARE_COPY = COPY.replace("pattern = '.*[.]parquet'", "")
PIPE = f"""create pipe db.s.p auto_ingest = true error_integration = errors_int comment = 'loads t'
as {COPY} on_error = skip_file"""
