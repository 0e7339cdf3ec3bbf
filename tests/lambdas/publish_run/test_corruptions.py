"""One sound run, spoilt in one place at a time: each is caught, and nothing is published."""

import pytest

from publish_run.publishing import Publishing
from publish_run.request import PublishRequest
from tests.lambdas.local_aws import BUCKET
from tests.lambdas.publish_run import spoilt_raw, spoilt_rows
from tests.lambdas.publish_run.spoilt import Case
from tests.lambdas.publish_run.staged_run import StagedRun, all_objects
from tonearm_pipeline.json_store import JsonStore

CASES = (*spoilt_raw.CASES, *spoilt_rows.CASES)


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_a_spoilt_run_is_caught_and_nothing_is_published(
    publishing: Publishing, store: JsonStore, case: Case
) -> None:
    run = StagedRun.small()
    case.rows(run)
    files = run.files()
    case.files(files)
    for key, body in files.items():
        store.s3.put_object(Bucket=BUCKET, Key=key, Body=body)

    with pytest.raises(case.error) as caught:
        publishing.run(PublishRequest.from_event(run.event()))

    assert case.told in str(caught.value)
    assert str(caught.value).endswith("nothing was published")
    assert all_objects(store) == files
