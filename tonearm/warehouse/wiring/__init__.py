"""Wires a deployed stack and a Snowflake account together, and says where they have drifted."""
