"""A Snowflake for one machine: fakesnow's engine behind Snowflake's own wire protocol.

It runs the project's SQL unmodified through the real connector. Rules of the real service come
from its documentation, named where they are applied; what cannot be followed is refused with error
000002, never answered differently. Privileges are recorded, not enforced.
"""
