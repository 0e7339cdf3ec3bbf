"""Recorded playlists as reads: the uris of their entries, in order, straight from the JSON."""

import json
import os
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.snowflake.history_reference import Read

ROOT = Path(__file__).resolve().parents[2]
RECORDED = Path(os.environ.get("TONEARM_RECORDED", ROOT.parent / "shared" / "spotify-recorded"))


def recording(path: str) -> Any:
    """A recorded response; the test is skipped when the recordings are not there."""
    file = RECORDED / path
    if not file.is_file():
        pytest.skip(f"no recorded responses at {RECORDED} (set TONEARM_RECORDED)")
    return json.loads(file.read_text(encoding="utf-8"))


TOP_50 = ("2024-04-22", "2024-05-02", "2024-05-11")
CHARTS = (
    "Top_50_Egypt",
    "Top_50_Global",
    "Top_50_Japan",
    "Today_s_Top_Hits",
    "Discover_Weekly_catzs",
    "New_Music_Friday",
)
BACKUPS = ("2021-09-10", "2021-09-20")
SESSION_START = date(2022, 11, 1)  # the edit sessions have no dates: one day for each step


def recorded_sequences() -> dict[str, Mapping[date, Read]]:
    """Every recorded sequence of a playlist, by the playlist's id: its uris on each date."""
    charts = dict(_chart(name) for name in CHARTS)
    return {
        "top-50": _top_50(),
        "edit-steps": _edit_steps(),
        "edit-session": _edit_session(),
        **charts,
        **_backups(),
    }


def _top_50() -> dict[date, Read]:
    return {
        date.fromisoformat(day): _uris(
            recording(f"playlist/danielmschaves_top50_global_{day}.json")
        )
        for day in TOP_50
    }


def _edit_steps() -> dict[date, Read]:
    return _daily([_uris(recording(f"playlist/adamint_edit_step{step}.json")) for step in (1, 2)])


def _edit_session() -> dict[date, Read]:
    """A playlist created, added to, emptied and filled: every read of it, in order."""
    answers = recording("other/adamint_session_playlist_edit.json")
    reads = [
        [item["track"]["uri"] for item in _body(answer)["items"]]
        for answer in answers
        if answer["method"] == "GET"
    ]
    return _daily([[], *reads])  # empty, as it was created


def _body(answer: Any) -> Any:
    return json.loads(answer["body"]) if isinstance(answer["body"], str) else answer["body"]


def _chart(name: str) -> tuple[str, dict[date, Read]]:
    days = recording(f"playlist_history/mackorone_{name}_snapshots.json")
    return days[0]["playlist_id"], {
        date.fromisoformat(day["snapshot_date"]): [_uri(t["track_id"]) for t in day["tracks"]]
        for day in days
    }


def _backups() -> dict[str, dict[date, Read]]:
    """A whole library saved twice; a track that is gone has no id."""
    found: dict[str, dict[date, Read]] = {}
    for day in BACKUPS:
        for playlist in recording(f"playlist_history/huyhng_backup_{day}.json"):
            read = [_uri(track) for track in playlist["tracks"]]
            found.setdefault(playlist["uri"], {})[date.fromisoformat(day)] = read
    return found


def _daily(reads: Sequence[Read]) -> dict[date, Read]:
    return {SESSION_START + timedelta(days=at): read for at, read in enumerate(reads)}


def _uri(track_id: str | None) -> str | None:
    return track_id and f"spotify:track:{track_id}"


def _uris(playlist: Any) -> Read:
    """The uris of a recorded playlist of the old shape."""
    return [item["track"]["uri"] for item in playlist["tracks"]["items"]]
