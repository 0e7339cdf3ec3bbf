"""What a role asked for is written down once, whoever else asks too."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tonearm.local.cloud.iam_record import recorded

ROLE = "arn:aws:sts::000000000000:assumed-role/plan-role/plan"
USER = "arn:aws:iam::000000000000:user/someone"


def asked(principal: str, action: str) -> Any:
    return SimpleNamespace(principal_arn=principal, action=action, resource_arn="arn:aws:s3:::b/k")


def test_each_role_action_and_decision_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "record"
    decisions = iter(["Allow", "Allow", "ImplicitDeny", "Allow"])
    evaluate = recorded(lambda *_: SimpleNamespace(decision=next(decisions)), path)

    for principal in (ROLE, ROLE, ROLE, USER):
        evaluate(asked(principal, "s3:GetObject"), [])

    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line["decision"] for line in lines] == ["Allow", "ImplicitDeny"]
    assert {line["role"] for line in lines} == {"plan-role"}


def test_the_decision_is_passed_on(tmp_path: Path) -> None:
    answer = SimpleNamespace(decision="Deny")
    evaluate = recorded(lambda _context, *_policies: answer, tmp_path / "record")

    assert evaluate(asked(ROLE, "s3:GetObject"), [], []) is answer
