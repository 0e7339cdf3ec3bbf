"""Steps are taken in order; what cannot be looked at is open, what is refused is told."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from rich.console import Console
from typer.testing import CliRunner

from tests.tonearm.doctor.healthy import Healthy
from tests.tonearm.fake_stack import BUCKET
from tonearm.cli.main import app
from tonearm.errors import OperatorError
from tonearm.project import ROOT
from tonearm.register import Assumption
from tonearm.verify import verifying
from tonearm.verify.account_steps import check_doctor, check_login, check_sources
from tonearm.verify.job_runs import judged_by_run
from tonearm.verify.outcomes import Fault, Outcome, Verdict, judged, left_open
from tonearm.verify.report import Report
from tonearm.verify.run_steps import check_run
from tonearm.verify.steps import STEPS, Need, Step
from tonearm.verify.subject import DEFAULT_SOURCE, Subject
from tonearm_pipeline.errors import StorageUnavailableError


def an_entry(name: str, *steps: str) -> Assumption:
    held = tuple(f"verify:{step}" for step in steps)
    return Assumption(name, "S3", "A thing.", ("template.yaml",), "https://example.org", held)


def said(outcome: Outcome) -> Callable[[Subject], Outcome]:
    return lambda _: outcome


def raising(error: Exception) -> Callable[[Subject], Outcome]:
    def check(_: Subject) -> Outcome:
        raise error

    return check


def refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "DescribeAlarms")


def told_of(cause: Exception) -> OperatorError:
    error = OperatorError("list the executions: AWS says no", "check the permissions")
    error.__cause__ = cause
    return error


def taken(
    monkeypatch: pytest.MonkeyPatch,
    subject: Subject,
    steps: list[Step],
    wanted: tuple[str, ...] = (),
) -> Report:
    monkeypatch.setattr(verifying, "STEPS", tuple(steps))
    register = (an_entry("held", "run", "codecs"), an_entry("other", "logs"), an_entry("none"))
    return verifying.verify(subject, register, wanted)


@pytest.fixture
def subject(healthy: Healthy) -> Subject:
    return Subject(healthy, "tonearm")


@pytest.mark.parametrize(
    ("error", "verdict", "says"),
    [
        (refused("AccessDenied"), Verdict.OPEN, "these AWS credentials may not look"),
        (refused("ValidationError"), Verdict.FAILED, "ValidationError"),
        (told_of(refused("AccessDenied")), Verdict.OPEN, "these AWS credentials may not look"),
        (EndpointConnectionError(endpoint_url="x"), Verdict.OPEN, "AWS does not answer"),
        (OperatorError("no such thing", "make one"), Verdict.FAILED, "no such thing"),
        (StorageUnavailableError("S3 is slow"), Verdict.FAILED, "S3 is slow"),
    ],
)
def test_a_step_that_cannot_look_stops_no_other(
    monkeypatch: pytest.MonkeyPatch, subject: Subject, error: Exception, verdict: Verdict, says: str
) -> None:
    steps = [Step("alarms", raising(error)), Step("logs", said(judged("well")))]

    report = taken(monkeypatch, subject, steps)

    first, second = (one.outcome for one in report.taken)
    assert first.verdict is verdict
    assert says in (first.faults[0].what if first.faults else first.told)
    assert second == judged("well")


def test_an_entry_is_as_good_as_its_worst_step(
    monkeypatch: pytest.MonkeyPatch, subject: Subject
) -> None:
    fault = judged("", [Fault("a codec", "pack anew")])
    steps = [
        Step("run", said(judged("green"))),
        Step("codecs", said(fault)),
        Step("logs", said(left_open("not seen"))),
    ]

    report = taken(monkeypatch, subject, steps)

    assert report.verdicts == {"held": Verdict.FAILED, "other": Verdict.OPEN}
    assert not report.is_well
    assert report.as_json()["register"]["touched"] == {"failed": 1, "open": 1}


def test_open_steps_alone_are_no_failure(monkeypatch: pytest.MonkeyPatch, subject: Subject) -> None:
    steps = [Step("logs", said(left_open("not seen")))]

    assert taken(monkeypatch, subject, steps).is_well


def test_without_a_run_what_needs_one_is_open(
    monkeypatch: pytest.MonkeyPatch, subject: Subject
) -> None:
    steps = [Step("codecs", raising(AssertionError("must not be asked")), (Need.FILES,))]

    (one,) = taken(monkeypatch, subject, steps).taken

    assert one.outcome.verdict is Verdict.OPEN


def test_what_only_a_run_proves_is_open_without_one(subject: Subject) -> None:
    before = judged_by_run(subject, "3 jobs", "they have run", [])
    wrong = judged_by_run(subject, "3 jobs", "they have run", [Fault("one is lost", "deploy")])
    subject.run = subject.runs.find("")
    after = judged_by_run(subject, "3 jobs", "they have run", [])

    assert (before.verdict, wrong.verdict) == (Verdict.OPEN, Verdict.FAILED)
    assert after == judged("3 jobs; they have run")


def test_nothing_of_the_local_runtime_is_needed() -> None:
    files = [*(ROOT / "tonearm" / "verify").glob("*.py"), ROOT / "tonearm" / "cli" / "verify.py"]

    assert [file.name for file in files if "tonearm.local" in file.read_text()] == []


def test_without_snowflake_its_steps_are_open(healthy: Healthy, subject: Subject) -> None:
    healthy.parameters["SnowflakeAccount"] = ""

    report = verifying.verify(subject, (), ["snowpipe", "dynamic_tables", "tasks"])

    verdicts = {one.name: one.outcome for one in report.taken}
    assert {one.verdict for one in verdicts.values()} == {Verdict.OPEN}
    assert "tonearm snowflake deploy" in verdicts["snowpipe"].told
    assert report.is_well


def test_without_snowflake_a_published_run_is_open_and_not_red(
    healthy: Healthy, subject: Subject
) -> None:
    run_id = healthy.add_run("daily-2", "FAILED")
    arn = healthy.stepfunctions.executions[0]["executionArn"]
    failure = {"execution_id": arn, "error": "WarehouseNotWiredError", "state": "ConfirmLoad"}
    healthy.put(f"runs/{run_id}/failure.json", failure)
    subject.run = subject.runs.find(run_id)
    wired = check_run(subject)
    healthy.parameters["SnowflakeAccount"] = ""
    del subject.context

    unwired = check_run(subject)

    assert wired.verdict is Verdict.FAILED
    assert wired.faults[0].fix == f"run `tonearm status {run_id}`"
    assert unwired.verdict is Verdict.OPEN
    assert "no Snowflake account is wired" in unwired.told


def test_a_green_run_that_read_nothing_is_red_and_says_what_was_refused(
    healthy: Healthy, subject: Subject
) -> None:
    run_id = healthy.add_run("daily-2")
    healthy.aws("s3").delete_object(Bucket=BUCKET, Key=f"runs/{run_id}/manifest.json")
    refused = {"source": DEFAULT_SOURCE, "status": 404, "why": "Spotify knows no such object."}
    healthy.put(f"raw/{run_id}/manifest.json", {"refused": [refused]})
    subject.run = subject.runs.find(run_id)

    outcome = check_run(subject)

    (fault,) = outcome.faults
    assert f"Spotify refuses {DEFAULT_SOURCE} (404): Spotify knows no such object." in fault.what
    assert fault.fix == "run `tonearm verify --source LINK` with another link"


def test_a_healthy_stack_passes_what_comes_before_a_run(subject: Subject) -> None:
    for check in (check_doctor, check_login, check_sources):
        assert check(subject).verdict is Verdict.PASSED, check(subject)


def test_an_empty_secret_says_both_ways_to_fill_it(healthy: Healthy, subject: Subject) -> None:
    manager = healthy.aws("secretsmanager")
    healthy.outputs["SpotifySecretArn"] = manager.create_secret(Name="tonearm/other")["ARN"]

    outcome = check_login(subject)

    (fault,) = outcome.faults
    assert "is empty" in fault.what
    assert fault.fix.startswith("run `tonearm login`; or, for albums and artists alone, put")
    assert not subject.is_login_usable


def test_a_login_that_ends_soon_is_red_and_runs_all_the_same(
    healthy: Healthy, subject: Subject
) -> None:
    healthy.put_login(authorized_at="2020-01-01T00:00:00+00:00")

    outcome = check_login(subject)

    assert outcome.verdict is Verdict.FAILED
    assert subject.is_login_usable


def test_the_owners_choices_are_told_and_not_red(healthy: Healthy, subject: Subject) -> None:
    healthy.parameters |= {"ScheduleState": "DISABLED", "AlarmEmail": ""}
    healthy.aws("sns").unsubscribe(SubscriptionArn=healthy.subscription)

    outcome = check_doctor(subject)

    assert outcome.verdict is Verdict.PASSED
    assert "left as chosen: the stack's schedule is switched off" in outcome.told
    assert "left as chosen: nobody is told when a run fails" in outcome.told


def test_a_rule_disabled_by_hand_is_red(healthy: Healthy, subject: Subject) -> None:
    healthy.aws("events").disable_rule(Name="tonearm-daily")

    (fault,) = check_doctor(subject).faults

    assert fault.fix == "run `aws events enable-rule --name tonearm-daily`"


def test_the_table_shows_the_fix_and_hides_whose_it_is(
    monkeypatch: pytest.MonkeyPatch, subject: Subject
) -> None:
    what = f"ORG-ACCOUNT of ops@example.org in 123456789012 has lost {DEFAULT_SOURCE}"
    steps = [Step("logs", said(judged("", [Fault(what, "run `sam deploy`")])))]
    text = io.StringIO()

    taken(monkeypatch, subject, steps).show(Console(file=text, width=200))

    shown = text.getvalue()
    masked = "<Snowflake account> of <e-mail> in <account> has lost spotify:album:<id>"
    assert f"✗ logs: {masked}" in shown
    assert "    fix: run `sam deploy`" in shown
    assert "NOT well" in shown


def test_every_step_says_what_it_proves_in_one_sentence() -> None:
    assert [step.name for step in STEPS if not step.proves.endswith(".")] == []


def use_no_profile(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def line_of(*arguments: str) -> str:
    done = CliRunner().invoke(app, ["verify", *arguments])
    assert isinstance(done.exception, OperatorError), done.exception
    line = str(done.exception)
    assert "\n" not in line
    return line


def test_no_region_is_one_line_that_asks_for_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    use_no_profile(monkeypatch, tmp_path)

    assert "name AWS credentials and a region" in line_of()


def test_no_credentials_is_one_line_that_asks_for_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    use_no_profile(monkeypatch, tmp_path)
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")

    assert "name AWS credentials and a region" in line_of()


def test_an_unknown_stack_or_region_is_one_line_that_says_so(
    healthy: Healthy, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = line_of("--stack-name", "nowhere")

    assert "stack nowhere cannot be read" in line
    assert "does not exist" in line
    assert "--stack-name or another region with AWS_REGION" in line
