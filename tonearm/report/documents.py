"""The documents of a run that its page is made of."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tonearm.errors import OperatorError

type Document = dict[str, Any]


@dataclass(frozen=True)
class RunDocuments:
    """What a run left in the bucket; None is what it did not reach.

    Attributes:
        run_id: the run.
        plan: what was asked for, and the forecast.
        raw: what was read.
        published: what was published, with field presence.
        load: what Snowpipe did.
        ledger: whether it all balances.
        receipt: what it took and cost.
        failure: why it failed.
    """

    run_id: str
    plan: Document | None
    raw: Document | None
    published: Document | None
    load: Document | None
    ledger: Document | None
    receipt: Document | None
    failure: Document | None


def gather(read: Callable[[str], Document | None], run_id: str) -> RunDocuments:
    """Read a run's documents.

    Args:
        read: gives the JSON object of a key, None when there is none.
        run_id: the run.

    Raises:
        OperatorError: the run left nothing.
    """

    def of_run(name: str) -> Document | None:
        return read(f"runs/{run_id}/{name}.json")

    found = RunDocuments(
        run_id=run_id,
        plan=of_run("plan"),
        raw=read(f"raw/{run_id}/manifest.json"),
        published=of_run("manifest"),
        load=of_run("load"),
        ledger=of_run("ledger"),
        receipt=of_run("receipt"),
        failure=of_run("failure"),
    )
    if found.plan is None and found.failure is None:
        raise OperatorError(f"run {run_id} left no document", "`tonearm status` lists the runs")
    return found
