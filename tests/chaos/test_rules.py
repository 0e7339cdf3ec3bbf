"""The parts of the bed that need no bed: rules, names of calls, scenarios, judging."""

from collections import Counter

from tests.chaos.aws_calls import SERVER_ERROR, THROTTLE, call_name, refusal, signature_of
from tests.chaos.bench import Verdict
from tests.chaos.judging import Difference, Rows, difference, modelled
from tests.chaos.report import last_line, table
from tests.chaos.rules import FOREVER, Rule, Rules
from tests.chaos.scenarios import (
    OPERATOR_KINDS,
    PIPELINE_KINDS,
    SCHEDULED,
    Scenario,
    places_of,
    scenarios,
)
from tests.chaos.switch import Scope

PLAN = "tonearm-local-PlanRunFunction-0123ABC"
RUN_ID = "20261122T101112Z-0a1b2c"
CALLS = [
    f"{PLAN} s3.PutObject runs/{RUN_ID}/plan.json",
    f"{PLAN} dynamodb.GetItem quota#limit",
    "operator states.StartExecution",
    f"{PLAN} dynamodb.GetItem quota#limit",
]


def a_scope(**overrides: object) -> Scope:
    credential = b"AWS4-HMAC-SHA256 Credential=ASIA1/20261122/us-east-1/s3/aws4_request, Sig=x"
    return {
        "method": "PUT",
        "path": f"/bucket/runs/{RUN_ID}/plan.json",
        "query_string": b"",
        "headers": [(b"authorization", credential)],
        **overrides,
    }


def test_a_rule_meets_its_calls_from_the_nth_so_many_times() -> None:
    rules = Rules()
    rules.set([{"calls": "GetItem", "kind": THROTTLE, "nth": 2, "times": 2}])

    met = [rules.take(f"PlanRun dynamodb.{name}") for name in ["GetItem"] * 4 + ["PutItem"]]

    assert met == ["", THROTTLE, THROTTLE, "", ""]
    assert rules.as_dict()["rules"][0]["met"] == 2


def test_an_outage_ends_and_what_is_counted_stays() -> None:
    rules = Rules()
    rules.set(
        [
            {"calls": "a", "kind": THROTTLE, "times": FOREVER},
            {"calls": "a", "kind": SERVER_ERROR, "times": 2},
        ]
    )

    assert rules.take("a") == THROTTLE
    rules.end_outages()
    assert [rules.take("a"), rules.take("a")] == [SERVER_ERROR, ""]


def test_a_call_is_named_by_caller_service_action_and_resource() -> None:
    scope = a_scope()

    assert signature_of(scope) == ("ASIA1", "s3")
    assert call_name("PlanRun", "s3", scope, b"") == (
        f"PlanRun s3.PutObject runs/{RUN_ID}/plan.json"
    )
    scope = a_scope(method="POST", headers=[(b"x-amz-target", b"DynamoDB_20120810.GetItem")])
    key = b'{"Key": {"pk": {"S": "quota"}, "sk": {"S": "limit"}}}'
    assert call_name("PlanRun", "dynamodb", scope, key) == "PlanRun dynamodb.GetItem quota#limit"


def test_each_service_says_no_in_its_own_words() -> None:
    slow, lower = (
        refusal(THROTTLE, CALLS[0]),
        refusal(THROTTLE, CALLS[1]),
    )

    assert slow is not None
    assert lower is not None
    assert (slow.status, b"SlowDown" in slow.body) == (503, True)
    assert (lower.status, b"ProvisionedThroughputExceeded" in lower.body) == (400, True)
    assert refusal("killed", CALLS[0]) is None


def test_a_place_fits_the_same_call_of_another_run_and_stack() -> None:
    places = places_of(CALLS)

    assert len(places) == 2
    other = "tonearm-local-PlanRunFunction-9 s3.PutObject runs/20270101T000000Z-ffffff/plan.json"
    assert Rule(places[0], THROTTLE).takes(other)
    assert not Rule(places[0], THROTTLE).takes(CALLS[1])
    assert Rule(places[1], THROTTLE).takes(CALLS[1])


def test_the_same_seed_gives_the_same_scenarios_of_every_kind() -> None:
    places = places_of(CALLS)
    made, again = (scenarios(200, 7, places) for _ in range(2))

    assert list(map(str, made)) == list(map(str, again))
    assert sum(len(one.faults) == 2 for one in made) == 100
    kinds = {kind for one in made for kind in one.kinds}
    assert len(kinds) >= len(PIPELINE_KINDS) + len(OPERATOR_KINDS)
    assert all(fault.rule.seen == 0 for one in made for fault in one.faults)


def test_rows_lost_and_doubled_are_told_apart() -> None:
    expected: Rows = Counter({("songs", "a"): 1, ("songs", "b"): 1})
    part: Rows = Counter({("songs", "a"): 1})
    whole = Counter(expected)

    assert difference(expected, {"r1": part, "r2": whole}) == Difference()
    assert difference(expected, {"r1": part}) == Difference(lost=1)
    assert difference(expected, {"r1": whole + part}) == Difference(doubled=1)
    assert difference(expected, {}) == Difference(lost=2)


def test_modelled_rows_are_compared_without_their_playlist_and_run() -> None:
    text = "track_id,name,run_id\ntrackq0010x,q001 song 0,r1\ntrackq0020x,q002 song 0,r2\nx,y,r3\n"

    found = modelled({"core.songs.csv": text})

    assert set(found) == {"q001", "q002"}
    assert found["q001"] == found["q002"]


def test_the_table_and_the_last_line_tell_what_went_wrong() -> None:
    scenario = scenarios(1, 7, places_of(CALLS))[0]
    bad = Verdict(scenario, Difference(2, 1), ["r1 is green without 2 rows"], commands=["x y"])
    good = Verdict(Scenario(2, SCHEDULED, scenario.faults))

    assert good.is_good
    assert not bad.is_good
    assert last_line([bad, good]) == "chaos: 2 scenarios, 2 lost, 1 doubled, 1 silent"
    assert any("x y 1" in line for line in table([bad, good]))
