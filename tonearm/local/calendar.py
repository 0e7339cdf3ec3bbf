"""Which days a session runs for."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path


@dataclass(frozen=True)
class Day:
    """One run to make: the date it stands for, and the folder Spotify serves on it (or None)."""

    logical_date: date
    catalogue: Path | None = None


def sample_days(today: date) -> list[Day]:
    """Yesterday and today of the built-in catalogue."""
    return [Day(today - timedelta(days=1)), Day(today)]
