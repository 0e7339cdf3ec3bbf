"""The test read: can Snowflake list the bucket, and open a file, through the integration?

https://docs.snowflake.com/en/sql-reference/functions/system_validate_storage_integration
"""

import json
import re
from dataclasses import dataclass
from typing import Any

from tonearm.findings import RUN_WIRE, Finding, Kind
from tonearm.stack import Clients
from tonearm.warehouse.wiring.options import Names
from tonearm.warehouse.wiring.session import Account, RefusedError

LOCATION = "curated/"
LIST, READ = "list", "read"
NO_FILE = "no-such-file"  # listing needs a name and opens none
OTHER_FIX = "look at the role's trust and policy and at the integration, then run this again"
# What S3, STS and Snowflake answer, and what heals it; the first that fits.
_FIXES = {
    r"not allowed|allowed.?locations": f"{RUN_WIRE}: it sets the integration's allowed locations",
    r"disabled|not enabled": f"{RUN_WIRE}: it enables the integration",
    r"assum\w* (?:aws.?)?role|sts:AssumeRole|external.?id": (
        f"{RUN_WIRE}: it has the role's trust written again; AWS may take a minute to know it"
    ),
    r"kms": "let the role decrypt with the bucket's key: `sam deploy` of the current template",
    r"NoSuchBucket": "deploy the stack that owns the bucket, `sam deploy`",
    r"NoSuchKey|404": "the file was deleted meanwhile: run this again",
    r"access.?denied|403": (
        "the role lacks s3:ListBucket or s3:GetObject: run `sam deploy` with the current template,"
        " and see that no bucket policy denies it"
    ),
}


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
        fix = next(
            (fix for words, fix in _FIXES.items() if re.search(words, self.failure, re.I)),
            OTHER_FIX,
        )
        return [Finding(Kind.READ, f"Snowflake cannot read: {self.failure}", fix, subject="stage")]


def any_key(clients: Clients, bucket: str, prefix: str) -> str:
    """The key of one file there is; empty when there is none or it may not be listed."""
    try:
        found = clients("s3").list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=1)
    except Exception:  # noqa: BLE001 - only decides whether opening a file is tested too
        return ""
    return next((str(item["Key"]) for item in found.get("Contents", [])), "")


def read_test(account: Account, names: Names, bucket: str, key: str) -> ReadTest:
    """List curated/, and open one file when there is one.

    The function takes a location of the integration's own list and nothing below it; the file's
    name goes on from there.

    Args:
        account: a session that may use the integration.
        names: the account's objects.
        bucket: the stack's bucket.
        key: a file under curated/; empty when there is none.
    """
    location = f"s3://{bucket}/{LOCATION}"
    tries = {LIST: NO_FILE} | ({READ: key.removeprefix(LOCATION)} if key else {})
    for action, file in tries.items():
        call = (
            f"select system$validate_storage_integration('{names.storage_integration}',"
            f" '{location}', '{file}', '{action}')"
        )
        try:
            answer = json.loads(account.value(call))
        except RefusedError as error:
            return _refused(error)
        except ValueError:
            return ReadTest(True, f"{action} {location}: the answer is no JSON")
        if str(answer.get("status")).lower() != "success":
            what = location if action == LIST else f"{location}{file}"
            return ReadTest(True, f"{action} {what}: {_message(answer)}")
    what = "listed the bucket and opened a file" if key else "listed the bucket (it holds no file)"
    return ReadTest(True, told=f"test read: Snowflake {what}")


def _refused(error: RefusedError) -> ReadTest:
    if error.is_unsupported:
        told = f"test read: not checked (the account has no such function: {error.reason})"
        return ReadTest(False, told=told)
    return ReadTest(True, error.reason)


def _message(answer: dict[str, Any]) -> str:
    """The reason: what an action says of itself, before what is said of all of them.

    Actions are an object by the page's examples and a list by its words.
    """
    actions = answer.get("actions") or {}
    parts = actions.values() if isinstance(actions, dict) else actions
    places = [part for part in parts if isinstance(part, dict)] + [answer]
    return next((str(p["message"]) for p in places if p.get("message")), "no reason given")
