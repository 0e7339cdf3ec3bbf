"""Writes down which role asked for which action, each once: the proof of least privilege."""

import json
from collections.abc import Callable
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Final

FILE_NAME: Final = "iam-record.jsonl"
_ASSUMED: Final = ":assumed-role/"
# Who asks is known only to the evaluation inside.
_asking: ContextVar[str] = ContextVar("asking", default="")


def noting_who_asks(evaluate: Callable[..., Any]) -> Callable[..., Any]:
    """MiniStack's evaluation of policies, which also keeps whose they are."""

    def wrapped(context: Any, *policies: Any) -> Any:
        _asking.set(str(context.principal_arn))
        return evaluate(context, *policies)

    return wrapped


def recorded(enforce: Callable[..., Any], path: Path) -> Callable[..., Any]:
    """MiniStack's check of a request, which also notes role, action, decision and a resource.

    Args:
        enforce: gives None for what is allowed, else what stands against it.
        path: a line of JSON is appended for each role, action and decision not seen before.
    """
    seen: set[tuple[str, str, str]] = set()

    def wrapped(access_key_id: str, action: str, *rest: Any, **named: Any) -> Any:
        _asking.set("")
        against = enforce(access_key_id, action, *rest, **named)
        role = _role_in(_asking.get())
        key = (role, action, "Allow" if against is None else "Deny")
        if role and key not in seen:
            seen.add(key)
            _append(path, key, str(named.get("resource_arn", "*")))
        return against

    return wrapped


def _role_in(principal: str) -> str:
    """The role's name; empty for a user."""
    return principal.split(_ASSUMED, 1)[1].split("/", 1)[0] if _ASSUMED in principal else ""


def _append(path: Path, key: tuple[str, str, str], resource: str) -> None:
    role, action, decision = key
    line = {"role": role, "action": action, "decision": decision, "resource": resource}
    with path.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(line) + "\n")
