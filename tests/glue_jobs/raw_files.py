"""Build a run's raw parts and manifest, from recorded responses or from hand-made ones."""

import gzip
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

RUN_ID = "20240511T060000Z-abc123"
FETCHED_AT = "2024-05-11T06:00:00.000001Z"
Json = Any
HTTP_OK = 200
_FILES_PER_PART = 60
_NOT_RESPONSES = "playlist_history"


def raw_line(kind: str, body: Json, source: str, **fields: Json) -> dict[str, Json]:
    """One raw line with its keys in the agreed order."""
    line = {
        "run_id": RUN_ID,
        "kind": kind,
        "fetched_at": FETCHED_AT,
        "source": source,
        "read": 1,
        "method": "GET",
        "path": kind,
        "params": {},
        "status": 200,
        "snapshot_id": None,
        "is_consistent": None,
        "body": body,
    }
    return {**line, **fields}


@dataclass(repr=False)
class RawRun:
    """A run's raw data in the making: parts of lines, and what the manifest says of playlists."""

    parts: list[list[str]] = field(default_factory=list)
    playlists: list[dict[str, Json]] = field(default_factory=list)
    superseded: list[dict[str, Json]] = field(default_factory=list)

    def add_part(self, lines: Iterable[dict[str, Json] | str]) -> None:
        """One more raw part; a line given as text is written as it stands."""
        self.parts.append([line if isinstance(line, str) else as_text(line) for line in lines])

    def add_playlist(self, playlist_id: str, source: str, api_total: int, **fields: Json) -> None:
        """One more playlist in the manifest."""
        entry = {
            "playlist_id": playlist_id,
            "source": source,
            "read": 1,
            "api_total": api_total,
            "collected": api_total,
            "snapshot_id": f"snapshot of {playlist_id}",
            "is_consistent": True,
            "fingerprint": "f",
            "lines": 1,
        }
        self.playlists.append({**entry, **fields})

    def write(self, bucket: Path) -> None:
        """Write the parts and the manifest under a bucket's folder."""
        pages = bucket / "raw" / RUN_ID / "pages"
        pages.mkdir(parents=True, exist_ok=True)
        listed = []
        for number, lines in enumerate(self.parts):
            content = gzip.compress("".join(f"{line}\n" for line in lines).encode(), mtime=0)
            name = f"part-{number:05d}.json.gz"
            (pages / name).write_bytes(content)
            listed.append(
                {
                    "key": f"raw/{RUN_ID}/pages/{name}",
                    "lines": len(lines),
                    "bytes": len(content),
                    "sha256": hashlib.sha256(content).hexdigest(),
                }
            )
        (pages.parent / "manifest.json").write_text(json.dumps(self.manifest(listed)))

    def manifest(self, parts: list[dict[str, Json]]) -> dict[str, Json]:
        """The raw manifest."""
        return {
            "run_id": RUN_ID,
            "snapshot_date": "2024-05-11",
            "parts": parts,
            "superseded": self.superseded,
            "playlists": self.playlists,
            "unchanged": [],
            "refused": [],
            "sources": [],
            "calls": {"total": len(parts)},
            "changed": True,
        }


def as_text(line: dict[str, Json]) -> str:
    """A line as the extraction writes it: compact, letters as they are."""
    return json.dumps(line, ensure_ascii=False, separators=(",", ":"))


def job_arguments(bucket: Path, *, attempt: int = 1) -> list[str]:
    """The arguments of a job over a bucket's folder."""
    root = f"{bucket.as_uri()}/"
    values = {
        "bucket_uri": root,
        "raw": f"{root}raw/{RUN_ID}/pages/",
        "manifest": f"{root}raw/{RUN_ID}/manifest.json",
        "staged": f"{root}staged/{RUN_ID}/{attempt}/",
        "run_id": RUN_ID,
        "snapshot_date": "2024-05-11",
        "attempt": str(attempt),
    }
    return [word for name, value in values.items() for word in (f"--{name}", value)]


