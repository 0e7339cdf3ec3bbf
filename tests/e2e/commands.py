"""The command line as a person uses it, against the local cloud."""

import os
import subprocess
import sys

from tests.e2e.local_cloud import ROOT, Cloud
from tonearm.local.stack import STACK_NAME

SECONDS = 240


def tonearm(
    cloud: Cloud, *arguments: str, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run one command of ours over the local stack, to its end."""
    return subprocess.run(
        [sys.executable, "-m", "tonearm.cli.main", *arguments, "--stack-name", STACK_NAME],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
        env={**os.environ, **cloud.stack.aws_env, **(env or {})},
    )
