"""One sound run, spoilt in one place at a time: each is caught, and nothing is published."""

import pytest

from publish_run.publish import Publishing
from tests.lambdas.publish_run.corruptions import CASES, judge
from tests.lambdas.publish_run.spoilt import Case
from tonearm_pipeline.json_store import JsonStore


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_a_spoilt_run_is_caught_and_nothing_is_published(
    publishing: Publishing, store: JsonStore, case: Case
) -> None:
    verdict = judge(publishing, store, case)

    assert verdict.wrong == ""
    assert verdict.step


def test_a_sound_run_is_not_caught(publishing: Publishing, store: JsonStore) -> None:
    sound = Case("sound", AssertionError, "")  # type: ignore[arg-type]

    assert judge(publishing, store, sound).wrong == "it was published"


def test_there_are_at_least_thirty_different_ones() -> None:
    assert len({case.id for case in CASES}) == len(CASES) >= 30
