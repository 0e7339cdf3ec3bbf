-- The stack's role and our own external id -> the right to read curated/ of the bucket, without any stored key; a
-- second run sets the same properties again. It is never replaced: stages refer to it, and a replaced one would
-- break the trust. The external id is ours, so the role's trust policy can be written before Snowflake's principal
-- is known.
use role accountadmin;

create storage integration if not exists <% database %>_s3
    type = external_stage
    enabled = true
    storage_allowed_locations = ('s3://<% bucket %>/curated/')
    storage_provider = 's3'
    storage_aws_role_arn = '<% storage_role_arn %>'
    storage_aws_external_id = '<% external_id %>'; -- noqa: PRS

alter storage integration <% database %>_s3 set
    enabled = true
    storage_aws_role_arn = '<% storage_role_arn %>'
    storage_aws_external_id = '<% external_id %>' -- noqa: PRS
    storage_allowed_locations = ('s3://<% bucket %>/curated/')
    comment = 'Tonearm reads curated/ of its bucket.';

grant usage on integration <% database %>_s3 to role sysadmin;
