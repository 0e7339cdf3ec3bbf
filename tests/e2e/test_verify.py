"""`tonearm verify` over the local cloud: green when whole, red with the right fix when not."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.e2e.commands import tonearm
from tests.e2e.deviations import DEVIATIONS, Deviation
from tests.e2e.driving import forget_the_size_of_the_quota, steered
from tests.e2e.local_cloud import Cloud
from tests.e2e.replays import changed_rules
from tests.e2e.spoiling import Scene
from tests.faults.fake import Fake
from tonearm.local.fake_spotify import REFRESH_TOKEN
from tonearm.local.stack import ACCOUNT_ID, STACK_NAME
from tonearm.register import read_register
from tonearm.verify.outcomes import Outcome, Verdict
from tonearm.verify.run_steps import check_unchanged_run
from tonearm.verify.steps import STEP_NAMES
from tonearm.verify.subject import Subject
from tonearm.verify.verifying import verify

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def source(cloud: Cloud) -> Iterator[str]:
    """An album of the built-in catalogue, which the fake Spotify serves meanwhile."""
    forget_the_size_of_the_quota(cloud)
    with steered(cloud) as fake:
        yield f"spotify:album:{an_album(fake)}"


def an_album(fake: Fake) -> str:
    """The album of a song in one of the account's lists."""
    token = fake.new_token({"grant_type": "refresh_token", "refresh_token": REFRESH_TOKEN})
    headers = {"Authorization": f"Bearer {token}"}
    for uri in fake.sources():
        address = f"{fake.url}/v1/playlists/{uri.rsplit(':', 1)[-1]}/items"
        page = requests.get(address, headers=headers, timeout=60).json()
        for entry in page["items"]:
            album = (entry.get("item") or {}).get("album") or {}
            if album.get("id"):
                return str(album["id"])
    raise AssertionError("no list of the account holds a song")


@pytest.fixture(scope="module")
def report(cloud: Cloud, source: str) -> dict[str, Any]:
    """What the command says of the whole local cloud."""
    done = tonearm(cloud, "verify", "--source", source, "--json")
    assert done.stdout.startswith("{"), done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return {**found, "exit_code": done.returncode, "text": done.stdout + done.stderr}


@pytest.fixture(scope="module")
def scene(cloud: Cloud, source: str, report: dict[str, Any]) -> Scene:
    run_id = run_of(report)
    body = cloud.stack.client("s3").get_object(
        Bucket=cloud.stack.outputs["Bucket"], Key=f"runs/{run_id}/manifest.json"
    )["Body"]
    return Scene(cloud, source, json.loads(body.read()))


def run_of(report: dict[str, Any]) -> str:
    (told,) = [step["told"] for step in report["steps"] if step["step"] == "run"]
    return str(told.split()[1])


def subject_of(scene: Scene) -> Subject:
    """The verified stack, looked at again without a run of its own."""
    return Subject(
        scene.cloud.stack.client,
        STACK_NAME,
        sources=(scene.source,),
        run_id=scene.manifest["run_id"],
        poll_seconds=0.2,
    )


def outcome_of(scene: Scene, step: str) -> Outcome:
    found = verify(subject_of(scene), read_register(), [step])
    (taken,) = [one for one in found.taken if one.name == step]
    return taken.outcome


def test_a_fresh_local_cloud_is_well_in_every_step(report: dict[str, Any]) -> None:
    verdicts = {step["step"]: (step["verdict"], step["faults"]) for step in report["steps"]}

    assert verdicts == {name: ("passed", []) for name in STEP_NAMES}, report["text"]
    assert report["is_well"]
    assert report["exit_code"] == 0
    assert report["dollars_of_runs"] > 0
    told = {step["step"]: step["told"] for step in report["steps"]}
    assert told["unchanged_run"].endswith("found nothing changed and started no job")
    assert told["replay"] == "5 tables, 0 differences"
    assert told["files"].startswith("3 files with ")


def test_every_entry_that_names_a_step_is_proved(report: dict[str, Any]) -> None:
    held = {one.id for one in read_register() if one.steps}

    assert report["register"]["verdicts"] == dict.fromkeys(held, "passed")


