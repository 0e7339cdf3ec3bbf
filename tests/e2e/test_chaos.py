"""A bounded part of the breaking bed, for every test run; `make chaos` runs the whole."""

from collections.abc import Iterator

import pytest

from tests.chaos.aws_calls import THROTTLE
from tests.chaos.bed import CLOUD, Bed
from tests.chaos.bench import Bench
from tests.chaos.report import WAIT_SCALE, judge_models
from tests.chaos.rules import Rule
from tests.chaos.scenarios import AT_ONCE, SCHEDULED, Fault, Scenario
from tests.chaos.words import FAILS_AFTER_WRITING, KILLED, LOST
from tests.e2e.driving import forget_the_size_of_the_quota, set_wait_scale
from tests.e2e.local_cloud import Cloud

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1800)]

RESUMED = "tonearm resume"
# Way, faults, how it comes to be green.
CHOSEN: list[tuple[str, list[tuple[str, Rule]], str]] = [
    (SCHEDULED, [(CLOUD, Rule("Extract.* s3.PutObject raw/", KILLED))], "by itself"),
    (SCHEDULED, [(CLOUD, Rule("job.Run .*songs", FAILS_AFTER_WRITING, times=2))], RESUMED),
    (
        AT_ONCE,
        [
            (CLOUD, Rule("event.Created curated/songs", LOST)),
            (CLOUD, Rule("RecordRun.* dynamodb.", THROTTLE)),
        ],
        "by itself",
    ),
]


@pytest.fixture
def bench(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    forget_the_size_of_the_quota(cloud)
    set_wait_scale(cloud, WAIT_SCALE)
    made = Bench(Bed(cloud), tmp_path_factory.mktemp("playlists"), len(CHOSEN))
    made.prepare(lambda _: None)
    yield made
    made.close()
    set_wait_scale(cloud, cloud.stack.wait_scale)


def test_what_breaks_is_healed_as_the_run_says_and_no_row_is_lost_or_doubled(
    bench: Bench, cloud: Cloud, tmp_path_factory: pytest.TempPathFactory
) -> None:
    scenarios = [
        Scenario(number, way, tuple(Fault(rule.kind, server, rule) for server, rule in faults))
        for number, (way, faults, _) in enumerate(CHOSEN, start=1)
    ]

    verdicts = [bench.run(scenario) for scenario in scenarios]
    judge_models(cloud.export(tmp_path_factory.mktemp("exported")), verdicts)

    assert [verdict for verdict in verdicts if not verdict.is_good] == []
    assert all(verdict.met for verdict in verdicts)
    assert [verdict.outcome for verdict in verdicts] == [healed for _, _, healed in CHOSEN]
