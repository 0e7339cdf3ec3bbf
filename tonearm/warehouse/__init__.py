"""Applies the SQL of `snowflake/` to an account, and holds that SQL to rules Snowflake would enforce late."""
