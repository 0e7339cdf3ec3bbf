"""`tonearm forget`: deletes what was kept of a Spotify account, on both sides, and counts it."""
