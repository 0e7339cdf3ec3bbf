"""JSONata's own implementation, in the version whose specification Step Functions follows.

https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
"""

import json
import os
import subprocess
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest

from tests.contract.template_reader import ROOT

VERSION = "2.0.6"
_PACKAGE = ROOT / ".tonearm" / "tools" / "node_modules" / "jsonata"
_SCRIPT = Path(__file__).with_suffix(".js")


class ExpressionError(Exception):
    """The expression cannot be evaluated."""


class ReferenceJsonata:
    """One process of Node that evaluates expressions."""

    def __init__(self) -> None:
        _require_package()
        self._lock = threading.Lock()
        self._node = subprocess.Popen(
            ["node", _SCRIPT, _PACKAGE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._node.communicate()

    def evaluate(self, expression: str) -> Any:
        """Return the value, None for nothing too.

        Raises:
            ExpressionError: with JSONata's own code and words.
        """
        assert self._node.stdin
        assert self._node.stdout
        with self._lock:
            self._node.stdin.write(json.dumps(expression) + "\n")
            self._node.stdin.flush()
            answer = json.loads(self._node.stdout.readline())
        if "error" in answer:
            raise ExpressionError(answer["error"])
        return answer["value"]


def _require_package() -> None:
    description = _PACKAGE / "package.json"
    if description.exists() and json.loads(description.read_text())["version"] == VERSION:
        return
    missing = f"JSONata {VERSION} is not installed: `make asl-validator` (needs npm)"
    if os.environ.get("TONEARM_REQUIRE_TOOLS"):
        pytest.fail(missing)
    pytest.skip(missing)
