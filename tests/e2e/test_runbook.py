"""Every command of the runbook is run, as it stands there, over the local cloud.

The name of the local stack is added, and what a person would type in: credentials, an address.
"""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

import pytest
import requests

from tests.contract.runbook_reader import all_commands
from tests.e2e.commands import tonearm
from tests.e2e.driving import forget_the_size_of_the_quota, serve, steered
from tests.e2e.functions import run_that_cannot_log_in
from tests.e2e.local_cloud import ROOT, Cloud
from tests.faults.fake import Fake
from tonearm.local import sam
from tonearm.local.fake_spotify import CLIENT_ID, CLIENT_SECRET
from tonearm.local.processes import free_port
from tonearm.local.stack import STACK_NAME
from tonearm.stack import Pace, read_stack, update_parameters
from tonearm.warehouse.keys import new_key_pair

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

DEPLOY_SECONDS: Final = 300
LOGIN_SECONDS: Final = 60
QUICK: Final = Pace(poll_seconds=0.2)
PAGE: Final = "Open this page if your browser does not: "


class Scene(NamedTuple):
    """A stack whose fake Spotify serves one small list.

    Attributes:
        cloud: the local cloud.
        fake: its Spotify.
        source: the list.
        folder: for files.
    """

    cloud: Cloud
    fake: Fake
    source: str
    folder: Path


@pytest.fixture(scope="module")
def kept_parameters(cloud: Cloud) -> Iterator[None]:
    """The parameters that the runbook sets, afterwards as they were: set back in one update."""
    before = parameters(cloud)
    yield
    after = parameters(cloud)
    deploys = [shlex.split(one) for one in all_commands() if one.startswith("sam ")]
    named = {name for words in deploys for name in settings(words)}
    changed = {name: before[name] for name in named if after[name] != before[name]}
    if changed:
        stack = read_stack(cloud.stack.client, STACK_NAME)
        update_parameters(cloud.stack.client, stack, changed, QUICK, lambda _: None)


@pytest.fixture
def scene(cloud: Cloud, kept_parameters: None, tmp_path: Path) -> Iterator[Scene]:
    forget_the_size_of_the_quota(cloud)
    with steered(cloud) as fake:
        yield Scene(cloud, fake, serve(fake, tmp_path / "account", "runbook"), tmp_path)


def look(scene: Scene, words: list[str]) -> None:
    """`status` and `doctor` end with 1 when something is wrong, and say what."""
    done = tonearm(scene.cloud, *words)

    assert done.returncode in (0, 1), done.stderr
    assert done.stdout.strip()
    assert "Traceback" not in done.stderr


def succeed(scene: Scene, words: list[str]) -> None:
    given = [scene.source if word == "PLAYLIST_URL" else word for word in words]

    done = tonearm(scene.cloud, *given)

    assert done.returncode == 0, done.stdout + done.stderr


def resume(scene: Scene, words: list[str]) -> None:
    assert not run_that_cannot_log_in(scene.cloud, scene.fake).is_green

    succeed(scene, words)


def refuse_to_redrive(scene: Scene, words: list[str]) -> None:
    assert not run_that_cannot_log_in(scene.cloud, scene.fake).is_green

    done = tonearm(scene.cloud, *words)

    assert done.returncode != 0
    assert "Fail state" in done.stderr
    assert "tonearm resume" in done.stderr


def log_in(scene: Scene, words: list[str]) -> None:
    secrets, arn = (
        scene.cloud.stack.client("secretsmanager"),
        scene.cloud.stack.outputs["SpotifySecretArn"],
    )
    before = secrets.get_secret_value(SecretId=arn)["SecretString"]
    command = [sys.executable, "-u", "-m", "tonearm.cli.main", *words, "--stack-name", STACK_NAME]
    command += ["--port", str(free_port()), "--accounts-url", scene.fake.url]
    typed = {"SPOTIFY_CLIENT_ID": CLIENT_ID, "SPOTIFY_CLIENT_SECRET": CLIENT_SECRET}
    env = {**os.environ, **scene.cloud.stack.aws_env, **typed, "BROWSER": "true"}
    with subprocess.Popen(command, cwd=ROOT, env=env, text=True, stdout=subprocess.PIPE) as login:
        assert login.stdout
        page = next(line for line in login.stdout if line.startswith(PAGE)).removeprefix(PAGE)
        assert requests.get(page.strip(), timeout=LOGIN_SECONDS).ok
        assert login.wait(LOGIN_SECONDS) == 0
    after = secrets.get_secret_value(SecretId=arn)["SecretString"]
    secrets.put_secret_value(SecretId=arn, SecretString=before)

    assert json.loads(after)["refresh_token"] != json.loads(before)["refresh_token"]
    assert json.loads(after)["authorized_at"]


