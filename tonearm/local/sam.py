"""`sam build` and `sam deploy` of the project's own template, into whatever cloud the env names."""

import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tonearm.errors import OperatorError
from tonearm.project import ROOT

CONFIG_ENV = "local"


def build(log: Path) -> None:
    """Build the functions and layers; unchanged ones come from SAM's cache.

    Raises:
        OperatorError: the build failed; names the log.
    """
    _sam(["build", "--config-env", CONFIG_ENV], {}, log)


def deploy(env: Mapping[str, str], overrides: Mapping[str, str], log: Path) -> None:
    """Deploy the built template with these parameters.

    Raises:
        OperatorError: the deploy failed; names the log.
    """
    values = [f"{name}={value}" for name, value in overrides.items()]
    _sam(
        ["deploy", "--config-env", CONFIG_ENV, "--parameter-overrides", *values],
        dict(env),
        log,
    )


def architecture() -> str:
    """This machine's processor, as Lambda names it."""
    return "arm64" if platform.machine() in ("arm64", "aarch64") else "x86_64"


def _sam(arguments: list[str], env: dict[str, str], log: Path) -> None:
    # The environment's own python and pip must come first: sam looks for python3.13 on the PATH.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    full = {
        **os.environ,
        **env,
        "PATH": path,
        "SAM_CLI_TELEMETRY": "0",
        "SAM_CLI_POLL_DELAY": "0.5",
    }
    with log.open("ab") as stream:
        finished = subprocess.run(  # noqa: S603 - our own arguments
            [str(Path(sys.executable).parent / "sam"), *arguments],
            cwd=ROOT,
            env=full,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if finished.returncode != 0:
        raise OperatorError(f"sam {arguments[0]} failed: {_last_line(log)}", f"see {log}")


def _last_line(log: Path) -> str:
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1].strip() if lines else "no output"
