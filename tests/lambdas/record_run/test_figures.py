import pytest

from record_run.figures import run_figures
from tests.lambdas.tonearm_pipeline.finished_run import finished_facts, unchanged_facts
from tonearm_pipeline.ledger import compose_ledger

RECEIPT = {
    "sources": {"playlists": 2, "refused": 1},
    "calls": {"total": 5, "waited_seconds": 30},
    "seconds": 450.0,
    "cost": {"total": 0.07},
    "state_seconds": {"PlanRun": 2.0, "ConfirmLoad": 30.0, "WaitForSnowpipe": 60.0},
}


def test_a_balanced_run_gives_its_figures() -> None:
    figures = run_figures(compose_ledger(finished_facts()), RECEIPT, warnings=2)

    values = {figure.name: figure.value for figure in figures}
    assert values == {
        "RunsSucceeded": 1,
        "RunsUnchanged": 0,
        "LedgersUnbalanced": 0,
        "QuarantinedRows": 1,
        "QuarantineShare": pytest.approx(100 / 13),
        "RowsPublished": 26,
        "AuditWarnings": 2,
        "PlaylistsRead": 2,
        "SourcesRefused": 1,
        "ApiCalls": 5,
        "WaitedSeconds": 30,
        "RunSeconds": 450,
        "LoadMinutes": 1.5,
        "CostInDollars": 0.07,
    }


def test_an_unbalanced_ledger_is_no_success() -> None:
    facts = finished_facts()
    assert facts.load is not None
    facts.load["status"] = "pending"  # type: ignore[index]

    figures = run_figures(compose_ledger(facts), RECEIPT, warnings=0)

    values = {figure.name: figure.value for figure in figures}
    assert (values["RunsSucceeded"], values["LedgersUnbalanced"]) == (0, 1)
    assert "CostInDollars" not in values  # told by the failure path, once


def test_an_unchanged_run_is_a_success() -> None:
    unmeasured = RECEIPT | {"cost": None, "state_seconds": {}}
    figures = run_figures(compose_ledger(unchanged_facts()), unmeasured, warnings=0)

    values = {figure.name: figure.value for figure in figures}
    assert (values["RunsSucceeded"], values["RunsUnchanged"]) == (1, 1)
    assert values["QuarantineShare"] == 0
    assert not {"CostInDollars", "LoadMinutes"} & set(values)