def wire_snowflake(scene: Scene, words: list[str]) -> None:
    key = scene.folder / "admin.pem"
    key.write_bytes(new_key_pair().private_pem)
    typed = {
        "SNOWFLAKE_ACCOUNT": "local",
        "SNOWFLAKE_ADMIN_USER": "ADMIN",
        "SNOWFLAKE_PRIVATE_KEY_FILE": str(key),
        "SNOWFLAKE_HOST": "127.0.0.1",
        "SNOWFLAKE_PORT": str(scene.cloud.stack.ports.snowflake),
        "SNOWFLAKE_PROTOCOL": "http",
    }

    done = tonearm(scene.cloud, *words, "--yes", env=typed)

    assert done.returncode == 0, done.stdout + done.stderr


def deploy(scene: Scene, words: list[str]) -> None:
    """With the built template; the stack's other parameters stay."""
    before = parameters(scene.cloud)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = {**os.environ, **scene.cloud.stack.aws_env, "PATH": path, "SAM_CLI_POLL_DELAY": "0.5"}
    command = ["sam", *words, "--config-env", sam.CONFIG_ENV, "--no-fail-on-empty-changeset"]

    done = subprocess.run(
        command,
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=DEPLOY_SECONDS,
    )

    after = parameters(scene.cloud)
    assert done.returncode == 0, done.stdout + done.stderr
    assert after == before | settings(words)


def settings(words: list[str]) -> dict[str, str]:
    """The parameters that a `sam deploy` sets, NAME=VALUE."""
    return dict(word.split("=", 1) for word in words if "=" in word)


def parameters(cloud: Cloud) -> dict[str, str]:
    stacks = cloud.stack.client("cloudformation").describe_stacks(StackName=STACK_NAME)["Stacks"]
    return {one["ParameterKey"]: one["ParameterValue"] for one in stacks[0]["Parameters"]}


def remove_object(scene: Scene, words: list[str]) -> None:
    """AWS's own command line is no part of this project: its one call is made with boto3."""
    assert words[:2] == ["s3", "rm"]
    bucket, _, key = words[2].removeprefix("s3://").partition("/")
    assert bucket == "BUCKET"
    name, s3 = scene.cloud.stack.outputs["Bucket"], scene.cloud.stack.client("s3")
    if key not in scene.cloud.keys(key):  # any run before this one has left it
        tonearm(scene.cloud, "run", "--source", scene.source)
    assert key in scene.cloud.keys(key)

    s3.delete_object(Bucket=name, Key=key)

    succeed(scene, ["run", "--source", scene.source, "--full"])
    assert key in scene.cloud.keys(key)


type Doing = Callable[[Scene, list[str]], None]
# What runs a command, by its first words; a command of the runbook that is not here fails.
DOING: Final[dict[str, Doing]] = {
    "tonearm status": look,
    "tonearm doctor": look,
    "tonearm receipt": succeed,
    "tonearm run": succeed,
    "tonearm resume": resume,
    "tonearm redrive": refuse_to_redrive,
    "tonearm login": log_in,
    "tonearm snowflake deploy": wire_snowflake,
    "sam deploy": deploy,
    "aws s3 rm": remove_object,
}


@pytest.mark.parametrize("command", all_commands())
def test_the_command_does_what_the_runbook_says(scene: Scene, command: str) -> None:
    found = [head for head in DOING if f"{command} ".startswith(f"{head} ")]

    assert len(found) == 1, f"nobody runs `{command}`"
    DOING[found[0]](scene, shlex.split(command)[1:])
