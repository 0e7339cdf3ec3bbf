"""What is remembered between runs, in DynamoDB."""
