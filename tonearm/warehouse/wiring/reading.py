"""The test read: can Snowflake list the bucket, and open a file, through the integration?

https://docs.snowflake.com/en/sql-reference/functions/system_validate_storage_integration
"""

import json
from dataclasses import dataclass
from typing import Any

from tonearm.warehouse.wiring.account import Account, RefusedError
from tonearm.warehouse.wiring.findings import Finding, Kind
from tonearm.warehouse.wiring.stack import Clients
from tonearm.warehouse.wiring.wish import Names

FIX = "look at the role's trust and policy and at the integration, then run this again"


@dataclass(frozen=True)
class ReadTest:
    """How the test ended."""

    is_checked: bool
    failure: str = ""
    told: str = ""

    @property
    def findings(self) -> list[Finding]:
        """The failure as a finding."""
        if not self.failure:
            return []
        return [Finding(Kind.READ, "stage", f"Snowflake cannot read: {self.failure}", "", FIX)]


def any_key(clients: Clients, bucket: str, prefix: str) -> str:
    """The key of one file there is; empty when there is none or it may not be listed."""
    try:
        found = clients("s3").list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=1)
    except Exception:  # noqa: BLE001 - only decides whether opening a file is tested too
        return ""
    return next((str(item["Key"]) for item in found.get("Contents", [])), "")


def read_test(account: Account, names: Names, bucket: str, key: str) -> ReadTest:
    """List curated/, and open one file when there is one.

    Args:
        account: a session that may use the integration.
        names: the account's objects.
        bucket: the stack's bucket.
        key: a file under curated/; empty when there is none.
    """
    folder, _, file = key.rpartition("/")
    tries = [("list", "curated", "no-such-file")] + ([("read", folder, file)] if key else [])
    for action, path, name in tries:
        call = (
            f"select system$validate_storage_integration('{names.storage_integration}',"
            f" 's3://{bucket}/{path}/', '{name}', '{action}')"
        )
        try:
            answer = json.loads(account.value(call))
        except RefusedError as error:
            return _refused(error)
        if answer.get("status") != "success":
            return ReadTest(True, f"{action} s3://{bucket}/{path}/: {_message(answer)}")
    what = "listed the bucket and opened a file" if key else "listed the bucket (it holds no file)"
    return ReadTest(True, told=f"test read: Snowflake {what}")


def _refused(error: RefusedError) -> ReadTest:
    if error.is_unsupported:
        told = f"test read: not checked (the account has no such function: {error.reason})"
        return ReadTest(False, told=told)
    return ReadTest(True, error.reason)


def _message(answer: dict[str, Any]) -> str:
    """The reason, wherever it stands: beside the status or within the action."""
    places = [answer, answer.get("actions", {}), *_dicts(answer.get("actions", {}))]
    return next((str(p["message"]) for p in places if p.get("message")), "no reason given")


def _dicts(actions: Any) -> list[dict[str, Any]]:
    values = actions.values() if isinstance(actions, dict) else []
    return [value for value in values if isinstance(value, dict)]
