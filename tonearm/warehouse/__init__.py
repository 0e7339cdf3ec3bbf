"""Applies the SQL of `snowflake/` to an account and holds it to rules Snowflake enforces late."""
