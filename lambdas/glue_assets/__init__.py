"""The custom resource that ships the Glue jobs' shared package to S3."""
