"""The table of what was applied: append-only, so it is the history of deploys too.

A subject is a SQL file, with the checksum of its statements, or a pipe, with the checksum of its
COPY as Snowflake shows it: whatever Snowflake makes of the text, a pipe made from a file that has
not changed is not taken for a changed one and never recreated over spelling.
"""

from collections.abc import Mapping

from tonearm.warehouse.wiring.session import Account


def applied(account: Account, table: str) -> dict[str, str]:
    """The newest checksum of each subject."""
    rows = account.rows_if_there(
        f"select subject, checksum from {table}"  # noqa: S608 - a name of our own
        " qualify row_number() over (partition by subject order by applied_at desc) = 1"
    )
    return {row["subject"]: row["checksum"] for row in rows}


def record(account: Account, table: str, checksums: Mapping[str, str]) -> None:
    """Append checksums; the table is made when it is not there."""
    account.run(
        f"create table if not exists {table} (subject varchar not null,"
        " checksum varchar not null, applied_at timestamp_tz not null)"
        " comment = 'One row per SQL file or pipe and deploy that changed it.'"
    )
    if not checksums:
        return
    rows = ", ".join(f"('{subject}', '{value}')" for subject, value in checksums.items())
    account.run(
        f"insert into {table} (subject, checksum, applied_at)"  # noqa: S608 - file names and hashes
        f" select column1, column2, current_timestamp() from values {rows}"
    )
