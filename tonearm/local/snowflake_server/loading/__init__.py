"""Stages, pipes, COPY and the load history."""
