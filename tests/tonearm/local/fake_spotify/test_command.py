import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from tonearm.local.fake_spotify import running
from tonearm.local.fake_spotify.command import main

ROOT = Path(__file__).parents[4]


@contextmanager
def started(*args: str) -> Iterator[str]:
    """The server as a process; gives the URL it prints."""
    command = [sys.executable, "-m", "tonearm.local.fake_spotify", *args]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        try:
            yield line
        finally:
            process.terminate()


def test_the_command_prints_where_it_listens_and_serves_there() -> None:
    with started("--port", "0", "--day", "2026-11-20", "--mode", "extended") as line:
        assert line.startswith("listening on http://127.0.0.1:")
        url = line.removeprefix("listening on ").strip()
        summary = requests.get(f"{url}/_control/catalogue", timeout=20).json()

    assert summary["day"] == "2026-11-20"


def test_a_port_in_use_is_said_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        status = main(["--port", str(port)])

    assert status == 2
    assert capsys.readouterr().err == (
        f"fake Spotify: port {port} cannot be used: Address already in use\n"
    )


def test_an_impossible_port_is_said_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--port", "99999"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("made", [True, False])
def test_a_catalogue_without_files_is_said_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], made: bool
) -> None:
    folder = tmp_path / "recordings"
    if made:
        folder.mkdir()

    status = main(["--catalogue", str(folder)])

    reason = "holds no files" if made else "no such folder or file"
    assert status == 2
    assert capsys.readouterr().err == f"fake Spotify: {folder}: {reason}\n"


def test_a_running_fake_ends_with_its_block() -> None:
    with running(day="2026-11-20") as url:
        assert requests.get(f"{url}/_control/sources", timeout=20).status_code == 200

    with pytest.raises(requests.ConnectionError):
        requests.get(f"{url}/_control/sources", timeout=2)
