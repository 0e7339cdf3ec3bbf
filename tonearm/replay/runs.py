"""Which past runs there are to replay, and what each of them has published."""

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tonearm.errors import OperatorError
from tonearm_pipeline.keys import RAW_PREFIX, load_key, published_manifest_key, raw_manifest_key

_READERS = 8
_MISSING = ("NoSuchKey", "404")


@dataclass(frozen=True)
class PastRun:
    """A run whose raw data is there.

    Attributes:
        run_id: its name.
        raw: its raw manifest.
        published: its published manifest, None when it published nothing.
    """

    run_id: str
    raw: Mapping[str, Any]
    published: Mapping[str, Any] | None

    @property
    def snapshot_date(self) -> str:
        """The date the run stands for."""
        return str(self.raw["snapshot_date"])

    @property
    def unchanged(self) -> set[str]:
        """The sources it left alone, whose rows come from earlier runs."""
        return {str(one["source"]) for one in self.raw["unchanged"]}

    @property
    def read(self) -> set[str]:
        """The sources it read whole."""
        return {str(one["source"]) for one in self.raw["playlists"]}


class Bucket:
    """The stack's bucket, as far as a replay reads it."""

    def __init__(self, s3: Any, name: str) -> None:
        self.s3 = s3
        self.name = name

    def run(self, run_id: str) -> PastRun | None:
        """One past run; None when its raw data is not there."""
        raw = self._json(raw_manifest_key(run_id))
        if raw is None:
            return None
        return PastRun(run_id, raw, self._json(published_manifest_key(run_id)))

    def runs(self) -> list[PastRun]:
        """Every past run whose raw data is there, oldest first."""
        with ThreadPoolExecutor(max_workers=_READERS) as readers:
            found = list(readers.map(self.run, self._run_ids()))
        runs = [run for run in found if run is not None]
        return sorted(runs, key=lambda run: (run.snapshot_date, run.run_id))

    def load(self, run_id: str) -> Mapping[str, Any]:
        """What the warehouse said of a run's files when it was last asked; empty when never."""
        found: Mapping[str, Any] = self._json(load_key(run_id)) or {}
        return found

    def _run_ids(self) -> list[str]:
        pages = self.s3.get_paginator("list_objects_v2").paginate(
            Bucket=self.name, Prefix=RAW_PREFIX, Delimiter="/"
        )
        try:
            prefixes = [item["Prefix"] for page in pages for item in page.get("CommonPrefixes", [])]
        except (BotoCoreError, ClientError) as error:
            raise _unreadable(f"s3://{self.name}/{RAW_PREFIX}", error) from error
        return [prefix.removeprefix(RAW_PREFIX).rstrip("/") for prefix in prefixes]

    def _json(self, key: str) -> Any:
        try:
            return json.loads(self.s3.get_object(Bucket=self.name, Key=key)["Body"].read())
        except ClientError as error:
            if error.response["Error"]["Code"] in _MISSING:
                return None
            raise _unreadable(f"s3://{self.name}/{key}", error) from error
        except BotoCoreError as error:
            raise _unreadable(f"s3://{self.name}/{key}", error) from error


def chosen_runs(
    bucket: Bucket, run_id: str, first: date | None, last: date | None
) -> list[PastRun]:
    """The runs to replay, oldest first: the named one, or those published for these dates.

    Raises:
        OperatorError: there is none.
    """
    if run_id:
        run = bucket.run(run_id)
        if run is None:
            raise OperatorError(
                f"run {run_id} has no raw data in s3://{bucket.name}/",
                "it was never read to its end, or has expired; `aws s3 ls` under raw/ lists runs",
            )
        return [run]
    found = [run for run in bucket.runs() if run.published and _is_within(run, first, last)]
    if not found:
        raise OperatorError(
            f"no run published between {first or 'the beginning'} and {last or 'today'} has raw "
            "data",
            "name other dates, or a run with --run-id",
        )
    return found


def left_to_earlier_runs(runs: Sequence[PastRun]) -> set[str]:
    """The sources these runs took as unchanged, and whose last read is in none of them."""
    known: set[str] = set()
    left: set[str] = set()
    for run in runs:
        known |= run.read
        left |= run.unchanged - known
    return left


def _is_within(run: PastRun, first: date | None, last: date | None) -> bool:
    on = date.fromisoformat(run.snapshot_date)
    return (first is None or first <= on) and (last is None or on <= last)


def _unreadable(what: str, error: Exception) -> OperatorError:
    return OperatorError(f"{what} cannot be read ({error})", "look at your AWS login and region")
