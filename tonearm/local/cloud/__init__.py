"""The local AWS: MiniStack, with a Glue that runs real Spark and Lambda errors named as on AWS."""
