"""The parts of the page, each from the run's own documents."""

from collections.abc import Mapping
from typing import Any

from tonearm.report.documents import RunDocuments
from tonearm.report.parts import Bars, Cell, Number, Part, Section, Table
from tonearm.runs.receipts import SERVICES
from tonearm.screen import ENTRY_COLUMNS, LEDGER_COLUMNS

NOT_REACHED = "The run ended before this was known."


def of_run(run: RunDocuments) -> list[Section]:
    """Every part of a run's page, in order; why it failed only of a run that did."""
    made = [_flow, _ledger, _calls, _freshness, _fields, _cost]
    has_failed = run.failure is not None and run.receipt is None
    return [make(run) for make in ([_failure, *made] if has_failed else made)]


def _failure(run: RunDocuments) -> Section:
    """What failed and the next command."""
    told = run.failure or {}
    lines: list[Part] = [
        f"{told['error']} in {told['state']}: {told['cause']}",
        told["why"],
        f"Next: {told['next_command']}",
    ]
    return Section("Why it failed", lines)


def _flow(run: RunDocuments) -> Section:
    """How long each state took."""
    if run.receipt is None:
        return Section("Flow", [NOT_REACHED])
    took = Number("receipt.seconds", run.receipt["seconds"], f"{run.receipt['seconds']:,.1f} s")
    rows = [
        (name, Number(f"receipt.state_seconds.{name}", seconds, f"{seconds:,.1f} s"))
        for name, seconds in run.receipt["state_seconds"].items()
    ]
    whole = Table(("", "whole run"), [("time", took)])
    return Section("Flow", [whole, Bars("Seconds of each state, all its visits together", rows)])


def _ledger(run: RunDocuments) -> Section:
    """The rows of each entity at each step, and the entries of each playlist."""
    if run.ledger is None:
        return Section("Ledger", [NOT_REACHED])
    entities: list[list[Cell]] = [
        [
            name,
            *(Number(f"ledger.entities.{name}.{step}", line[step]) for step in LEDGER_COLUMNS),
            _yes(line["balances"]),
        ]
        for name, line in run.ledger["entities"].items()
    ]
    playlists: list[list[Cell]] = [
        [
            line["playlist_id"],
            *(Number(f"ledger.playlists.{index}.{kind}", line[kind]) for kind in ENTRY_COLUMNS),
            _yes(line["balances"]),
        ]
        for index, line in enumerate(run.ledger["playlists"])
    ]
    curated = [
        (name, Number(f"ledger.entities.{name}.curated", line["curated"]))
        for name, line in run.ledger["entities"].items()
    ]
    parts: list[Part] = [
        f"The ledger balances: {_yes(run.ledger['balances'])}.",
        Table(("entity", *LEDGER_COLUMNS, "balances"), entities),
        Bars("Rows published", curated),
    ]
    if playlists:
        parts.append(Table(("playlist", *ENTRY_COLUMNS, "balances"), playlists))
    parts += [_difference(one) for one in run.ledger["differences"]]
    return Section("Ledger", parts)


def _calls(run: RunDocuments) -> Section:
    """The calls of the run, their forecast, and what the quota still gave when it began."""
    if run.receipt is None:
        return Section("Calls and quota", [NOT_REACHED])
    found = run.receipt["calls"]
    rows: list[tuple[str, Cell]] = [
        ("calls made", Number("receipt.calls.total", found["total"])),
        ("calls forecast", Number("receipt.calls.forecast", found["forecast"])),
        ("seconds waited", Number("receipt.calls.waited_seconds", found["waited_seconds"])),
    ]
    if run.plan:
        left = run.plan["forecast"]["calls_left"]
        rows.append(("calls left in the quota at the start", Number(_LEFT, left)))
    by_endpoint = [
        (endpoint, Number(f"receipt.calls.by_endpoint.{endpoint}", count))
        for endpoint, count in found["by_endpoint"].items()
    ]
    return Section("Calls and quota", [Table(("", ""), rows), Bars("By endpoint", by_endpoint)])


def _freshness(run: RunDocuments) -> Section:
    """Of when the data is, which sources were read, and what Snowpipe loaded."""
    if run.receipt is None:
        return Section("Data freshness", [NOT_REACHED])
    receipt = run.receipt
    moments: list[tuple[str, Cell]] = [
        ("snapshot date", receipt["snapshot_date"]),
        ("started", receipt["started_at"]),
        ("finished", receipt["finished_at"]),
    ]
    sources = [
        (name, Number(f"receipt.sources.{name}", count))
        for name, count in receipt["sources"].items()
    ]
    parts: list[Part] = [Table(("", ""), moments), Bars("Sources", sources)]
    if run.load:
        files: list[tuple[Cell, ...]] = [
            (
                file["key"].rsplit("/", 1)[-1],
                file["status"],
                Number(f"load.files.{index}.rows_loaded", file["rows_loaded"]),
            )
            for index, file in enumerate(run.load["files"])
        ]
        parts.append(Table(("file", "Snowpipe", "rows loaded"), files))
    return Section("Data freshness", parts)


def _fields(run: RunDocuments) -> Section:
    """In what share of the rows each optional field was present."""
    presence: Mapping[str, Mapping[str, Any]] = (run.published or {}).get("field_presence", {})
    charts: list[Part] = []
    for entity, columns in presence.items():
        rows = [
            (column, _share(f"manifest.field_presence.{entity}.{column}.0", count, of))
            for column, (count, of) in columns.items()
        ]
        whole = max((of for _, of in columns.values()), default=0)
        charts.append(Bars(f"{entity}: rows in which the field is present", rows, whole))
    return Section("Field presence", charts or ["Nothing was published."])


def _cost(run: RunDocuments) -> Section:
    """What the run cost by the price table."""
    found = (run.receipt or {}).get("cost")
    if run.receipt is None or found is None:
        return Section("Cost", ["It was not measured; `tonearm receipt` measures it."])
    rows = [(name, _dollars(f"receipt.cost.{name}", found[name])) for name in SERVICES]
    snowpipe = run.receipt["usage"]["snowpipe"]["credits"]
    totals: list[tuple[str, Cell]] = [
        (
            f"US dollars, list prices of {found['prices_as_of']}",
            _dollars("receipt.cost.total", found["total"]),
        ),
        ("Snowpipe credits", Number("receipt.usage.snowpipe.credits", snowpipe)),
    ]
    return Section("Cost", [Table(("", ""), totals), Bars("US dollars by service", rows)])


_LEFT = "plan.forecast.calls_left"


def _share(source: str, count: int, of: int) -> Number:
    return Number(source, count, f"{count:,} of {of:,}")


def _dollars(source: str, value: float) -> Number:
    return Number(source, value, f"${value:.6f}")


def _difference(line: Mapping[str, Any]) -> str:
    told = ", ".join(f"{name} {value}" for name, value in line.items() if value not in ("", None))
    return f"Difference: {told}"


def _yes(value: object) -> str:
    return "yes" if value else "NO"
