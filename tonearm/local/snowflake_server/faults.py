"""What a test may switch: how the clock drives refreshes and tasks, and which of them fail."""

from dataclasses import dataclass, field
from typing import Any

EAGER = "eager"  # every read finds what has changed refreshed: target lag scaled to nothing
CLOCK = "clock"  # refreshed when the target lag has passed on the server's clock
OFF = "off"  # nothing is refreshed but by hand
SCHEDULES = (EAGER, CLOCK, OFF)


@dataclass
class Faults:
    """The switches of one account; not part of Snowflake.

    Attributes:
        schedule: when dynamic tables are refreshed by themselves.
        failing: qualified names of the dynamic tables and tasks that fail when they run.
        refresh_seconds: how much longer the refresh of each dynamic table takes.
    """

    schedule: str = EAGER
    failing: set[str] = field(default_factory=set)
    refresh_seconds: float = 0.0

    def switch(self, changes: dict[str, Any]) -> None:
        """Apply changes by name.

        Raises:
            ValueError: a switch or a value nobody knows.
        """
        if unknown := changes.keys() - {"schedule", "failing", "refresh_seconds"}:
            raise ValueError(f"no such switch: {', '.join(sorted(unknown))}")
        if (schedule := changes.get("schedule", self.schedule)) not in SCHEDULES:
            raise ValueError(f"schedule: {schedule} is none of {', '.join(SCHEDULES)}")
        self.schedule = schedule
        self.refresh_seconds = float(changes.get("refresh_seconds", self.refresh_seconds))
        if "failing" in changes:
            self.failing = {str(name).upper() for name in changes["failing"]}

    def told(self) -> dict[str, Any]:
        """The switches as they stand."""
        return {
            "schedule": self.schedule,
            "failing": sorted(self.failing),
            "refresh_seconds": self.refresh_seconds,
        }
