"""PublishRun: audits what the Glue jobs staged, then publishes it under deterministic names."""
