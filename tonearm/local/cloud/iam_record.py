"""Writes down which role asked for which action, each once: the proof of least privilege."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

FILE_NAME: Final = "iam-record.jsonl"
_ASSUMED: Final = ":assumed-role/"


def recorded(evaluate: Callable[..., Any], path: Path) -> Callable[..., Any]:
    """An evaluation of policies that also notes role, action, decision and a resource.

    Args:
        evaluate: MiniStack's, from the request's context and policies to a decision.
        path: a line of JSON is appended for each role, action and decision not seen before.
    """
    seen: set[tuple[str, str, str]] = set()

    def wrapped(context: Any, *policies: Any) -> Any:
        result = evaluate(context, *policies)
        arn = str(context.principal_arn)
        if _ASSUMED in arn:
            role = arn.split(_ASSUMED, 1)[1].split("/", 1)[0]
            key = (role, str(context.action), str(result.decision))
            if key not in seen:
                seen.add(key)
                _append(path, key, str(context.resource_arn))
        return result

    return wrapped


def _append(path: Path, key: tuple[str, str, str], resource: str) -> None:
    role, action, decision = key
    line = {"role": role, "action": action, "decision": decision, "resource": resource}
    with path.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(line) + "\n")
