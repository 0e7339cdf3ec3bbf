"""Runs of a stack: start, follow, resume, read their receipts."""
