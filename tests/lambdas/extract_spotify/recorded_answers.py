"""Recorded answers of the Web API, with the question each one answers."""

import csv
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tests.lambdas.scripted_spotify import ScriptedSpotify
from tonearm_pipeline.spotify.client import Call, SpotifyClient
from tonearm_pipeline.spotify.quota import CallGate

ROOT = Path(
    os.environ.get("TONEARM_RECORDED", Path(__file__).parents[4] / "shared/spotify-recorded")
)
# What the pipeline asks for, by the address of an answer or the place it was recorded for.
_BY_ADDRESS = (
    (r"/me/tracks", "saved_tracks"),
    (r"/(?:me|users/[^/]+)/playlists(?:\?|$)", "my_playlists"),
    (r"/playlists/[^/?]+/(?:tracks|items)", "playlist_items"),
    (r"/playlists/[^/?]+(?:\?|$)", "playlist"),
    (r"/albums/[^/?]+/tracks", "album_tracks"),
    (r"/albums\?ids=", "albums"),
    (r"/albums/[^/?]+(?:\?|$)", "album"),
    (r"/artists/[^/?]+/albums", "artist_albums"),
    (r"/artists\?ids=", "artists"),
    (r"/artists/[^/?]+(?:\?|$)", "artist"),
)
_BY_FOLDER = {
    "playlist": "playlist",
    "playlist_items": "playlist_items",
    "album": "album",
    "artist": "artist",
}
_SEVERAL = ("albums", "artists")
_WITH_ID = frozenset({"playlist", "album", "artist"})
_REFUSED = 400
_SOME_ID = "0" * 22


class Recorded(NamedTuple):
    """One recorded answer: where it is from, what was asked, and what came."""

    name: str
    call: Call
    body: dict[str, Any]


class Asking(NamedTuple):
    """A client, and the server whose every answer a test sets."""

    client: SpotifyClient
    gate: CallGate
    spotify: ScriptedSpotify


def recorded_answers() -> list[Recorded]:
    """Every recorded answer that the client can get to one of its own questions."""
    addresses = {row["file"]: row["request"] for row in index()}
    found = []
    for path in sorted(ROOT.glob("*/*.json")):
        name = str(path.relative_to(ROOT))
        for part, address, body in _answers_in(path, addresses.get(name, "")):
            kind = _kind_of(path.parent.name, address, body)
            if kind:
                offset = body.get("offset") or 0
                found.append(Recorded(name + part, Call(kind, _id_of(body), offset), body))
    return found


def first_document(path: Path) -> Any:
    """The first JSON value of a file; one recording has a stray letter after it."""
    return json.JSONDecoder().raw_decode(path.read_text())[0]


def index() -> list[dict[str, str]]:
    """The index of all recordings; empty where there are none."""
    if not (ROOT / "INDEX.csv").is_file():
        return []
    with (ROOT / "INDEX.csv").open() as stream:
        return list(csv.DictReader(stream))


def index_rows(kind: str) -> list[dict[str, str]]:
    """The index of one kind of recording."""
    return [row for row in index() if row["kind"] == kind]


def _answers_in(path: Path, address: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Each answer of a file: a session holds several, and some files only the list in an answer."""
    value = first_document(path)
    if isinstance(value, dict):
        yield "", address or str(value.get("href") or ""), value
    elif _is_session(value):
        for number, one in enumerate(value):
            if one["status"] < _REFUSED and isinstance(one["body"], dict):
                yield f"#{number}", str(one.get("uri") or one.get("url")), one["body"]
    elif path.parent.name == "playlist_items":
        yield "", "", {"items": value, "total": len(value), "offset": 0}
    elif path.parent.name in _SEVERAL:
        yield "", "", {path.parent.name: value}


def _is_session(value: list[Any]) -> bool:
    return all(isinstance(one, dict) and {"status", "body"} <= one.keys() for one in value)


def _kind_of(folder: str, address: str, body: dict[str, Any]) -> str:
    for several in _SEVERAL:
        if isinstance(body.get(several), list) and "id" not in body:
            return several
    kinds = [kind for pattern, kind in _BY_ADDRESS if re.search(pattern, address)]
    kinds += [_BY_FOLDER[folder]] if folder in _BY_FOLDER else []
    return next((kind for kind in kinds if _is_one(kind, body)), "")


def _is_one(kind: str, body: dict[str, Any]) -> bool:
    if kind in _WITH_ID:
        return isinstance(body.get("id"), str) and body.get("type", kind) == kind
    return isinstance(body.get("items"), list) and isinstance(body.get("total"), int)


def _id_of(body: dict[str, Any]) -> str:
    return str(body.get("id") or _SOME_ID)
