"""An account in this process: the local server's engine over a folder instead of S3, no HTTP."""

import hashlib
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.snowflake.landing_rows import parquet_schema
from tonearm.local.snowflake_server.engine.engine import Engine, ServerOptions
from tonearm.local.snowflake_server.engine.session import Session, keep_numbers_whole
from tonearm.local.snowflake_server.loading.s3_files import FileMissingError, StagedFile
from tonearm.local.snowflake_server.statements.router import Statements
from tonearm.local.snowflake_server.statements.system_functions import INGEST
from tonearm.warehouse.deploy import PlannedStatement, plan
from tonearm_glue.contract import PARQUET_CODEC, Entity

BUCKET = "tonearm-test"
VALUES = {
    "bucket": BUCKET,
    "storage_role_arn": "arn:aws:iam::000000000000:role/tonearm-storage",
    "external_id": "tonearm-test-external-id",
    "error_topic_arn": "arn:aws:sns:us-east-1:000000000000:tonearm-errors",
    "error_role_arn": "arn:aws:iam::000000000000:role/tonearm-errors",
    "rsa_public_key": "MIIB",
}


@dataclass
class FolderFiles:
    """Staged files that lie in a folder: s3://BUCKET/KEY is folder/KEY."""

    folder: Path
    modified: dict[str, datetime] = field(default_factory=dict)

    def put(self, key: str, content: bytes) -> str:
        """Stage a file; its URL."""
        path = self.folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return f"s3://{BUCKET}/{key}"

    def listed(self, prefix_url: str) -> Iterator[StagedFile]:
        """Every file whose URL starts with the given one."""
        for path in sorted(self.folder.rglob("*")):
            url = f"s3://{BUCKET}/{path.relative_to(self.folder)}"
            if path.is_file() and url.startswith(prefix_url):
                yield self._file(url, path)

    def one(self, url: str) -> StagedFile:
        """One file."""
        path = self._path(url)
        if not path.is_file():
            raise FileMissingError(url)
        return self._file(url, path)

    @contextmanager
    def local_copy(self, file: StagedFile) -> Iterator[str]:
        """The file itself."""
        yield str(self._path(file.url))

    def _path(self, url: str) -> Path:
        return self.folder / url.removeprefix(f"s3://{BUCKET}/")

    def _file(self, url: str, path: Path) -> StagedFile:
        content = path.read_bytes()
        modified = self.modified.get(url) or datetime.now(UTC)
        key = hashlib.md5(content, usedforsecurity=False).hexdigest()
        return StagedFile(url, len(content), key, modified)


class LocalAccount:
    """One account with one session."""

    def __init__(
        self,
        folder: Path,
        data: Path | None = None,
        channel: str = "arn:queue",
        region: str = "AWS_US_EAST_1",
    ) -> None:
        keep_numbers_whole()
        self.files = FolderFiles(folder)
        options = ServerOptions(data=data, notification_channel=channel, region=region)
        self.engine = Engine(options, self.files)
        self.statements = Statements(self.engine)
        self.session = Session(self.engine, self.statements)

    def deploy(self, values: Mapping[str, str] = VALUES) -> None:
        """Apply the project's SQL."""
        for statement in plan(values):
            self.run(statement.sql)

    def reset(self) -> None:
        """Empty the landing tables and recreate the pipes, which then remember nothing."""
        for statement in self._pipe_statements():
            entity = statement.file.removesuffix(".sql").split("_pipe_")[1]
            self.run(f"truncate table tonearm.landing.{entity}")
            self.run(f"drop pipe tonearm.landing.{entity}_pipe")
            self.run(statement.sql)

    def recreate_pipe(self, entity: str) -> None:
        """Drop one pipe and create it again: its load history is gone, the rows stay."""
        self.run(f"drop pipe tonearm.landing.{entity}_pipe")
        (statement,) = [
            s for s in self._pipe_statements() if s.file.endswith(f"_pipe_{entity}.sql")
        ]
        self.run(statement.sql)

    def _pipe_statements(self) -> list[PlannedStatement]:
        return [s for s in self._plan if s.title.lower().startswith("create pipe")]

    @cached_property
    def _plan(self) -> list[PlannedStatement]:
        return plan(VALUES)

    def run(self, sql: str) -> None:
        """Run a statement."""
        self.session.cursor().execute(sql)

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """The rows of a query, column names in lower case."""
        cursor = self.session.cursor()
        cursor.execute(sql)
        names = [name.lower() for name in cursor.table.column_names]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def value(self, sql: str) -> Any:
        """The first value of a query."""
        (row,) = self.rows(sql)
        return next(iter(row.values()))

    def put(self, entity: Entity, rows: Sequence[Mapping[str, Any]], key: str) -> str:
        """Stage rows as a Parquet file of an entity; its URL."""
        return self.files.put(f"curated/{entity.name}/{key}", parquet(entity, rows))

    def ingest(self, entity: str, url: str) -> dict[str, Any]:
        """Hand a file to an entity's pipe, as an S3 event does."""
        told = self.value(f"select {INGEST}('TONEARM.LANDING.{entity.upper()}_PIPE', '{url}')")
        answer: dict[str, Any] = json.loads(told)
        return answer

    def close(self) -> None:
        """End the session and the engine."""
        self.session.close()
        self.engine.close()


def parquet(entity: Entity, rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Rows as a Parquet file with the entity's schema."""
    table = pa.Table.from_pylist([dict(row) for row in rows], schema=parquet_schema(entity))
    sink = io.BytesIO()
    pq.write_table(table, sink, compression=PARQUET_CODEC)
    return sink.getvalue()


@contextmanager
def deployed_account(folder: Path) -> Iterator[LocalAccount]:
    """An account over a folder with all of the project's SQL applied."""
    account = LocalAccount(folder)
    try:
        account.deploy()
        yield account
    finally:
        account.close()
