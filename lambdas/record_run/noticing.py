"""Notices what a run can no longer see, keeps it with its date, and tells the topic of news."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from aws_lambda_powertools import Logger

from record_run.losses import compose_findings, finding_figures, is_newer, lost_line
from record_run.notify import Topic
from record_run.settings import SERVICE
from tonearm_pipeline.errors import AwsRefusedError, StorageUnavailableError
from tonearm_pipeline.json_store import JsonStore
from tonearm_pipeline.keys import KNOWN_FINDINGS_KEY, findings_key
from tonearm_pipeline.ledger import RunFacts
from tonearm_pipeline.metrics import publish_figures

OUTCOME: Final = "lost"

logger = Logger(service=SERVICE, child=True)


@dataclass(frozen=True)
class Noticing:
    """What the runs of one stack have lost.

    Attributes:
        store: the findings of each run, and the newest ones.
        topic: is told of what is new.
        namespace: CloudWatch namespace of the figures.
    """

    store: JsonStore
    topic: Topic
    namespace: str

    def run(self, facts: RunFacts) -> None:
        """Write the findings of a run whose ledger balances; a repetition says the same again."""
        before = self.store.get(KNOWN_FINDINGS_KEY)
        if not is_newer(before, facts):
            return
        is_repetition = before is not None and before["run_id"] == facts.run_id
        findings = before if is_repetition and before else compose_findings(before, facts)
        self.store.put(findings_key(facts.run_id), findings)
        self.store.put(KNOWN_FINDINGS_KEY, findings)
        about = {"run_id": facts.run_id}
        publish_figures(self.namespace, SERVICE, finding_figures(findings["lost"]), about)
        if findings["news"]:
            self._tell(findings)

    def _tell(self, findings: Mapping[str, Any]) -> None:
        for one in findings["news"]:
            logger.warning(
                "lost", extra={"kind": one["kind"], "lost": one["name"], "since": one["since"]}
            )
        lines = [lost_line(one) for one in findings["news"]]
        subject = f"Tonearm run {findings['run_id']}: {len(lines)} lost"
        try:
            self.topic.tell(OUTCOME, subject, "\n".join(lines))
        except (AwsRefusedError, StorageUnavailableError) as exc:
            # The alarm tells it too; a note that cannot be sent must not turn the run red.
            logger.warning("the note was not sent", extra={"reason": str(exc)})
