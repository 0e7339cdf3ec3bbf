"""The engine behind the server: DuckDB with a folder of database files.

fakesnow's own server keeps everything in memory and loses stages at a restart; this class is its
instance with the files attached.
"""

from dataclasses import dataclass, field
from pathlib import Path
from threading import RLock
from typing import Any

import duckdb
from fakesnow import info_schema, macros
from fakesnow.instance import FakeSnow
from fakesnow.transforms import show

from tonearm.local.snowflake_server.engine import flatten
from tonearm.local.snowflake_server.engine.clock import Clock
from tonearm.local.snowflake_server.engine.names import ObjectName, literal, quoted
from tonearm.local.snowflake_server.engine.store import Store
from tonearm.local.snowflake_server.faults import EAGER, Faults
from tonearm.local.snowflake_server.loading import load_history
from tonearm.local.snowflake_server.loading.s3_files import Files, S3Access, S3Files

GLOBAL = "_fs_global"


@dataclass(frozen=True)
class ServerOptions:
    """How the server is started."""

    data: Path | None = None
    s3: S3Access = field(default_factory=S3Access)
    notification_channel: str = ""
    schedule: str = EAGER
    region: str = "AWS_US_EAST_1"


class RecentResults(dict[str, tuple[Any, ...]]):
    """Results kept for RESULT_SCAN: the last ones only, or a long-lived server keeps them all."""

    most = 200

    def __setitem__(self, query_id: str, result: tuple[Any, ...]) -> None:
        super().__setitem__(query_id, result)
        while len(self) > self.most:
            del self[next(iter(self))]


class Engine(FakeSnow):
    """fakesnow's instance over files, with the server's own state beside it."""

    def __init__(self, options: ServerOptions, files: Files | None = None) -> None:
        self.options = options
        self.files: Files = files or S3Files(options.s3)
        self.create_database_on_connect = False  # Snowflake does not create what one connects to
        self.create_schema_on_connect = False
        self.db_path = options.data
        self.nop_regexes = None
        self.results_cache = RecentResults()
        self.duck_conn = duckdb.connect(":memory:", config={"lambda_syntax": "ENABLE_SINGLE_ARROW"})
        flatten.install()
        self.loading = RLock()  # one load at a time: a file must not be taken twice
        self.refreshing = RLock()  # one refresh at a time: they may read each other's tables
        self.changes = 0  # counts what may have changed a table, so that an unchanged one is left
        self.refreshed_at: dict[ObjectName, int] = {}  # the count at a dynamic table's last refresh
        self.translations: dict[tuple[Any, ...], str] = {}
        self.faults = Faults(options.schedule)
        self._attach_global()
        self._attach_databases()
        self.store = Store(self.duck_conn)
        self.clock = Clock(self.store.clock_offset())

    def prepare_database(self, name: str) -> None:
        """Give a new or reopened database the schemas the server keeps its notes in."""
        cursor = self.duck_conn.cursor()
        cursor.execute(info_schema.per_db_creation_sql(name))
        cursor.execute(macros.creation_sql(name))
        cursor.execute(load_history.creation_sql(name))

    def databases(self) -> list[str]:
        """Names of the databases, without the engine's own."""
        found = self.duck_conn.cursor().execute(
            "select database_name from duckdb_databases() where not internal"
        )
        return sorted(row[0] for row in found.fetchall() if row[0] not in ("memory", GLOBAL))

    def close(self) -> None:
        """Write everything to the files."""
        for name in [*self.databases(), GLOBAL]:
            self.duck_conn.execute(f"CHECKPOINT {quoted(name)}")
        self.duck_conn.close()

    def _attach_global(self) -> None:
        where = ":memory:"
        if self.options.data:
            self.options.data.mkdir(parents=True, exist_ok=True)
            where = str(self.options.data / f"{GLOBAL}.db")
        self.duck_conn.execute(f"ATTACH {literal(where)} AS {GLOBAL}")
        self.duck_conn.execute(info_schema.fs_global_creation_sql())
        self.duck_conn.execute(show.fs_global_creation_sql())
        self.duck_conn.execute(macros.creation_sql("memory"))  # for sessions without a database
        self.duck_conn.execute("SET GLOBAL TimeZone = 'UTC'")

    def _attach_databases(self) -> None:
        if not self.options.data:
            return
        for file in sorted(self.options.data.glob("*.db")):
            if file.stem != GLOBAL:
                self.duck_conn.execute(f"ATTACH {literal(str(file))} AS {quoted(file.stem)}")
                self.prepare_database(file.stem)
