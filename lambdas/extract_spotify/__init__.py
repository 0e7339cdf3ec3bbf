"""ExtractSpotify: walks the Web API and writes raw pages to S3."""
