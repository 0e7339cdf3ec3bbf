"""The parts of the page, each from the run's own documents."""

from collections.abc import Mapping
from typing import Any

from tonearm.report.documents import RunDocuments
from tonearm.report.html import Cell, Number, bars, paragraph, section, table
from tonearm.runs.receipts import SERVICES
from tonearm.screen import ENTRY_COLUMNS, LEDGER_COLUMNS

NOT_REACHED = "The run ended before this was known."


def failure(run: RunDocuments) -> str:
    """What failed and the next command; nothing for a run that did not fail."""
    if run.failure is None or run.receipt is not None:
        return ""
    told = run.failure
    lines = [
        f"{told['error']} in {told['state']}: {told['cause']}",
        told["why"],
        f"Next: {told['next_command']}",
    ]
    return section("Why it failed", *(paragraph(line) for line in lines))


def flow(run: RunDocuments) -> str:
    """How long each state took."""
    if run.receipt is None:
        return section("Flow", paragraph(NOT_REACHED))
    took = Number("receipt.seconds", run.receipt["seconds"], f"{run.receipt['seconds']:,.1f} s")
    rows = [
        (name, Number(f"receipt.state_seconds.{name}", seconds, f"{seconds:,.1f} s"))
        for name, seconds in run.receipt["state_seconds"].items()
    ]
    whole = table(("", "whole run"), [("time", took)])
    return section("Flow", whole, bars("Seconds of each state, all its visits together", rows))


def ledger(run: RunDocuments) -> str:
    """The rows of each entity at each step, and the entries of each playlist."""
    if run.ledger is None:
        return section("Ledger", paragraph(NOT_REACHED))
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
    parts = [
        paragraph(f"The ledger balances: {_yes(run.ledger['balances'])}."),
        table(("entity", *LEDGER_COLUMNS, "balances"), entities),
        bars("Rows published", curated),
    ]
    if playlists:
        parts.append(table(("playlist", *ENTRY_COLUMNS, "balances"), playlists))
    parts += [paragraph(_difference(one)) for one in run.ledger["differences"]]
    return section("Ledger", *parts)


def calls(run: RunDocuments) -> str:
    """The calls of the run, their forecast, and what the quota still gave when it began."""
    if run.receipt is None:
        return section("Calls and quota", paragraph(NOT_REACHED))
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
    return section("Calls and quota", table(("", ""), rows), bars("By endpoint", by_endpoint))


def freshness(run: RunDocuments) -> str:
    """Of when the data is, which sources were read, and what Snowpipe loaded."""
    if run.receipt is None:
        return section("Data freshness", paragraph(NOT_REACHED))
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
    parts = [table(("", ""), moments), bars("Sources", sources)]
    if run.load:
        files: list[tuple[Cell, ...]] = [
            (
                file["key"].rsplit("/", 1)[-1],
                file["status"],
                Number(f"load.files.{index}.rows_loaded", file["rows_loaded"]),
            )
            for index, file in enumerate(run.load["files"])
        ]
        parts.append(table(("file", "Snowpipe", "rows loaded"), files))
    return section("Data freshness", *parts)


def fields(run: RunDocuments) -> str:
    """In what share of the rows each optional field was present."""
    presence: Mapping[str, Mapping[str, Any]] = (run.published or {}).get("field_presence", {})
    charts = []
    for entity, columns in presence.items():
        rows = [
            (column, _share(f"manifest.field_presence.{entity}.{column}.0", count, of))
            for column, (count, of) in columns.items()
        ]
        whole = max((of for _, of in columns.values()), default=0)
        charts.append(bars(f"{entity}: rows in which the field is present", rows, whole))
    return section("Field presence", *(charts or [paragraph("Nothing was published.")]))


def cost(run: RunDocuments) -> str:
    """What the run cost by the price table."""
    found = (run.receipt or {}).get("cost")
    if run.receipt is None or found is None:
        return section("Cost", paragraph("It was not measured; `tonearm receipt` measures it."))
    rows = [(name, _dollars(f"receipt.cost.{name}", found[name])) for name in SERVICES]
    snowpipe = run.receipt["usage"]["snowpipe"]["credits"]
    totals: list[tuple[str, Cell]] = [
        (
            f"US dollars, list prices of {found['prices_as_of']}",
            _dollars("receipt.cost.total", found["total"]),
        ),
        ("Snowpipe credits", Number("receipt.usage.snowpipe.credits", snowpipe)),
    ]
    return section("Cost", table(("", ""), totals), bars("US dollars by service", rows))


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
