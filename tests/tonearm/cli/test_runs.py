"""The commands as a person types them: what they print and how they exit."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tests.lambdas.history import a_history, entered
from tests.lambdas.tonearm_pipeline.finished_run import finished_facts, published_manifest
from tests.tonearm.fake_stack import FakeStack
from tonearm.cli.main import app
from tonearm_pipeline.ledger import compose_ledger


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> FakeStack:
    made = FakeStack()
    monkeypatch.setattr("tonearm.stack.aws_client", made)
    monkeypatch.setattr("tonearm.cli.runs.POLL_SECONDS", 0)
    return made


def tonearm(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def test_status_exits_with_one_while_the_newest_run_is_red(stack: FakeStack) -> None:
    stack.stepfunctions.add("good", "SUCCEEDED", [])
    assert tonearm("status").exit_code == 0

    stack.stepfunctions.add("bad", "ABORTED", [entered(0, "PlanRun")])
    red = tonearm("status")
    assert red.exit_code == 1
    assert "next: tonearm redrive" in red.stdout


def test_status_of_one_run_and_live(stack: FakeStack) -> None:
    run_id = stack.stepfunctions.add("good", "SUCCEEDED", a_history())

    assert run_id in tonearm("status", run_id).stdout
    followed = tonearm("status", run_id, "--follow")
    assert followed.exit_code == 0
    assert "ExtractSpotify" in followed.stdout
    assert "succeeded" in followed.stdout


def test_run_starts_with_the_input_asked_for_and_exits_by_its_end(stack: FakeStack) -> None:
    assert tonearm("run", "--source", "me/tracks", "--full").exit_code == 0
    assert stack.stepfunctions.started == [{"sources": ["me/tracks"], "force_full": True}]

    stack.stepfunctions.ends_as = "FAILED"
    assert tonearm("run").exit_code == 1
    assert tonearm("run", "--no-follow").exit_code == 0


def test_resume_and_redrive_act_on_the_newest_run(stack: FakeStack) -> None:
    stack.stepfunctions.add("lost", "ABORTED", [entered(0, "PlanRun")], input='{"enrich":"all"}')
    assert tonearm("resume").exit_code == 0
    assert stack.stepfunctions.started == [{"enrich": "all"}]

    assert tonearm("redrive", "lost").exit_code == 0
    assert len(stack.stepfunctions.redriven) == 1


def test_a_receipt_as_json_and_as_a_table(stack: FakeStack) -> None:
    stack.stepfunctions.add("bad", "FAILED", a_history()[:-2])

    receipt = json.loads(tonearm("receipt", "--json").stdout)
    shown = tonearm("receipt").stdout

    assert receipt["usage"]["transitions"] == 6
    assert f"{receipt['cost']['total']:.6f}" in shown
    assert receipt["cost"]["prices_as_of"] in shown


def test_a_receipt_names_what_differs_in_the_ledger(stack: FakeStack) -> None:
    run_id = stack.stepfunctions.add("bad", "FAILED", a_history())
    facts = finished_facts()
    load: Any = facts.load
    load["entities"]["songs"]["warehouse"] = 5
    stack.s3.objects[f"runs/{run_id}/ledger.json"] = compose_ledger(facts)

    shown = tonearm("receipt").stdout
    told = json.loads(tonearm("receipt", "--json").stdout)

    assert "ledger balances: NO" in shown
    assert "difference: " in shown
    (difference,) = told["differences"]
    assert (difference["entity"], difference["step"]) == ("songs", "warehouse")


def test_report_writes_a_page_and_says_where(stack: FakeStack, tmp_path: Path) -> None:
    run_id = stack.stepfunctions.add("good", "SUCCEEDED", [])
    ledger = compose_ledger(finished_facts())
    stack.s3.objects[f"runs/{run_id}/plan.json"] = {"run_id": run_id}
    stack.s3.objects[f"runs/{run_id}/ledger.json"] = ledger
    stack.s3.objects[f"runs/{run_id}/manifest.json"] = published_manifest()
    path = tmp_path / "page.html"

    written = tonearm("report", "--output", str(path))

    assert written.exit_code == 0
    assert str(path) in written.stdout.replace("\n", "")
    assert run_id in path.read_text()
