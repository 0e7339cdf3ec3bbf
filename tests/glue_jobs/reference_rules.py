"""The reference's rules: what a line, an entry or a track is, and which copy of one counts."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.glue_jobs.plain_values import Json, dig, moment, objects, text, whole
from tests.glue_jobs.reference_rows import Row
from tonearm_glue.contract import Entity

LISTED_KINDS = ("playlist", "playlist_items", "saved_tracks")
FULL_KINDS = ("album", "albums", "artist", "artists")
SILENT_KINDS = ("playlist_snapshot", "my_playlists", "me", "album_tracks", "artist_albums")
LINEAGE = ("run_id", "attempt", "snapshot_date", "extracted_at")


@dataclass(frozen=True)
class Line:
    """One usable raw line, and the listed playlist it belongs to."""

    raw_key: str
    number: int
    document: dict[str, Json]
    playlist: dict[str, Json] | None

    @property
    def kind(self) -> str:
        """What kind of response it holds."""
        return str(self.document["kind"])

    @property
    def body(self) -> Json:
        """The response."""
        return self.document.get("body")

    @property
    def fetched_at(self) -> datetime | None:
        """When it was fetched."""
        return moment(self.document.get("fetched_at"))


def judged(line: str) -> tuple[str | None, dict[str, Any]]:
    """What is wrong with a raw line as a whole, if anything, and what it says."""
    try:
        document = json.loads(line)
    except ValueError:
        return "raw_line_corrupt", {}
    if not isinstance(document, dict):
        return "raw_line_corrupt", {}
    if document.get("kind") not in (*LISTED_KINDS, *FULL_KINDS, *SILENT_KINDS):
        return "raw_kind_unknown", document
    is_dated = moment(document.get("fetched_at")) is not None
    return None if is_dated else "raw_fetched_at_unusable", document


def content_of(entry: Json) -> Json:
    """The object under `item`, else under `track`; booleans and the like do not count."""
    for name in ("item", "track"):
        if isinstance(dig(entry, name), dict):
            return entry[name]
    return None


def kind_of_entry(entry: Json, content: Json) -> tuple[str, str]:
    """What an entry is, and the reason code of a malformed one."""
    if not isinstance(entry, dict):
        return "malformed", "not_an_object"
    if content is not None:
        return kind_of_content(content, entry.get("is_local"))
    if any(name in entry and entry[name] is None for name in ("item", "track")):
        return "unavailable", ""
    return "malformed", "entry_without_content"


def kind_of_content(content: dict[str, Json], said_local: Json = None) -> tuple[str, str]:
    """What a track or episode object is, and the reason code of a malformed one."""
    kind = (text(content.get("type")) or "").lower()
    album_kind = (text(dig(content, "album", "type")) or "").lower()
    uri = text(content.get("uri")) or ""
    if "true" in (text(said_local), text(content.get("is_local"))) or uri.startswith(
        "spotify:local:"
    ):
        return "local_file", ""
    if kind == "episode" or album_kind == "show" or isinstance(content.get("show"), dict):
        return "episode", ""
    if uri.startswith("spotify:episode:"):
        return "episode", ""
    if kind not in ("", "track"):
        return "malformed", "content_type_unknown"
    return ("song", "") if text(content.get("id")) else ("malformed", "track_without_id")


def winners(entity: Entity, mentions: Iterable[Row]) -> Iterator[Row]:
    """The copy that counts of each key: full, newest, then the greatest by content."""
    key = entity.key[0]
    claims = ("is_full_object", "extracted_at")
    made = {*LINEAGE, *claims, key, "release_date", "isrc"}
    order = (*claims, *(name for name in entity.names if name not in made))
    best: dict[str, tuple[list[Json], Row]] = {}
    for row in mentions:
        rank = [in_order(row[name]) for name in order]
        if row[key] not in best or rank > best[row[key]][0]:
            best[row[key]] = (rank, row)
    return (row for _rank, row in best.values())


def in_order(value: Json) -> tuple[Json, ...]:
    """A value to sort by: nothing first, texts by their UTF-8 bytes, lists member by member."""
    if value is None:
        return (0,)
    if isinstance(value, str):
        return (1, value.encode())
    if isinstance(value, list):
        return (1, [in_order(one) for one in value])
    if isinstance(value, dict):
        return (1, [in_order(one) for one in value.values()])
    return (1, value)


def credited(track: Json) -> list[Json]:
    """The artists of a track, if it is a song."""
    is_song = track is not None and kind_of_content(track)[0] == "song"
    return list(objects(track.get("artists")) or []) if is_song else []


def album_in_path(document: dict[str, Json]) -> str | None:
    """The album whose tracks this path asks for."""
    words = str(document.get("path")).split("/")
    return words[1] if len(words) > 2 and (words[0], words[2]) == ("albums", "tracks") else None


def entries_of(document: dict[str, Json]) -> tuple[list[Json] | None, int]:
    """The entries of a playlist response, under whichever name, and where they begin."""
    page = document.get("body")
    if document["kind"] == "playlist":
        has_new = isinstance(dig(page, "items", "items"), list)
        page = dig(page, "items" if has_new else "tracks")
    offset = dig(page, "offset")
    if offset is None:
        offset = dig(document, "params", "offset")
    held = dig(page, "items")
    return (held if isinstance(held, list) else None), whole(offset, 32) or 0
