"""Tonearm: the operator's command line and the one-machine runtime."""
