"""What the operator sees of a deploy: lines, and on a terminal a bar while statements run."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from tonearm.findings import Finding, Kind
from tonearm.warehouse.deploy import PlannedStatement

PLACES = {
    "Secret": (Kind.KEY,),
    "Stack": (Kind.PARAMETER, Kind.TRUST, Kind.NOTIFICATION),
    "Snowflake": tuple(set(Kind) - {Kind.KEY, Kind.PARAMETER, Kind.TRUST, Kind.NOTIFICATION}),
}


class Screen:
    """Prints lines as they are."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(soft_wrap=True)

    def say(self, line: str) -> None:
        """One line."""
        self.console.print(line, highlight=False, markup=False)

    def title(self, line: str) -> None:
        """A heading."""
        self.console.print(line, style="bold", highlight=False, markup=False)

    def plan(self, findings: list[Finding], more: list[str]) -> None:
        """What would change, by where; and what a person must do."""
        if not any(finding.action for finding in findings) and not more:
            self.title("Nothing to change.")
        else:
            self.title("Plan")
        for place, kinds in PLACES.items():
            lines = [finding.plan_line for finding in findings if finding.check in kinds]
            self._listed(place, lines + (more if place == "Secret" else []))

    def status(self, findings: list[Finding], notes: list[str]) -> None:
        """The findings, or that there are none; then what was tested and what could not be."""
        for finding in findings:
            self.say(f"  {finding.line}")
        for note in notes:
            self.say(f"  {note}")
        count = len(findings)
        self.title(f"{count} finding{'s' if count != 1 else ''}.")

    @contextmanager
    def statements(self) -> "Iterator[Statements]":
        """Follows statements; one line per file where there is no terminal."""
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        off = not self.console.is_terminal
        bar = Progress(*columns, console=self.console, transient=True, disable=off)
        with bar as progress:
            yield Statements(self, progress)

    def _listed(self, place: str, lines: list[str]) -> None:
        if lines:
            self.say(f"  {place}")
        for line in lines:
            self.say(f"    ~ {line}")


class Statements:
    """The bar of one application of the SQL."""

    def __init__(self, screen: Screen, progress: Progress) -> None:
        self._screen = screen
        self._progress = progress
        self._task = progress.add_task("SQL", total=None)
        self._file = ""

    def show(self, statement: PlannedStatement) -> None:
        """A statement is about to run."""
        self._progress.update(
            self._task,
            total=statement.total,
            completed=statement.done,
            description=f"{statement.file}: {statement.title}"[:72],
        )
        if statement.file != self._file and not self._screen.console.is_terminal:
            self._screen.say(f"  {statement.file} ({statement.done}/{statement.total})")
        self._file = statement.file
