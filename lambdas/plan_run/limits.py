"""Refuses a run whose forecast is above what the stack allows."""

from collections.abc import Mapping
from dataclasses import dataclass

from tonearm_pipeline.errors import RunTooLargeError


@dataclass(frozen=True)
class RunLimits:
    """What one run may take; 0 is no limit.

    Attributes:
        calls: Spotify API calls.
        dollars: AWS costs by the price table.
    """

    calls: int = 0
    dollars: float = 0.0

    def check(self, forecast: Mapping[str, float]) -> None:
        """Let a forecast pass.

        Raises:
            RunTooLargeError: names each limit that it is above, and by which figures.
        """
        problems = []
        if self.calls and forecast["calls_needed"] > self.calls:
            problems.append(
                f"it needs {forecast['calls_needed']:,} calls, MaxCallsPerRun allows {self.calls:,}"
            )
        if self.dollars and forecast["cost"] > self.dollars:
            problems.append(
                f"it costs about ${forecast['cost']:.2f}, MaxCostPerRun allows ${self.dollars:.2f}"
            )
        if problems:
            raise RunTooLargeError(f"the run was not begun: {'; '.join(problems)}")