def test_the_report_names_nobody_and_nothing_of_theirs(
    cloud: Cloud, source: str, report: dict[str, Any]
) -> None:
    secret = cloud.stack.spotify.secret
    hidden = [ACCOUNT_ID, source.rsplit(":", 1)[-1], "listener-one", "Listener One"]
    hidden += [secret[key] for key in ("client_id", "client_secret", "refresh_token")]

    assert [value for value in hidden if value in report["text"]] == []


def test_there_are_at_least_twelve() -> None:
    assert len({one.id for one in DEVIATIONS}) == len(DEVIATIONS) >= 12


@pytest.mark.parametrize("deviation", DEVIATIONS, ids=[one.id for one in DEVIATIONS])
def test_a_deviation_turns_its_step_red_and_names_the_fix(
    scene: Scene, deviation: Deviation
) -> None:
    with deviation.spoil(scene):
        outcome = outcome_of(scene, deviation.step)
    healed = outcome_of(scene, deviation.step)

    assert outcome.verdict is Verdict.FAILED, outcome
    (fault,) = [fault for fault in outcome.faults if deviation.says in fault.what]
    assert deviation.fix in fault.fix
    assert "\n" not in fault.what + fault.fix
    assert healed.verdict is Verdict.PASSED, healed


def test_the_command_ends_red_and_says_the_fix(scene: Scene) -> None:
    (deviation,) = [one for one in DEVIATIONS if one.id == "silent-alarm"]

    with deviation.spoil(scene):
        done = tonearm(scene.cloud, "verify", "--step", "alarms")

    assert done.returncode == 1
    assert f"fix: run `aws cloudwatch {deviation.fix}" in done.stdout
    assert "NOT well" in done.stdout


def test_a_source_that_is_forgotten_is_read_again_and_that_is_red(scene: Scene) -> None:
    subject = subject_of(scene)
    subject.run, subject.run_id = subject.runs.find(subject.run_id), ""
    scene.aws("dynamodb").delete_item(
        TableName=scene.cloud.stack.outputs["StateTable"],
        Key={"pk": {"S": f"source#{scene.source}"}, "sk": {"S": "state"}},
    )

    outcome = check_unchanged_run(subject)

    assert outcome.verdict is Verdict.FAILED, outcome
    assert "went through Transform" in outcome.faults[0].what


def test_other_rules_in_the_jobs_differ_in_the_replay(scene: Scene) -> None:
    rule = 'flag(track["explicit"])'
    edits = {"tonearm_glue/song_mentions.py": (rule, f'((track["track_number"] == "1") | {rule})')}
    with changed_rules(scene.cloud, edits):
        outcome = outcome_of(scene, "replay")

    assert outcome.verdict is Verdict.FAILED, outcome
    assert outcome.faults[0].what.startswith("table songs: 0 rows added, 0 removed, 1 changed")
    assert "tonearm replay --run-id" in outcome.faults[0].fix


def test_a_login_without_a_user_is_enough_for_an_album(scene: Scene) -> None:
    stack = scene.cloud.stack
    app = {key: stack.spotify.secret[key] for key in ("client_id", "client_secret")}
    secrets, arn = stack.client("secretsmanager"), stack.outputs["SpotifySecretArn"]
    before = secrets.get_secret_value(SecretId=arn)["SecretString"]
    secrets.put_secret_value(SecretId=arn, SecretString=json.dumps(app))
    try:
        outcome = outcome_of(scene, "login")
    finally:
        secrets.put_secret_value(SecretId=arn, SecretString=before)

    assert outcome.verdict is Verdict.OPEN
    assert "nobody has logged in, and me/playlists need a user" in outcome.told
    assert "tonearm login" in outcome.told


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--step", "nonsense"], "there is no step nonsense: the steps are doctor, login"),
        (["--source", "spotify:album:short"], "tonearm: "),
        (["--run-id", "20200101T000000Z-000000"], "has no run 20200101T000000Z-000000"),
    ],
)
def test_bad_input_is_one_line_with_the_fix(
    scene: Scene, arguments: list[str], says: str, tmp_path: Path
) -> None:
    done = tonearm(scene.cloud, "verify", *arguments)

    assert done.returncode != 0
    lines = (done.stdout + done.stderr).splitlines()
    assert any(says in line for line in lines), lines
    assert not any("Traceback" in line for line in lines)
