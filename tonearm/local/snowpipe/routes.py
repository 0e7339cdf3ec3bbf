"""Which pipes a file belongs to, read from SHOW PIPES and SHOW STAGES as on a real account."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tonearm.local.snowflake_server.loading.copy_job import parse_copy, pattern_takes

if TYPE_CHECKING:
    from snowflake.connector import SnowflakeConnection


@dataclass(frozen=True)
class Route:
    """A pipe and what it takes: everything under a URL whose rest fits a pattern."""

    pipe: str
    base_url: str
    pattern: str

    def takes(self, url: str) -> bool:
        """Whether the pipe loads a file.

        https://docs.snowflake.com/en/sql-reference/sql/create-pipe#usage-notes (PATTERN)
        """
        rest = url.removeprefix(self.base_url)
        return url.startswith(self.base_url) and pattern_takes(self.pattern, rest)


def read_routes(connection: "SnowflakeConnection") -> list[Route]:
    """The routes of every auto-ingest pipe; of paused ones too: they queue what comes."""
    stages = {
        f"{row['database_name']}.{row['schema_name']}.{row['name']}": str(row["url"])
        for row in _rows(connection, "show stages in account")
    }
    return routes_of(_rows(connection, "show pipes in account"), stages)


def routes_of(pipes: Sequence[Mapping[str, Any]], stages: Mapping[str, str]) -> list[Route]:
    """The routes of the pipes SHOW PIPES lists, by the URLs of the stages SHOW STAGES lists.

    A pipe without a notification channel is not fed by events, as on a real account.
    """
    found = []
    for row in pipes:
        job = parse_copy(row["definition"], row["database_name"], row["schema_name"])
        url = stages.get(str(job.stage))
        if url is not None and row["notification_channel"]:
            name = f'"{row["database_name"]}"."{row["schema_name"]}"."{row["name"]}"'
            found.append(Route(name, url.rstrip("/") + "/" + job.path, job.pattern))
    return found


def _rows(connection: "SnowflakeConnection", sql: str) -> list[dict[str, Any]]:
    cursor = connection.cursor()
    cursor.execute(sql)
    names = [column.name for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
