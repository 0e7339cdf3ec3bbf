"""Runs extractions in a test: plans, invokes until done, and reads what was written."""

import gzip
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest

from extract_spotify.extract import Deps, ExtractRequest, Outcome, extract
from tests.lambdas.local_aws import SECRET, FakeClock
from tests.lambdas.scripted_spotify import ScriptedSpotify
from tonearm_pipeline.clock import Deadline
from tonearm_pipeline.json_store import JsonStore
from tonearm_pipeline.keys import cursor_key, plan_key, raw_manifest_key
from tonearm_pipeline.spotify.client import SpotifyClient
from tonearm_pipeline.spotify.http import Timeouts
from tonearm_pipeline.spotify.quota import DEVELOPMENT, CallWindow
from tonearm_pipeline.spotify.tokens import AccessTokens, SecretStore
from tonearm_pipeline.state.sources import SourceStates
from tonearm_pipeline.state.table import StateTable

# Tests share the machine with others: only those about slowness are impatient.
PATIENT = Timeouts(connect=10.0, read=30.0, answer=60.0)
IMPATIENT = Timeouts(connect=10.0, read=1.5, answer=1.5)
PLENTY_SECONDS = 900.0
MOST_INVOCATIONS = 60


class KilledError(BaseException):
    """Stands for a process that dies: nothing in the code may catch it."""


class CountedDeadline(Deadline):
    """A deadline that is near after a number of looks at it."""

    def __init__(self, looks: int) -> None:
        super().__init__(lambda: PLENTY_SECONDS)
        self._looks = looks

    def left_seconds(self) -> float:
        self._looks -= 1
        return PLENTY_SECONDS if self._looks >= 0 else -1.0


class Extraction:
    """What a test works with: the parts of one stack."""

    def __init__(
        self, store: JsonStore, table: StateTable, spotify: ScriptedSpotify, clock: FakeClock
    ) -> None:
        self.store = store
        self.table = table
        self.spotify = spotify
        self.clock = clock
        self.quota_mode = DEVELOPMENT
        self.max_park_hours = 36.0
        self.full_check_days = 7
        self.drop_personal_fields = True
        self.enrich = "none"
        self.enrich_days = 90
        self.retention_days = 400
        self.timeouts = PATIENT
        self._runs = 0
        self._invocations = 0

    def deps(self) -> Deps:
        """Return the dependencies of a fresh process."""
        secrets = SecretStore(boto3.client("secretsmanager"), SECRET)
        tokens = AccessTokens(secrets, self.spotify.token_url, self.clock, self.timeouts)
        return Deps(
            store=self.store,
            table=self.table,
            client=SpotifyClient(self.spotify.api_url, tokens, self.clock, self.timeouts),
            window=CallWindow(self.clock),
            clock=self.clock,
            quota_mode=self.quota_mode,
            max_park_hours=self.max_park_hours,
            full_check_days=self.full_check_days,
            drop_personal_fields=self.drop_personal_fields,
            enrich_days=self.enrich_days,
            retention_days=self.retention_days,
            namespace="Tonearm",
        )

    def plan(self, *sources: str, force_full: bool = False) -> str:
        """Store the plan of a new run and return the run's name."""
        self._runs += 1
        run_id = f"20261122T0900{self._runs:02d}Z-abcdef"
        self.store.put(
            plan_key(run_id),
            {
                "run_id": run_id,
                "snapshot_date": "2026-11-22",
                "sources": list(sources),
                "force_full": force_full,
                "enrich": self.enrich,
                "forecast": {"calls_needed": 1, "calls_left": 1000},
            },
        )
        return run_id

    def invoke(self, run_id: str, deadline: Deadline | None = None) -> Outcome:
        """Run one invocation in a fresh process."""
        self._invocations += 1
        request = ExtractRequest(run_id, plan_key(run_id))
        unhurried = deadline or Deadline(lambda: PLENTY_SECONDS)
        return extract(request, self.deps(), unhurried, f"invocation-{self._invocations}")

    def finish(self, run_id: str, looks: int = 10_000) -> dict[str, Any]:
        """Invoke until the run is done, waiting when asked, and return its manifest."""
        for _ in range(MOST_INVOCATIONS):
            outcome = self.invoke(run_id, CountedDeadline(looks))
            if outcome.status == "done":
                return self.manifest(run_id)
            assert outcome.status in ("more", "wait"), outcome
            self.clock.move(seconds=outcome.wait_seconds)
        raise AssertionError("the run does not come to an end")

    def read(self, *sources: str, force_full: bool = False) -> dict[str, Any]:
        """Run a whole extraction and return its manifest."""
        return self.finish(self.plan(*sources, force_full=force_full))

    def record(self, manifest: dict[str, Any]) -> None:
        """Advance the states as RecordRun does after a balanced ledger."""
        states = SourceStates(self.table)
        for one in manifest["sources"]:
            states.advance(one["source"], one["next_state"])

    def manifest(self, run_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.store.get(raw_manifest_key(run_id))
        return found

    def cursor(self, run_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.store.get(cursor_key(run_id))
        return found

    def lines(self, manifest: dict[str, Any]) -> list[dict[str, Any]]:
        """Return all raw lines of a run, having checked every part against the manifest."""
        lines: list[dict[str, Any]] = []
        for part in manifest["parts"]:
            body = self.store.get_bytes(part["key"]) or b""
            assert len(body) == part["bytes"]
            assert hashlib.sha256(body).hexdigest() == part["sha256"]
            texts = gzip.decompress(body).decode().splitlines()
            assert len(texts) == part["lines"]
            lines += [json.loads(text) for text in texts]
        return lines

    def content(self, manifest: dict[str, Any]) -> list[str]:
        """Return the raw lines as sorted text, without what differs from run to run."""
        return sorted(
            json.dumps(line | {"run_id": "", "fetched_at": ""}, sort_keys=True)
            for line in self.lines(manifest)
        )


@contextmanager
def dying_at(extraction: Extraction, moment: int) -> Iterator[list[int]]:
    """Let the process die at one of its moments: before or after a request or a write to S3."""
    seen = [0]

    def tick() -> None:
        seen[0] += 1
        if seen[0] == moment:
            raise KilledError

    plain_put, plain_send = extraction.store.s3.put_object, SpotifyClient._send

    def put_object(**arguments: Any) -> Any:
        tick()
        answer = plain_put(**arguments)
        tick()
        return answer

    def send(*arguments: Any) -> Any:
        tick()
        reply = plain_send(*arguments)
        tick()
        return reply

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(extraction.store.s3, "put_object", put_object)
        patch.setattr(SpotifyClient, "_send", send)
        yield seen


def positions(lines: list[dict[str, Any]], playlist_uri: str, read: int = 1) -> list[str]:
    """Return the URIs of a playlist's entries in order, as a Glue job would put them together."""
    uris: list[str] = []
    for line in lines:
        if line["source"] != playlist_uri or line["read"] != read:
            continue
        body = line["body"]
        block = body.get("items") if line["kind"] == "playlist" else body
        block = body.get("tracks") if block is None else block
        entries = block.get("items", []) if line["kind"] != "playlist_snapshot" else []
        uris += [(entry.get("item") or entry.get("track"))["uri"] for entry in entries]
    return uris
