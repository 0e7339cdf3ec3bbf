"""The doctor: silent about a healthy stack, and right about each seeded misconfiguration."""

import json

import pytest
from typer.testing import CliRunner

from tests.lambdas.scripted_spotify import ME
from tests.tonearm.doctor.healthy import Healthy
from tests.tonearm.doctor.misconfigurations import MISCONFIGURATIONS, Misconfiguration
from tonearm.cli.doctor import lines_of
from tonearm.cli.main import app
from tonearm.doctor import wiring_checks
from tonearm.findings import Finding, Kind


def test_a_healthy_stack_has_no_finding_and_its_facts(healthy: Healthy) -> None:
    diagnosis = healthy.examine()

    assert diagnosis.findings == ()
    assert diagnosis.unseen == ()
    facts = [fact.line for fact in diagnosis.facts]
    assert f"login: logged in as Lis Tener ({ME})" in facts
    assert "login: the login lasts 171 more days" in facts
    assert f"sources: {healthy.playlist} can be read" in facts
    ended_at = healthy.stepfunctions.executions[0]["stopDate"]
    assert f"freshness: data is of {ended_at:%Y-%m-%d %H:%M} UTC" in facts
    assert f"loads: all 5 files of {healthy.run_id} are loaded" in facts
    assert lines_of(diagnosis)[-1] == "0 findings."


def test_there_are_at_least_twenty() -> None:
    assert len({case.id for case in MISCONFIGURATIONS}) == len(MISCONFIGURATIONS) >= 20


@pytest.mark.parametrize("case", MISCONFIGURATIONS, ids=[case.id for case in MISCONFIGURATIONS])
def test_a_misconfiguration_is_found_with_the_right_fix(
    healthy: Healthy, case: Misconfiguration
) -> None:
    case.seed(healthy)

    diagnosis = healthy.examine()

    found = [f for f in diagnosis.findings if f.check == case.check and case.says in f.what]
    assert len(found) == 1, [f.line for f in diagnosis.findings] + list(diagnosis.unseen)
    assert case.fix in found[0].fix
    assert "\n" not in found[0].line
    assert diagnosis.unseen == ()
    assert len(diagnosis.findings) <= 3, "no check cries about what another one names"


def test_what_packaging_writes_into_a_template_is_no_drift(healthy: Healthy) -> None:
    healthy.template = healthy.template.replace("CodeUri: lambdas/", "CodeUri: s3://b/1")

    assert healthy.examine().findings == ()


def test_the_calls_of_an_examination_are_counted_in_the_quota(healthy: Healthy) -> None:
    healthy.examine()

    facts = [fact.what for fact in healthy.examine().facts if fact.check == "quota"]
    calls = len(healthy.spotify.log)
    assert calls == 2 * 4
    assert facts == [
        f"{calls} calls in the last 24 hours, about {1000 - calls} left (development mode)"
    ]


def test_nobody_is_asked_while_a_cool_down_is_on(healthy: Healthy) -> None:
    (case,) = [case for case in MISCONFIGURATIONS if case.id == "cool-down"]
    case.seed(healthy)

    healthy.examine()

    assert healthy.spotify.log == []


def test_what_may_not_be_seen_is_said_and_stops_nothing(
    healthy: Healthy, monkeypatch: pytest.MonkeyPatch
) -> None:
    healthy.outputs["StateTable"] = "no-such-table"

    diagnosis = healthy.examine()

    assert any(line.startswith("quota: not checked") for line in diagnosis.unseen)
    assert any(fact.check == "loads" for fact in diagnosis.facts)


def test_no_secret_is_in_what_it_says(healthy: Healthy) -> None:
    said = json.dumps(healthy.examine().as_json())

    assert all(secret not in said for secret in ("hush", "refresh-1", "access-", "lis@example"))


def test_a_drift_of_the_account_keeps_its_own_fix(healthy: Healthy) -> None:
    ours = Finding(Kind.PIPE_PAUSED, "pipe P is paused", subject="P", action="resume it")
    by_hand = Finding(Kind.STAGE, "stage S reads elsewhere", "alter it", subject="S")

    found = [wiring_checks._of_stack(finding, "mine") for finding in (ours, by_hand)]

    assert [(one.check, one.fix) for one in found] == [
        ("pipe-paused", "run `tonearm snowflake deploy --stack-name mine`"),
        ("stage", "alter it"),
    ]


def test_the_command_prints_one_line_for_each_finding_and_exits_by_them(
    healthy: Healthy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tonearm.stack.aws_client", healthy)
    well = CliRunner().invoke(app, ["doctor"])

    healthy.parameters["ScheduleState"] = "DISABLED"
    ill = CliRunner().invoke(app, ["doctor"])
    told = CliRunner().invoke(app, ["doctor", "--json"])

    assert (well.exit_code, ill.exit_code, told.exit_code) == (0, 1, 1)
    assert well.stdout.splitlines()[-1] == "0 findings."
    (line,) = [line for line in ill.stdout.splitlines() if line.startswith("! ")]
    assert "ScheduleState=ENABLED" in line
    document = json.loads(told.stdout)
    assert [finding["check"] for finding in document["findings"]] == ["schedule"]
    assert document["is_well"] is False
