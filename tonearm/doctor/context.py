"""The deployed stack under examination, as every check reaches it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tonearm.runs.stack_runs import GREEN, Run, StackRuns
from tonearm.stack import Stack, read_stack

if TYPE_CHECKING:
    from tonearm.warehouse.wiring.inspect_sides import Sides

EXAMINED_RUNS = 20


@dataclass
class Context:
    """One stack.

    Attributes:
        clients: makes AWS clients by service name.
        stack_name: the stack.
        now: the time of the examination, UTC.
        sides: how to reach Snowflake as its admin; None to leave the account alone.
    """

    clients: Callable[[str], Any]
    stack_name: str
    now: datetime
    sides: "Sides | None" = field(default=None)

    @cached_property
    def stack(self) -> Stack:
        """The stack as CloudFormation describes it."""
        return read_stack(self.clients, self.stack_name)

    @cached_property
    def runs(self) -> StackRuns:
        """The stack's runs."""
        return StackRuns(self.clients, self.stack_name)

    @cached_property
    def recent(self) -> list[Run]:
        """The newest runs, newest first."""
        return self.runs.recent(EXAMINED_RUNS)

    @property
    def green(self) -> list[Run]:
        """Those of them that succeeded."""
        return [run for run in self.recent if run.status == GREEN]

    @property
    def published(self) -> list[tuple[str, dict[str, Any]]]:
        """run_id and published manifest of the last green run that published."""
        for run in self.green:
            manifest = self.runs.document(run.run_id, "manifest")
            if manifest:
                return [(run.run_id, manifest)]
        return []
