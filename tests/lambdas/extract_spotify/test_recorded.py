"""Playlists recorded from the real API, in every shape they were seen in, pass through whole."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from extract_spotify.entries import embedded_entries, entry_mark
from tests.lambdas.extraction import Extraction
from tests.lambdas.scripted_spotify import Fault

ROOT = Path(
    os.environ.get("TONEARM_RECORDED", Path(__file__).parents[4] / "shared/spotify-recorded")
)
needs_recordings = pytest.mark.skipif(not ROOT.is_dir(), reason=f"no recorded answers in {ROOT}")


def whole_playlists() -> list[Any]:
    found = []
    for path in sorted((ROOT / "playlist").glob("*.json")):
        body = json.loads(path.read_text())
        embedded = embedded_entries(body) if isinstance(body, dict) and "id" in body else None
        if embedded and embedded.is_whole:
            found.append(pytest.param(body, id=path.stem))
    return found


@needs_recordings
@pytest.mark.parametrize("body", whole_playlists())
def test_a_recorded_playlist_is_complete_in_one_answer(
    extraction: Extraction, body: dict[str, Any]
) -> None:
    extraction.drop_personal_fields = False
    extraction.spotify.faults[1] = Fault(body=json.dumps(body).encode())

    manifest = extraction.read(f"spotify:playlist:{body['id']}")

    (entry,) = manifest["playlists"]
    assert entry["collected"] == entry["api_total"]
    assert entry["is_consistent"] is True
    assert extraction.lines(manifest)[0]["body"] == body


def test_an_entry_with_both_names_is_marked_once_by_item() -> None:
    content = {"uri": "spotify:track:a"}
    both = {"added_at": "x", "item": content, "track": {"uri": "spotify:track:b"}}

    assert entry_mark(both) == entry_mark({"added_at": "x", "item": content, "track": True})
    assert entry_mark({"added_at": "x", "track": content}) == entry_mark(both)
