"""Who the local Snowflake is on the AWS side."""

IAM_USER_ARN = "arn:aws:iam::000000000000:user/local-snowflake"
