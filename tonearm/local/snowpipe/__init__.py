"""Snowpipe for one machine: S3 events from a queue, each handed to the pipes it belongs to.

https://docs.snowflake.com/en/user-guide/data-load-snowpipe-auto-s3
"""
