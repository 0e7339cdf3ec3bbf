"""ConfirmLoad: follows Snowpipe until every published file of a run is loaded."""
