"""The built-in catalogue: made-up music that changes from day to day."""
