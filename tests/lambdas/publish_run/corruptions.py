"""Every way a run is spoilt, and what PublishRun says to a run spoilt in that way."""

from typing import NamedTuple

from publish_run.events import PublishRequest
from publish_run.publish import Publishing
from tests.lambdas.publish_run import spoilt_raw, spoilt_rows
from tests.lambdas.publish_run.spoilt import Case
from tests.lambdas.publish_run.staged_run import StagedRun, all_objects
from tonearm_pipeline.errors import DataError
from tonearm_pipeline.json_store import JsonStore

CASES = (*spoilt_raw.CASES, *spoilt_rows.CASES)
_ENDING = "nothing was published"


class Verdict(NamedTuple):
    """What came of one spoilt run: the step that caught it, what it said, and what was wrong."""

    step: str
    said: str
    wrong: str = ""


def judge(publishing: Publishing, store: JsonStore, case: Case) -> Verdict:
    """Write the spoilt run into the empty bucket, publish it, and judge the answer."""
    run = StagedRun.small()
    case.rows(run)
    files = run.files()
    case.files(files)
    for key, body in files.items():
        store.s3.put_object(Bucket=store.bucket, Key=key, Body=body)
    try:
        publishing.run(PublishRequest.from_event(run.event()))
    except DataError as error:
        said = str(error)
        return Verdict(
            said.split(" ", maxsplit=1)[0].rstrip(":"), said, _wrong(case, error, store, files)
        )
    return Verdict("", "", "it was published")


def _wrong(case: Case, error: DataError, store: JsonStore, files: dict[str, bytes]) -> str:
    said = str(error)
    if type(error) is not case.error:
        return f"a {type(error).__name__}, not a {case.error.__name__}"
    if case.told not in said or not said.endswith(_ENDING):
        return f"said: {said}"
    return "" if all_objects(store) == files else "objects were changed"