def recorded_run(folder: Path) -> tuple[RawRun, int]:
    """A run over every recorded response that holds objects, in a few parts; and how many files."""
    run = RawRun()
    found = [
        lines
        for path in sorted(folder.glob("*/*.json"))
        if path.parent.name != _NOT_RESPONSES
        and (lines := list(_lines_of(json.loads(path.read_text()), run)))
    ]
    for first in range(0, len(found), _FILES_PER_PART):
        run.add_part(line for lines in found[first : first + _FILES_PER_PART] for line in lines)
    return run, len(found)


def _lines_of(document: Json, run: RawRun) -> Iterator[dict[str, Json]]:
    """Raw lines of one recorded response, told by its content."""
    if isinstance(document, list):
        document = {"items": document}
    if "snapshot_id" in document and _page_inside(document) is not None:
        yield _playlist_line(document, run)
    elif "album_type" in document and "tracks" in document:
        yield _line("album", document, run)
    elif isinstance(document.get("items"), list):
        yield from _lines_of_items(document, run)
    elif document.get("type") == "artist":
        yield _line("artist", document, run)
    elif document.get("type") == "track":
        yield _entries_line({"items": [{"track": document}]}, run)
    else:
        for name in ("albums", "artists", "tracks"):
            yield from _lines_of_named_list(name, document.get(name), run)


def _lines_of_items(page: dict[str, Json], run: RawRun) -> Iterator[dict[str, Json]]:
    items = page["items"]
    first = next((item for item in items if isinstance(item, dict)), {})
    if "body" in first:
        bodies = (item["body"] for item in items if item.get("status") == HTTP_OK)
        yield from (line for body in bodies if body for line in _lines_of(body, run))
    elif "album" in first and "added_at" in first:
        yield _line("albums", {"albums": [item["album"] for item in items]}, run)
    elif "album" in first and "track_number" in first:
        yield _entries_line({"items": [{"track": item} for item in items]}, run)
    else:
        yield from _page_lines(page, set(first), str(first.get("type")), run)


def _page_lines(
    page: dict[str, Json], keys: set[str], kind: str, run: RawRun
) -> Iterator[dict[str, Json]]:
    is_empty_playlist = not page["items"] and "/playlists/" in str(page.get("href"))
    if {"added_at", "track", "item"} & keys or is_empty_playlist:
        yield _entries_line(page, run)
    elif "album_type" in keys:
        yield _line("artist_albums", page, run)
    elif "track_number" in keys:
        yield _line("album_tracks", page, run)
    elif kind == "artist":
        yield _line("artists", {"artists": page["items"]}, run)


def _lines_of_named_list(name: str, held: Json, run: RawRun) -> Iterator[dict[str, Json]]:
    objects = held.get("items") if isinstance(held, dict) else held
    if not isinstance(objects, list):
        return
    if name == "tracks":
        yield _entries_line({"items": [{"track": track} for track in objects]}, run)
    elif name == "albums" and isinstance(held, dict):
        yield _line("artist_albums", held, run)
    else:
        yield _line(name, {name: objects}, run)


def _page_inside(playlist: dict[str, Json]) -> list[Json] | None:
    for name in ("items", "tracks"):
        page = playlist.get(name)
        if isinstance(page, dict) and isinstance(page.get("items"), list):
            return list(page["items"])
    return None


def _playlist_line(playlist: dict[str, Json], run: RawRun) -> dict[str, Json]:
    return _listed("playlist", playlist, len(_page_inside(playlist) or ()), run)


def _entries_line(page: dict[str, Json], run: RawRun) -> dict[str, Json]:
    kind = "saved_tracks" if "me/tracks" in str(page.get("href")) else "playlist_items"
    return _listed(kind, page, len(page["items"]), run)


def _listed(kind: str, body: Json, total: int, run: RawRun) -> dict[str, Json]:
    """A line of a playlist of its own, since one playlist was recorded in several files."""
    playlist_id = f"{len(run.playlists):022d}"
    run.add_playlist(playlist_id, f"spotify:playlist:{playlist_id}", total)
    return raw_line(kind, body, f"spotify:playlist:{playlist_id}")


def _line(kind: str, body: Json, run: RawRun) -> dict[str, Json]:
    name = hashlib.sha256(as_text(body).encode()).hexdigest()[:22]
    path = f"albums/{name}/tracks" if kind == "album_tracks" else kind
    return raw_line(kind, body, f"spotify:album:{name}", path=path)
