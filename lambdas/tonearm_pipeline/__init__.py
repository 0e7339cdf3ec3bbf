"""What the Lambda functions share: Spotify, AWS stores, ledger, errors, clock, keys."""
