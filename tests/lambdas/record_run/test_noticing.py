import json
from collections.abc import Callable
from typing import Any

import pytest

from confirm_load.load_core import CoreLoad, Suspended
from record_run.events import RecordRequest
from record_run.record import Recording
from tests.lambdas.record_run.conftest import (
    LOAD_KEY,
    MANIFEST_KEY,
    PUBLISHED_KEY,
    success_event,
)
from tests.lambdas.tonearm_pipeline.finished_run import (
    RUN_ID,
    load_document,
    published_manifest,
    raw_manifest,
)
from tonearm_pipeline.json_store import JsonStore
from tonearm_pipeline.keys import KNOWN_FINDINGS_KEY, findings_key

READ = "spotify:playlist:playlist-a"
KNOWN = {
    "run_id": "20261121T090000Z-abc123",
    "snapshot_date": "2026-11-21",
    "fields": {"songs.isrc": {"share": 1.0, "since": None}},
    "sources": {"spotify:playlist:locked": {"since": None}},
    "lost": [],
    "news": [],
}
Notes = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def finished_with_losses(store: JsonStore) -> JsonStore:
    """A field vanished, and a list that could be read yesterday is refused."""
    presence = {"songs": {"isrc": [0, 6]}}
    store.put(MANIFEST_KEY, raw_manifest())
    store.put(PUBLISHED_KEY, published_manifest() | {"field_presence": presence})
    store.put(LOAD_KEY, load_document())
    store.put(KNOWN_FINDINGS_KEY, KNOWN)
    return store


def record(recording: Recording) -> None:
    recording.run(RecordRequest.from_event(success_event()))


def test_losses_are_kept_with_their_date_and_told_with_a_figure_and_a_note(
    recording: Recording,
    finished_with_losses: JsonStore,
    heard: Notes,
    capsys: pytest.CaptureFixture[str],
) -> None:
    record(recording)

    found = finished_with_losses.get(findings_key(RUN_ID))
    assert found is not None
    assert found == finished_with_losses.get(KNOWN_FINDINGS_KEY)
    assert [(one["name"], one["since"]) for one in found["news"]] == [
        ("songs.isrc", "2026-11-22"),
        ("spotify:playlist:locked", "2026-11-22"),
    ]
    figures = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (told,) = (line for line in figures if "FieldsVanished" in line)
    assert (told["FieldsVanished"], told["AccessLost"]) == ([1.0], [1.0])
    (note,) = (one for one in heard() if "lost" in one["Subject"])
    assert "songs.isrc has vanished since 2026-11-22" in note["Message"]
    assert "spotify:playlist:locked can no longer be read since 2026-11-22" in note["Message"]


def test_a_repetition_tells_the_same_again(
    recording: Recording, finished_with_losses: JsonStore, heard: Notes
) -> None:
    record(recording)
    found = finished_with_losses.get(findings_key(RUN_ID))
    heard()

    record(recording)

    assert finished_with_losses.get(findings_key(RUN_ID)) == found
    assert [one["Subject"] for one in heard() if "lost" in one["Subject"]]


def test_what_snowflake_suspended_is_told_to_the_topic(
    recording: Recording, finished: JsonStore, heard: Notes
) -> None:
    task = Suspended("task", "T.OPS.PURGE", "2026-11-20", "SUSPENDED_DUE_TO_ERRORS", "resume it")
    core = CoreLoad(suspended=(task,)).as_dict()
    finished.put(LOAD_KEY, load_document() | {"core": core})

    record(recording)

    (note,) = (one for one in heard() if "lost" in one["Subject"])
    assert "task T.OPS.PURGE is suspended since 2026-11-20" in note["Message"]
    assert "SUSPENDED_DUE_TO_ERRORS: resume it" in note["Message"]


def test_a_run_that_loses_nothing_sends_no_second_note(
    recording: Recording, finished: JsonStore, heard: Notes
) -> None:
    record(recording)

    assert len(heard()) == 1
    assert (finished.get(findings_key(RUN_ID)) or {})["lost"] == []
