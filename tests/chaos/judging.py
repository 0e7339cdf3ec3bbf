"""What a scenario brought into the warehouse, beside what the fault-free run brought."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from tests.e2e.local_cloud import Cloud
from tonearm.local.stack import SNOWFLAKE_DATABASE
from tonearm.warehouse.connect import connect
from tonearm_glue.contract import ENTITIES

Rows = Counter[tuple[str, ...]]

# They tell which run and file a row came with, and when: they differ from run to run.
VARYING: Final = frozenset(
    {"run_id", "attempt", "extracted_at", "source_file", "source_row", "loaded_at"}
)
_PLAYLIST: Final = re.compile(r"q\d{3}")
_ANY_PLAYLIST: Final = "q###"


class Difference(NamedTuple):
    """Rows that are missing, and rows that should not be there."""

    lost: int = 0
    doubled: int = 0


NO_DIFFERENCE: Final = Difference()


def landed(cloud: Cloud, run_ids: Iterable[str]) -> dict[str, Rows]:
    """The landing rows of each run as texts, run, files and the playlist's name left out."""
    wanted = list(run_ids)
    found: dict[str, Rows] = {run_id: Counter() for run_id in wanted}
    if not wanted:
        return found
    names = ", ".join(f"'{run_id}'" for run_id in wanted)
    with connect(cloud.stack.warehouse) as connection, connection.cursor() as cursor:
        for entity in ENTITIES:
            table = f"{SNOWFLAKE_DATABASE}.landing.{entity.name}"
            cursor.execute(f"select * from {table} where run_id in ({names})")
            columns = [column.name.lower() for column in cursor.description or ()]
            for values in cursor.fetchall():
                row = dict(zip(columns, values, strict=True))
                found[row["run_id"]][_as_texts(entity.name, row)] += 1
    return found


def difference(expected: Rows, by_run: Mapping[str, Rows]) -> Difference:
    """One run must have brought all rows; none may have brought one that is not expected."""
    missing = [(expected - rows).total() for rows in by_run.values()]
    too_many = [(rows - expected).total() for rows in by_run.values()]
    return Difference(min(missing, default=expected.total()), sum(too_many))


def modelled(exported: Mapping[str, str]) -> dict[str, Rows]:
    """The rows of the exported core and mart tables that name a playlist, by its name."""
    found: dict[str, Rows] = {}
    for table, text in exported.items():
        for row in csv.DictReader(io.StringIO(text)):
            name = _PLAYLIST.search("\n".join(row.values()))
            if name:
                found.setdefault(name[0], Counter())[_as_texts(table, row)] += 1
    return found


def _as_texts(table: str, row: Mapping[str, Any]) -> tuple[str, ...]:
    kept = [f"{name}={value}" for name, value in row.items() if name not in VARYING]
    return (table, *(_PLAYLIST.sub(_ANY_PLAYLIST, text) for text in kept))
