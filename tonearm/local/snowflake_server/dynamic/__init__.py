"""Dynamic tables: statements, refreshes, schedules."""
