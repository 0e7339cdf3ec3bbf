"""Bad input to the command line: one clear line, a non-zero exit, no traceback."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tonearm.errors import OperatorError
from tonearm.local.days import parse_days


def tonearm(*arguments: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tonearm.cli.main", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **(env or {})},
    )


class BadInput(NamedTuple):
    id: str
    arguments: list[str]
    says: str


BAD_INPUT = [
    BadInput("malformed-id", ["--source", "spotify:playlist:short"], "spotify:playlist:short"),
    BadInput("unknown-source", ["--source", "https://example.com/x"], "https://example.com/x"),
    BadInput("empty-source", ["--source", ""], "source"),
    BadInput("no-such-folder", ["--catalogue", "no/such/folder"], "no/such/folder does not exist"),
    BadInput("bad-date", ["--day", "yesterday=."], "'yesterday' is no date"),
    BadInput("no-folder", ["--day", "2024-05-02"], "names no folder"),
    BadInput("both", ["--day", "2024-05-02=.", "--catalogue", "."], "exclude each other"),
    BadInput("unknown-spotify", ["--spotify", "real"], "--spotify real is unknown"),
    BadInput("login-for-the-fake", ["--login-file", "x.json"], "add `--spotify live`"),
    BadInput(
        "no-login-file", ["--spotify", "live", "--login-file", "no/x.json"], "no/x.json is no file"
    ),
]


@pytest.mark.parametrize("case", BAD_INPUT, ids=[case.id for case in BAD_INPUT])
def test_bad_input_is_one_line_and_a_non_zero_exit(case: BadInput) -> None:
    finished = tonearm("local", "run", *case.arguments)

    assert finished.returncode == 2
    assert case.says in finished.stderr
    assert len(finished.stderr.strip().splitlines()) == 1
    assert "Traceback" not in finished.stderr + finished.stdout


def test_all_wrong_sources_are_named_in_one_line() -> None:
    finished = tonearm("local", "run", "--source", "nonsense!", "--source", "spotify:album:x")

    assert "nonsense!" in finished.stderr
    assert "spotify:album:x" in finished.stderr


def test_live_spotify_without_credentials_lists_all_that_are_missing() -> None:
    names = ["SPOTIFY_CLIENT_ID", "SPOTIFY_CLIENT_SECRET", "SPOTIFY_REFRESH_TOKEN"]
    finished = tonearm("local", "run", "--spotify", "live", env=dict.fromkeys(names, ""))

    assert finished.returncode == 2
    assert all(name in finished.stderr for name in names)


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        yield holder.getsockname()[1]


@pytest.mark.parametrize("option", ["--aws-port", "--snowflake-port", "--spotify-port"])
def test_a_port_in_use_is_named(taken_port: int, option: str) -> None:
    finished = tonearm("local", "run", option, str(taken_port))

    assert finished.returncode == 2
    assert f"port {taken_port}" in finished.stderr
    assert "in use" in finished.stderr


def test_no_java_and_a_wrong_java_are_named(tmp_path: Path) -> None:
    without = tonearm("local", "run", env={"PATH": str(tmp_path)})
    java = tmp_path / "java"
    java.write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\" 2019-01-15' >&2\n")
    java.chmod(0o755)
    wrong = tonearm("local", "run", env={"PATH": f"{tmp_path}:/bin:/usr/bin"})

    assert (without.returncode, wrong.returncode) == (2, 2)
    assert "Java is not installed" in without.stderr
    assert "this is Java 11" in wrong.stderr


def test_down_without_a_kept_cloud_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tonearm.local.session.SESSION_FILE", tmp_path / "none.json")
    from tonearm.cli.local import local_down

    with pytest.raises(OperatorError, match="no local cloud is up"):
        local_down()


def test_days_are_kept_in_the_order_given(tmp_path: Path) -> None:
    days = parse_days(None, [f"2024-05-11={tmp_path}", f"2024-05-02={tmp_path}"])

    assert [day.logical_date.isoformat() for day in days] == ["2024-05-11", "2024-05-02"]
