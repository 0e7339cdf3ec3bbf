"""The COPY statement that brings in old files: the pipe's own, over names instead of a pattern."""

from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from confirm_load.load_status import Repair
from confirm_load.load_way import RepairKind
from confirm_load.warehouse import SnowflakeWarehouse

PIPE = (
    "copy into T.LANDING.ALBUMS from @T.LANDING.S/albums/ pattern = '.*[.]parquet' file_format=F;"
)


class Answering:
    """A connection that knows one pipe and remembers what it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.description = [SimpleNamespace(name="name"), SimpleNamespace(name="definition")]

    @contextmanager
    def cursor(self) -> Any:
        yield self

    def execute(self, sql: str, _values: object = None, *, timeout: int) -> None:
        self.asked.append(sql)

    def fetchall(self) -> list[tuple[str, str]]:
        return [("ALBUMS_PIPE", PIPE)]


def test_old_files_are_named_and_uncertain_ones_are_loaded_too() -> None:
    connection = Answering()
    keys = tuple(f"curated/albums/snapshot_date=2026-08-01/a-{n}.parquet" for n in (0, 1))

    SnowflakeWarehouse(connection, "T").repair(Repair("albums", RepairKind.COPY, "old", 0, keys))

    shown, copied = connection.asked
    assert shown == "show pipes like 'ALBUMS_PIPE' in T.LANDING"
    assert " ".join(copied.split()) == (
        "copy into T.LANDING.ALBUMS from @T.LANDING.S/albums/ file_format=F files ="
        " ('snapshot_date=2026-08-01/a-0.parquet', 'snapshot_date=2026-08-01/a-1.parquet')"
        " load_uncertain_files = true"
    )
