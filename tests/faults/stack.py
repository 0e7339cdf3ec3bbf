"""One stack without a cloud: the real handlers, an AWS in memory, a clock that jumps over waits.

`Stack.execute` plays the state machine's part from PlanRun to the end of ExtractSpotify, with the
same retries and the same reading of its answers as `statemachine/pipeline.asl.json`.
"""

import hashlib
import io
import json
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from typing import Any, Protocol
from unittest.mock import patch

import requests
from aws_lambda_powertools.utilities.typing import LambdaContext

from extract_spotify import handler as extract_handler
from extract_spotify.extract import Deps as ExtractDeps
from extract_spotify.run import logger as extract_logger
from plan_run import handler as plan_handler
from plan_run.settings import Settings as PlanSettings
from tests.faults.aws import Aws
from tests.faults.fake import FIRST_SECRET, Fake
from tests.lambdas.local_aws import REGION, SECRET, FakeClock, create_state_table
from tonearm import login
from tonearm.local.processes import free_port
from tonearm_pipeline.clock import Clock
from tonearm_pipeline.errors import PipelineError, TransientError
from tonearm_pipeline.json_store import JsonStore
from tonearm_pipeline.keys import raw_manifest_key
from tonearm_pipeline.spotify.client import SpotifyClient
from tonearm_pipeline.spotify.http import Timeouts
from tonearm_pipeline.spotify.quota import CallWindow, QuotaLedger
from tonearm_pipeline.spotify.tokens import AccessTokens, SecretStore
from tonearm_pipeline.state.last_good import LastGoodRun
from tonearm_pipeline.state.sources import SourceStates
from tonearm_pipeline.state.table import StateTable
from tonearm_pipeline.state.unfinished import UnfinishedRuns

MACHINE = "arn:aws:states:eu-central-1:123456789012:execution:pipeline"
PATIENT = Timeouts(connect=10.0, read=30.0, answer=60.0)
LAMBDA_SECONDS = 900
# As in the state machine: six retries of a transient error.
MOST_RETRIES = 6
RETRY_SECONDS = 30
MOST_STEPS = 200
LOGIN_SECONDS = 30


class MovableClock(Clock, Protocol):
    """A clock on which a wait of the state machine can be passed."""

    def move(self, **amount: float) -> None:
        """Pass so much time."""


class KilledError(BaseException):
    """Stands for a process that dies: nothing in the code may catch it."""


class Context(LambdaContext):
    """A Lambda context whose time runs on the movable clock."""

    def __init__(self, clock: Clock, request_id: str) -> None:
        self._function_name = "function"
        self._memory_limit_in_mb = 512
        self._invoked_function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:function"
        self._aws_request_id = request_id
        self._clock = clock
        self._began_at = clock.now()

    def get_remaining_time_in_millis(self) -> int:  # type: ignore[override]
        spent = (self._clock.now() - self._began_at).total_seconds()
        return int((LAMBDA_SECONDS - spent) * 1000)


@dataclass
class Execution:
    """How one execution went, up to the end of its extraction.

    Attributes:
        status: `done`, `needs_login`, or `red` with the error's name.
        waits: the Wait states' seconds, in order.
        retries: the transient errors that were retried.
    """

    run_id: str = ""
    status: str = ""
    error: str = ""
    changed: bool = False
    waits: list[int] = field(default_factory=list)
    calls_before_waits: list[int] = field(default_factory=list)
    retries: list[str] = field(default_factory=list)
    forecast: dict[str, int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)


