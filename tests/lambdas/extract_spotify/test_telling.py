import json

import pytest

from tests.lambdas.extraction import Extraction
from tests.lambdas.local_aws import put_secret, read_secret
from tests.lambdas.scripted_spotify import json_fault
from tonearm_pipeline.errors import StorageUnavailableError
from tonearm_pipeline.state.table import StateTable


def figures(capsys: pytest.CaptureFixture[str]) -> dict[str, list[float]]:
    """Every figure in the order it was published."""
    found: dict[str, list[float]] = {}
    for line in capsys.readouterr().out.splitlines():
        if "_aws" not in line:
            continue
        document = json.loads(line)
        [directive] = document["_aws"]["CloudWatchMetrics"]
        assert directive["Namespace"] == "Tonearm"
        assert document["service"] == "extract_spotify"
        for metric in directive["Metrics"]:
            found.setdefault(metric["Name"], []).extend(document[metric["Name"]])
    return found


def test_the_window_and_the_login_are_told(
    extraction: Extraction, capsys: pytest.CaptureFixture[str]
) -> None:
    put_secret(read_secret() | {"authorized_at": "2026-11-20T09:00:00Z"})
    playlist = extraction.spotify.world.add_playlist("long", 230)

    extraction.read(playlist.uri)

    assert figures(capsys) == {
        "LoginDaysLeft": [179.0],
        "QuotaCallsUsed": [5.0],
        "QuotaCallsLeft": [995.0],
        "QuotaExhausted": [0.0],
    }


def test_an_exhausted_quota_is_told_while_the_run_is_parked(
    extraction: Extraction, capsys: pytest.CaptureFixture[str]
) -> None:
    playlist = extraction.spotify.world.add_playlist("one", 3)
    extraction.spotify.faults[1] = json_fault(429, "QUOTA_EXCEEDED", Retry_After="46800")
    run_id = extraction.plan(playlist.uri)

    extraction.invoke(run_id)
    extraction.clock.move(hours=13)
    extraction.invoke(run_id)

    told = figures(capsys)
    assert told["QuotaExhausted"] == [1.0, 0.0]
    assert told["ParkedHours"] == [13.0]


def test_an_ordinary_rate_limit_is_no_exhausted_quota(
    extraction: Extraction, capsys: pytest.CaptureFixture[str]
) -> None:
    playlist = extraction.spotify.world.add_playlist("one", 3)
    extraction.spotify.faults[1] = json_fault(429, Retry_After="60")

    assert extraction.invoke(extraction.plan(playlist.uri)).status == "wait"

    assert figures(capsys)["QuotaExhausted"] == [0.0]


def test_a_figure_that_cannot_be_read_fails_nothing(
    extraction: Extraction, table: StateTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    playlist = extraction.spotify.world.add_playlist("one", 3)
    run_id = extraction.plan(playlist.uri)
    monkeypatch.setattr(StateTable, "query", unavailable)

    assert extraction.invoke(run_id).status == "done"


def unavailable(*_: object) -> None:
    raise StorageUnavailableError("read quota: ThrottlingException")
