"""Replays of one run as executions of the stack's own state machine."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tonearm.errors import OperatorError
from tonearm.runs import executions
from tonearm.runs.executions import Finished, StateVisit

Watch = Callable[[tuple[StateVisit, ...]], None]
_PLAN = "PlanRun"


@dataclass(frozen=True)
class Pipeline:
    """The state machine of a deployed stack.

    Attributes:
        stepfunctions: a Step Functions client.
        arn: the state machine.
        poll_seconds: how often an execution's history is read.
    """

    stepfunctions: Any
    arn: str
    poll_seconds: float = 3.0

    def transform(self, run_id: str, watch: Watch) -> tuple[Finished, int]:
        """Transform a run's raw data into a new attempt; how it ended, and its number (0: none)."""
        finished = self._run(f"replay-{run_id}", {"run_id": run_id, "publish": False}, watch)
        plans = [visit.output for visit in finished.visits if visit.name == _PLAN]
        return finished, int(plans[0]["attempt"]) if plans and plans[0] else 0

    def publish(self, run_id: str, attempt: int, watch: Watch) -> Finished:
        """Audit, publish, load and record an attempt that is transformed."""
        wanted = {"run_id": run_id, "attempt": attempt, "publish": True}
        return self._run(f"publish-{run_id}-{attempt}", wanted, watch)

    def _run(self, name: str, replay: Mapping[str, Any], watch: Watch) -> Finished:
        unique = f"{name}-{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
        try:
            arn = executions.start(self.stepfunctions, self.arn, unique, {"replay": dict(replay)})
            return executions.follow(self.stepfunctions, arn, watch, self.poll_seconds)
        except (BotoCoreError, ClientError) as error:
            raise OperatorError(
                f"state machine {self.arn} cannot be used ({error})",
                f"look for the execution {unique} in its console",
            ) from error