class Stack:
    """The functions of one stack, with a bucket and a table of their own.

    Args:
        aws: where they run.
        fake: the Spotify they talk to.
        name: no other stack in this AWS has it.
        timeouts: limits for one request.
        clock: jumps over waits, unless another one is given.
    """

    def __init__(
        self,
        aws: Aws,
        fake: Fake,
        name: str,
        timeouts: Timeouts = PATIENT,
        clock: MovableClock | None = None,
    ) -> None:
        self.aws = aws
        self.fake = fake
        self.name = name
        self.clock: MovableClock = clock or FakeClock()
        # All clocks start at the same second, so that the ids of some thousand runs may meet.
        self.bucket = f"bucket-{hashlib.sha256(name.encode()).hexdigest()[:20]}"
        place = {"LocationConstraint": REGION}
        aws.s3.create_bucket(Bucket=self.bucket, CreateBucketConfiguration=place)
        self.store = JsonStore(aws.s3, self.bucket)
        create_state_table(aws.dynamodb, name)
        self.table = StateTable(aws.dynamodb, name)
        self.quota_mode = "development"
        self.sources = ["me/playlists", "me/tracks"]
        self.enrich = "none"
        self.full_check_days = 7
        self.timeouts = timeouts
        self.figures: list[dict[str, Any]] = []
        self._executions = 0
        self._invocations = 0
        login.keep_in_stack(aws.secretsmanager, SECRET, FIRST_SECRET)

    # ------------------------------------------------------------------ the state machine
    def execute(self) -> Execution:
        """Run one execution to the end of its extraction."""
        self._executions += 1
        execution = Execution()
        plan = self._plan(f"{MACHINE}:{self.name}-{self._executions}")
        execution.run_id, execution.forecast = plan["run_id"], plan["forecast"]
        event = {name: plan[name] for name in ("run_id", "plan_key")}
        for _ in range(MOST_STEPS):
            answer = self._step(event, execution)
            if answer is None:
                return execution
            if answer["status"] == "wait":
                execution.waits.append(answer["wait_seconds"])
                execution.calls_before_waits.append(len(self.fake.calls()))
                self.clock.move(seconds=answer["wait_seconds"])
            elif answer["status"] != "more":
                execution.status = answer["status"]
                execution.changed, execution.counts = answer["changed"], answer["counts"]
                return execution
        raise AssertionError("the execution does not come to an end")

    def _step(self, event: dict[str, Any], execution: Execution) -> dict[str, Any] | None:
        """One visit of the ExtractSpotify state, with its retries; None when it turned red."""
        retries = 0
        while True:
            try:
                return self.extract(event)
            except TransientError as exc:
                execution.retries.append(type(exc).__name__)
                retries += 1
                if retries > MOST_RETRIES:
                    execution.status, execution.error = "red", type(exc).__name__
                    return None
                self.clock.move(seconds=RETRY_SECONDS)
            except KilledError:
                # Step Functions retries what it calls Lambda.Unknown.
                execution.retries.append("Lambda.Unknown")
            except PipelineError as exc:
                execution.status, execution.error = "red", type(exc).__name__
                return None

    def _plan(self, execution_id: str) -> dict[str, Any]:
        event = {
            "execution_id": execution_id,
            "started_at": self.clock.now().isoformat(),
            "input": {"sources": self.sources, "enrich": self.enrich},
        }
        with patch.object(plan_handler, "_deps", self._plan_deps), self._silence():
            answer: dict[str, Any] = plan_handler.lambda_handler(event, self._context())
        return answer

    def extract(self, event: dict[str, Any]) -> dict[str, Any]:
        """Call the ExtractSpotify function once, in a process of its own."""
        deps = self._extract_deps()
        with patch.object(extract_handler, "_deps", lambda: deps), self._silence():
            answer: dict[str, Any] = extract_handler.lambda_handler(event, self._context())
        return answer

    # ------------------------------------------------------------------ around it
    def log_in(self) -> None:
        """Log in as the operator does, by the authorization code flow."""
        app = login.App(
            FIRST_SECRET["client_id"],
            FIRST_SECRET["client_secret"],
            port=free_port(),
            accounts_url=self.fake.url,
        )
        secret = login.log_in(app, _agree, wait_seconds=LOGIN_SECONDS)
        secret["authorized_at"] = self.clock.now().isoformat()
        login.keep_in_stack(self.aws.secretsmanager, SECRET, secret)

    def record(self, run_id: str) -> None:
        """Advance the sources as RecordRun does once the ledger balances."""
        states = SourceStates(self.table)
        for one in self.manifest(run_id)["sources"]:
            states.advance(one["source"], one["next_state"])

    def manifest(self, run_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.store.get(raw_manifest_key(run_id))
        return found

    @property
    def ledger(self) -> QuotaLedger:
        """The calls that all executions of this stack share."""
        return QuotaLedger(self.table, self.clock)

    @contextmanager
    def _silence(self) -> Iterator[None]:
        """Keep the functions' logs off the screen, and their figures for whoever asks."""
        loggers = [extract_logger, plan_handler.logger]
        before = [logger.log_level for logger in loggers]
        for logger in loggers:
            logger.setLevel(logging.CRITICAL)
        printed = io.StringIO()
        try:
            with redirect_stdout(printed):
                yield
        finally:
            for logger, level in zip(loggers, before, strict=True):
                logger.setLevel(level)
            documents = map(json.loads, printed.getvalue().splitlines())
            self.figures += [one for one in documents if "_aws" in one]

    def _context(self) -> Context:
        self._invocations += 1
        return Context(self.clock, f"{self.name}-{self._invocations}")

    def _plan_deps(self) -> plan_handler.Deps:
        environ = {
            "BUCKET": self.bucket,
            "STATE_TABLE": self.name,
            "QUOTA_MODE": self.quota_mode,
            "FULL_CHECK_DAYS": str(self.full_check_days),
        }
        return plan_handler.Deps(
            settings=PlanSettings.from_env(environ),
            store=self.store,
            states=SourceStates(self.table),
            ledger=self.ledger,
            unfinished=UnfinishedRuns(self.table, self.clock),
            last_good=LastGoodRun(self.table),
            clock=self.clock,
        )

    def _extract_deps(self) -> ExtractDeps:
        secrets = SecretStore(self.aws.secretsmanager, SECRET)
        tokens = AccessTokens(secrets, f"{self.fake.url}/api/token", self.clock, self.timeouts)
        return ExtractDeps(
            store=self.store,
            table=self.table,
            client=SpotifyClient(f"{self.fake.url}/v1/", tokens, self.clock, self.timeouts),
            window=CallWindow(self.clock),
            clock=self.clock,
            quota_mode=self.quota_mode,
            max_park_hours=36.0,
            full_check_days=self.full_check_days,
            drop_personal_fields=True,
            enrich_days=90,
            retention_days=400,
            namespace="Tonearm",
        )


def _agree(url: str) -> None:
    """A user who agrees: the browser follows the redirect to the callback."""
    threading.Thread(target=requests.get, args=(url,), kwargs={"timeout": LOGIN_SECONDS}).start()
