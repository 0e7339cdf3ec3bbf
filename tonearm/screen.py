"""What the operator sees: lines, tables, and what is going on while it goes on."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from tonearm.findings import Finding, Kind
from tonearm.runs.executions import Finished, StateVisit

if TYPE_CHECKING:  # the connector takes seconds to import
    from tonearm.warehouse.deploy import PlannedStatement

LEDGER_COLUMNS = (
    "read",
    "accepted",
    "repeats",
    "quarantined",
    "staged",
    "curated",
    "loaded",
    "warehouse",
)
ENTRY_COLUMNS = ("api_total", "songs", "episodes", "local_files", "unavailable", "malformed")
QUIET_STATES = (
    "IsReplay",
    "IsExtractDone",
    "IsTransformDone",
    "IsPublishWanted",
    "IsLoadConfirmed",
)
# Where a deploy puts things right, and what it finds there.
_PLACES = {
    "Secret": (Kind.KEY,),
    "Stack": (Kind.PARAMETER, Kind.TRUST, Kind.NOTIFICATION),
    "Snowflake": tuple(set(Kind) - {Kind.KEY, Kind.PARAMETER, Kind.TRUST, Kind.NOTIFICATION}),
}
PLAIN_WIDTH = 120


def console(*, stderr: bool = False) -> Console:
    """The terminal; where there is none, lines are wide enough for every table."""
    found = Console(stderr=stderr)
    return found if found.is_terminal else Console(stderr=stderr, width=PLAIN_WIDTH)


class Screen:
    """Prints progress: with a live line on a terminal, as plain lines elsewhere."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._printed = 0
        self._status = console.status("") if console.is_terminal else None

    def say(self, line: str) -> None:
        """One line."""
        self.console.print(line, highlight=False, markup=False, soft_wrap=True)

    def title(self, line: str) -> None:
        """A heading, after an empty line."""
        self.heading(f"\n{line}")

    def heading(self, line: str) -> None:
        """A heading."""
        self.console.print(line, style="bold", highlight=False, markup=False)

    def start_run(self, title: str) -> None:
        """Begin following an execution."""
        self.title(title)
        self._printed = 0
        if self._status:
            self._status.start()

    def show_visits(self, visits: tuple[StateVisit, ...]) -> None:
        """Print each visit that has ended since the last call; show the open ones live."""
        ended = sorted((v for v in visits if v.left_at), key=lambda v: (v.left_at, v.entered_at))
        for visit in ended[self._printed :]:
            if visit.name not in QUIET_STATES:
                self.say(visit_line(visit))
        self._printed = len(ended)
        if self._status:
            names = ", ".join(v.name for v in visits if v.left_at is None)
            self._status.update(f"{names} …")

    def end_run(self, finished: Finished) -> None:
        """Say how the execution ended."""
        if self._status:
            self._status.stop()
        word = "succeeded" if finished.is_green else f"{finished.status}: {finished.error}"
        self.say(f"  {word} in {finished.seconds:.1f} s")
        if finished.cause:
            self.say(f"  {finished.cause}")

    def ledger(self, ledger: Mapping[str, Any]) -> None:
        """The two tables of a run's ledger and whether it balances."""
        if ledger["playlists"]:
            self.table("Entries of each playlist", *_entry_rows(ledger["playlists"]))
        if any(any(row.values()) for row in ledger["entities"].values()):
            self.table("Rows at each step", *_entity_rows(ledger["entities"]))
        self.say(f"  ledger balances: {'yes' if ledger['balances'] else 'NO'}")
        for difference in ledger.get("differences", []):
            self.say(f"  difference: {difference}")

    def table(self, title: str, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """A table; numbers stand right."""
        table = Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD)
        for index, name in enumerate(header):
            is_number = bool(rows) and all(isinstance(row[index], int | None) for row in rows)
            side: Literal["left", "right"] = "right" if is_number else "left"
            table.add_column(name, justify=side, no_wrap=True, overflow="ellipsis")
        for row in rows:
            table.add_row(*("" if value is None else str(value) for value in row))
        self.console.print(table, highlight=False, markup=False)

    def plan(self, findings: list[Finding], more: list[str]) -> None:
        """What would change, by where; and what a person must do."""
        if not any(finding.action for finding in findings) and not more:
            self.heading("Nothing to change.")
        else:
            self.heading("Plan")
        for place, kinds in _PLACES.items():
            lines = [finding.plan_line for finding in findings if finding.check in kinds]
            self._listed(place, lines + (more if place == "Secret" else []))

    def status(self, findings: list[Finding], notes: list[str]) -> None:
        """The findings, or that there are none; then what was tested and what could not be."""
        for finding in findings:
            self.say(f"  {finding.line}")
        for note in notes:
            self.say(f"  {note}")
        count = len(findings)
        self.heading(f"{count} finding{'s' if count != 1 else ''}.")

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

    def show(self, statement: "PlannedStatement") -> None:
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


def visit_line(visit: StateVisit) -> str:
    """One state's line: its name, its time and the counts it handed on."""
    return f"  {visit.name:<18} {visit.seconds or 0:6.1f} s  {summary(visit.output)}".rstrip()


def summary(output: Any) -> str:
    """The numbers and words of a state's output that a person wants to see."""
    if isinstance(output, list):
        return " ".join(f"{item.get('job')}={item.get('state')}" for item in output)
    if not isinstance(output, dict):
        return ""
    flat: dict[str, Any] = {}
    for key, value in output.items():
        if isinstance(value, dict):
            flat.update(value)
        elif key in ("status", "files", "files_loaded", "changed", "state"):
            flat[key] = value
    return " ".join(f"{key}={value}" for key, value in flat.items())


def _entry_rows(playlists: Sequence[Mapping[str, Any]]) -> tuple[list[str], list[list[Any]]]:
    header = ["playlist", *ENTRY_COLUMNS, "balances"]
    rows = [
        [item["playlist_id"], *(item[name] for name in ENTRY_COLUMNS), _yes(item["balances"])]
        for item in playlists
    ]
    return header, rows


def _entity_rows(entities: Mapping[str, Mapping[str, Any]]) -> tuple[list[str], list[list[Any]]]:
    header = ["entity", *LEDGER_COLUMNS, "balances"]
    rows = [
        [name, *(row[column] for column in LEDGER_COLUMNS), _yes(row["balances"])]
        for name, row in entities.items()
    ]
    return header, rows


def _yes(value: object) -> str:
    return "yes" if value else "NO"
