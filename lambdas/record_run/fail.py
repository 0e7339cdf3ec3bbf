"""Records a failed run: what failed, where, and the exact next command."""

from dataclasses import dataclass

from aws_lambda_powertools import Logger

from record_run.events import FailureRequest
from record_run.failure import (
    LEFT_UNFINISHED,
    Failure,
    compose_failure,
    fail_answer,
    failure_note,
)
from record_run.figures import cost_figures, failure_figures
from record_run.notify import Topic
from record_run.settings import SERVICE
from record_run.usage import RunMeter, measured
from tonearm_pipeline.clock import Clock
from tonearm_pipeline.errors import AwsRefusedError, StorageUnavailableError
from tonearm_pipeline.json_store import JsonStore
from tonearm_pipeline.keys import failure_key, plan_key, run_id_of
from tonearm_pipeline.metrics import publish_figures
from tonearm_pipeline.prices import cost_of
from tonearm_pipeline.state.unfinished import UnfinishedRuns

logger = Logger(service=SERVICE, child=True)


@dataclass(frozen=True)
class Failing:
    """Records the failures of one stack.

    Attributes:
        store: the run's JSON documents.
        topic: is told.
        namespace: CloudWatch namespace of the figures.
        clock: tells when it failed.
        meter: measures what it used until then.
        unfinished: keeps an extraction that stopped for the next execution.
    """

    store: JsonStore
    topic: Topic
    namespace: str
    clock: Clock
    meter: RunMeter
    unfinished: UnfinishedRuns

    def run(self, request: FailureRequest) -> dict[str, str]:
        """Write failure.json, tell the topic, and return what the Fail state shows.

        What the run cost comes last: whatever befalls that, the failure is told.
        """
        run_id = request.run_id or run_id_of(request.execution_id, request.started_at)
        failure = Failure(
            run_id=run_id,
            execution_id=request.execution_id,
            started_at=request.started_at,
            state=request.state,
            error=request.error,
            cause=request.cause,
            bucket=self.store.bucket,
        )
        now = self.clock.now()
        document = compose_failure(failure, now)
        self.store.put(failure_key(run_id), document)
        self._leave_unfinished(request)
        about = {"run_id": run_id, "state": request.state, "error": document["error"]}
        publish_figures(self.namespace, SERVICE, failure_figures(), about)
        try:
            self.topic.tell("failed", f"Tonearm run {run_id}: failed", failure_note(document))
        except (AwsRefusedError, StorageUnavailableError) as exc:
            # The Fail state shows the same; the execution must end with the first error, not this.
            logger.warning("the note was not sent", extra={"reason": str(exc)})
        usage, _ = measured(self.meter, run_id, request.execution_id, None, now)
        if usage is not None:
            publish_figures(self.namespace, SERVICE, cost_figures(cost_of(usage)), about)
        return fail_answer(document)

    def _leave_unfinished(self, request: FailureRequest) -> None:
        """Let the next execution go on with an extraction that could not say so itself."""
        if request.state != "ExtractSpotify" or request.error not in LEFT_UNFINISHED:
            return
        plan = self.store.get(plan_key(request.run_id))
        if plan is not None:
            self.unfinished.leave(plan)
