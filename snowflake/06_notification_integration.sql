-- The stack's topic and role -> the right to tell that topic which file a pipe refused and which task failed; a second
-- run sets the same again. Without it a pipe skips a bad file in silence. Snowflake has it only in accounts hosted on
-- AWS; elsewhere the file is left out, and what a pipe refused is found by the run that follows the load.
use role accountadmin;

create notification integration if not exists <% database %>_load_errors
    enabled = true
    type = queue
    direction = outbound
    notification_provider = aws_sns
    aws_sns_topic_arn = '<% error_topic_arn %>'
    aws_sns_role_arn = '<% error_role_arn %>'
    comment = 'Tonearm: files a pipe refused, tasks that failed.';

alter notification integration <% database %>_load_errors set -- noqa: PRS
    enabled = true
    aws_sns_topic_arn = '<% error_topic_arn %>'
    aws_sns_role_arn = '<% error_role_arn %>';

grant usage on integration <% database %>_load_errors to role sysadmin;
