"""Recorded playlists as reads: the uris of their entries, in order, straight from the JSON."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
RECORDED = Path(os.environ.get("TONEARM_RECORDED", ROOT.parent / "shared" / "spotify-recorded"))


def recording(path: str) -> Any:
    """A recorded response; the test is skipped when the recordings are not there."""
    file = RECORDED / path
    if not file.is_file():
        pytest.skip(f"no recorded responses at {RECORDED} (set TONEARM_RECORDED)")
    return json.loads(file.read_text(encoding="utf-8"))


def tracks_of(playlist: Any) -> list[dict[str, Any]]:
    """The entries' tracks of a recorded playlist of the old shape."""
    return [item["track"] for item in playlist["tracks"]["items"]]
