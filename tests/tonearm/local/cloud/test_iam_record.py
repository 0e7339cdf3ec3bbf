"""What a role asked for is written down once, whoever else asks too."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tonearm.local.cloud.iam_record import noting_who_asks, recorded

ROLE = "arn:aws:sts::000000000000:assumed-role/plan-role/plan"
USER = "arn:aws:iam::000000000000:user/someone"


def enforcing(refused: set[str]) -> Callable[..., Any]:
    """A check of requests like MiniStack's: the key is the principal."""
    evaluate = noting_who_asks(lambda context, *_: context.action not in refused)

    def enforce(access_key_id: str, action: str, **_: Any) -> Any:
        context = SimpleNamespace(principal_arn=access_key_id, action=action)
        return None if evaluate(context, []) else SimpleNamespace(decision="ImplicitDeny")

    return enforce


def test_each_role_action_and_decision_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "record"
    enforce = recorded(enforcing({"s3:PutObject"}), path)

    for principal in (ROLE, ROLE, USER):
        for action in ("s3:GetObject", "s3:PutObject"):
            enforce(principal, action, resource_arn="arn:aws:s3:::b/k")

    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert {(line["action"], line["decision"]) for line in lines} == {
        ("s3:GetObject", "Allow"),
        ("s3:PutObject", "Deny"),
    }
    assert len(lines) == 2
    assert {line["role"] for line in lines} == {"plan-role"}
    assert {line["resource"] for line in lines} == {"arn:aws:s3:::b/k"}


def test_the_answer_is_passed_on(tmp_path: Path) -> None:
    enforce = recorded(enforcing({"s3:PutObject"}), tmp_path / "record")

    assert enforce(ROLE, "s3:GetObject") is None
    assert enforce(ROLE, "s3:PutObject").decision == "ImplicitDeny"
