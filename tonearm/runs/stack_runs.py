"""The runs of a deployed stack: its executions and the documents each run left in the bucket."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from tonearm.errors import OperatorError
from tonearm.project import use_pipeline_code
from tonearm.runs.executions import StateVisit, events_of, visits_of
from tonearm.runs.next_commands import of_stack
from tonearm.stack import Clients, aws_answers, read_stack

SEARCHED_EXECUTIONS = 1000
RUNNING = "RUNNING"
GREEN = "SUCCEEDED"
FAIL_STATE = "RunFailed"


@dataclass(frozen=True)
class Run:
    """One execution and the run it works on.

    Attributes:
        run_id: the run; an execution that goes on with a stopped run has that one's name.
        execution_arn: the execution.
        status: RUNNING, SUCCEEDED, FAILED, TIMED_OUT or ABORTED.
        started_at: when it started.
        ended_at: when it ended, None while it runs.
    """

    run_id: str
    execution_arn: str
    status: str
    started_at: datetime
    ended_at: datetime | None

    @property
    def name(self) -> str:
        """The execution's own name."""
        return self.execution_arn.rsplit(":", 1)[-1]

    @property
    def seconds(self) -> float:
        """How long it took or has been running."""
        end = self.ended_at or datetime.now(self.started_at.tzinfo)
        return (end - self.started_at).total_seconds()


class StackRuns:
    """Reads the runs of one stack.

    Args:
        clients: makes AWS clients by service name.
        stack_name: the stack.

    Raises:
        OperatorError: there is no such stack, or AWS cannot be reached.
    """

    def __init__(self, clients: Clients, stack_name: str) -> None:
        use_pipeline_code()
        stack = read_stack(clients, stack_name)
        self.stack_name = stack_name
        self.state_machine_arn = stack.output("StateMachineArn")
        self.bucket = stack.output("Bucket")
        self.stepfunctions = clients("stepfunctions")
        self.s3 = clients("s3")

    def recent(self, count: int) -> list[Run]:
        """The newest runs, newest first."""
        with aws_answers("list the executions"):
            return [self._run(item) for item in islice(self._executions(), count)]

    def find(self, name: str) -> Run:
        """The run of that run_id, execution name or ARN; the newest one for an empty name.

        Raises:
            OperatorError: there is none among the last 1,000 executions.
        """
        with aws_answers("list the executions"):
            for item in islice(self._executions(), SEARCHED_EXECUTIONS):
                run = self._run(item)
                if name in ("", run.run_id, run.name, run.execution_arn):
                    return run
        status = of_stack("tonearm status", self.stack_name)
        if name:
            raise OperatorError(f"stack {self.stack_name} has no run {name}", f"`{status}` lists")
        start = of_stack("tonearm run", self.stack_name)
        raise OperatorError(f"stack {self.stack_name} has had no run yet", f"`{start}` starts one")

    def described(self, run: Run) -> dict[str, Any]:
        """The execution as AWS describes it."""
        with aws_answers(f"describe execution {run.name}"):
            answer: dict[str, Any] = self.stepfunctions.describe_execution(
                executionArn=run.execution_arn
            )
        return answer

    def visits(self, run: Run) -> list[StateVisit]:
        """The states the run has visited."""
        with aws_answers(f"read the history of execution {run.name}"):
            return visits_of(events_of(self.stepfunctions, run.execution_arn))

    def document(self, run_id: str, name: str) -> dict[str, Any] | None:
        """A document of a run, such as `ledger`; None when there is none."""
        return self.json_object(f"runs/{run_id}/{name}.json")

    def json_object(self, key: str) -> dict[str, Any] | None:
        """A JSON object in the stack's bucket; None when there is none."""
        with aws_answers(f"read s3://{self.bucket}/{key}"):
            try:
                body = self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
            except self.s3.exceptions.NoSuchKey:
                return None
        found: dict[str, Any] = json.loads(body)
        return found

    def lost(self) -> list[dict[str, str]]:
        """What the newest run that said so sees no more: kind, name, since when and why."""
        from tonearm_pipeline.keys import KNOWN_FINDINGS_KEY

        known = self.json_object(KNOWN_FINDINGS_KEY) or {}
        return list(known.get("lost", []))

    def failure(self, run: Run) -> dict[str, Any] | None:
        """What RecordFailure wrote of this very execution; None when it could not."""
        document = self.document(run.run_id, "failure")
        is_its_own = document and document["execution_id"] == run.execution_arn
        return document if is_its_own else None

    def _executions(self) -> Iterator[dict[str, Any]]:
        pages = self.stepfunctions.get_paginator("list_executions")
        for page in pages.paginate(stateMachineArn=self.state_machine_arn):
            yield from page["executions"]

    def _run(self, item: dict[str, Any]) -> Run:
        from tonearm_pipeline.keys import run_id_of

        own = run_id_of(item["executionArn"], item["startDate"].isoformat())
        plan = self.document(own, "plan")
        return Run(
            run_id=plan["run_id"] if plan else own,
            execution_arn=item["executionArn"],
            status=item["status"],
            started_at=item["startDate"],
            ended_at=item.get("stopDate"),
        )


def check_sources(sources: Sequence[str]) -> None:
    """Refuse sources that are none, before anything is started.

    Raises:
        OperatorError: lists every wrong one.
    """
    use_pipeline_code()
    from tonearm_pipeline.errors import BadSourceError
    from tonearm_pipeline.sources import parse_sources

    if not sources:
        return
    try:
        parse_sources(list(sources))
    except BadSourceError as error:
        raise OperatorError(str(error)) from error
