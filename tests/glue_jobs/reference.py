"""The whole transformation once more, in plain Python: what the Spark jobs must agree with.

From the rules, with lists and dicts; shares with the jobs only the contract's column names.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from tests.glue_jobs.plain_values import Json, dig, objects, text
from tests.glue_jobs.reference_rows import (
    Row,
    album_row,
    artist_row,
    details_row,
    entry_row,
    song_row,
)
from tests.glue_jobs.reference_rules import (
    FULL_KINDS,
    LISTED_KINDS,
    Line,
    album_in_path,
    content_of,
    credited,
    entries_of,
    in_order,
    judged,
    kind_of_content,
    kind_of_entry,
    winners,
)
from tonearm_glue.contract import ENTITIES, Column, entity_named

COUNTED = {
    "song": "songs",
    "episode": "episodes",
    "local_file": "local_files",
    "unavailable": "unavailable",
    "malformed": "malformed",
}
Refusal = tuple[str, str, str | None, str, int, int | None, int, str | None]


@dataclass
class Reference:
    """What the jobs must write for these raw parts and this manifest."""

    manifest: dict[str, Json]
    attempt: int = 1
    mentions: dict[str, list[Row]] = field(default_factory=lambda: {e.name: [] for e in ENTITIES})
    refused: list[Refusal] = field(default_factory=list)
    lines: Counter[str] = field(default_factory=Counter)
    tallies: dict[str, Counter[str]] = field(default_factory=dict)
    described: dict[str, list[Row]] = field(default_factory=dict)
    first_at: dict[str, datetime] = field(default_factory=dict)

    def read(self, parts: Iterable[tuple[str, Sequence[str]]]) -> None:
        """Take in all raw parts."""
        for raw_key, lines in parts:
            for number, line in enumerate(lines):
                self._read_line(raw_key, number, line)
        place = (f"raw/{self.manifest['run_id']}/manifest.json", 0, None, 0)
        for lost in sorted(self.listed.keys() - self.first_at.keys()):
            self.refused.append(("playlists", "playlist_without_pages", None, *place, lost))

    @property
    def listed(self) -> dict[str, dict[str, Json]]:
        """The manifest's playlists by id, the highest read of each."""
        return {
            one["playlist_id"]: one
            for one in sorted(self.manifest["playlists"], key=lambda one: int(one["read"]))
        }

    def table(self, name: str) -> list[Row]:
        """The rows of one entity."""
        if name == "playlists":
            return list(self._playlists())
        if name == "playlist_entries":
            return [self._with_run(row) for row in self.mentions[name]]
        return [self._with_run(row) for row in winners(entity_named(name), self.mentions[name])]

    def counts(self, job: str) -> dict[str, Json]:
        """The counts one job must leave, but for the contract's version."""
        entities = ("songs", "playlist_entries", "playlists") if job == "songs" else (job,)
        figures = {name: self._figures(name) for name in entities}
        quarantine = {name: one["quarantined"] for name, one in figures.items()}
        if job == "songs":
            quarantine["raw"] = self.lines["corrupt"]
        return {
            "job": job,
            "raw_lines": self.lines["all"],
            "corrupt_lines": self.lines["corrupt"],
            "ignored_lines": self.lines["ignored"],
            "entities": figures,
            "playlists": self._ledger() if job == "songs" else [],
            "field_presence": {name: self._presence(name) for name in entities},
            "quarantine_rows": quarantine,
        }

    def _read_line(self, raw_key: str, number: int, line: str) -> None:
        self.lines["all"] += 1
        problem, document = judged(line)
        playlist = None if problem == "raw_kind_unknown" else self._playlist_of(document)
        if problem:
            self.lines["corrupt"] += 1
            owner = playlist["playlist_id"] if playlist else None
            self.refused.append(("raw", problem, None, raw_key, number, None, 0, owner))
        elif self._is_ignored(document, playlist):
            self.lines["ignored"] += 1
        else:
            self._read_objects(Line(raw_key, number, document, playlist))

    def _playlist_of(self, document: dict[str, Json]) -> dict[str, Json] | None:
        read = (document.get("source"), document.get("read", 1))
        return next((p for p in self.listed.values() if (p["source"], p["read"]) == read), None)

    def _is_ignored(self, document: dict[str, Json], playlist: dict[str, Json] | None) -> bool:
        read = {"source": document.get("source"), "read": document.get("read", 1)}
        is_unlisted = document["kind"] in LISTED_KINDS and playlist is None
        return is_unlisted or read in self.manifest["superseded"]

    def _read_objects(self, line: Line) -> None:
        if line.kind in LISTED_KINDS:
            self._read_playlist_line(line)
        elif line.kind == "album":
            self._read_album(line, line.body)
        elif line.kind == "artist":
            one = line.body if isinstance(line.body, dict) else None
            if one is None:
                self._refuse("artists", "response_without_items", line)
            else:
                self._take_artists(line, [one], None)
        else:
            self._read_list(line)

    def _read_list(self, line: Line) -> None:
        name = {"album_tracks": "items", "artist_albums": "items"}.get(line.kind, line.kind)
        held = objects(dig(line.body, name))
        for_whom = {"album_tracks": "songs", "artist_albums": "albums"}.get(line.kind, line.kind)
        if held is None:
            if line.kind in ("album_tracks", "artist_albums", "albums", "artists"):
                self._refuse(for_whom, "response_without_items", line)
            return
        for at, one in enumerate(held):
            if line.kind == "album_tracks":
                self._take_album_track(line, one, at, 0, album_in_path(line.document))
                self._take_artists(line, credited(one), at)
            elif line.kind == "artists":
                self._take_artists(line, [one], at)
            elif line.kind in ("albums", "artist_albums"):
                self._read_listed_album(line, one, at)

    def _read_listed_album(self, line: Line, album: Json, at: int) -> None:
        self._take_album(line, album, at)
        tracks = objects(dig(album, "tracks", "items")) or []
        if line.kind == "artist_albums":
            tracks = []
        on_tracks = [artist for track in tracks for artist in credited(track)]
        self._take_artists(line, [*(objects(dig(album, "artists")) or ()), *on_tracks], at)
        for n, track in enumerate(tracks):
            self._take_album_track(line, track, at, n, text(dig(album, "id")))

    def _read_album(self, line: Line, album: Json) -> None:
        if not isinstance(album, dict):
            self._refuse("albums", "response_without_items", line)
            return
        self._take_album(line, album, None)
        self._take_artists(line, objects(album.get("artists")) or [], None)
        for at, track in enumerate(objects(dig(album, "tracks", "items")) or ()):
            self._take_album_track(line, track, at, 0, text(album.get("id")))
            self._take_artists(line, credited(track), at)

    def _read_playlist_line(self, line: Line) -> None:
        playlist_id = str(dig(line.playlist, "playlist_id"))
        tally = self.tallies.setdefault(playlist_id, Counter())
        fetched_at = line.fetched_at
        assert fetched_at is not None
        self.first_at[playlist_id] = min(fetched_at, self.first_at.get(playlist_id, fetched_at))
        if line.kind == "playlist" and isinstance(line.body, dict):
            row = {**details_row(line.body), "extracted_at": fetched_at}
            self.described.setdefault(playlist_id, []).append(row)
        entries, offset = entries_of(line.document)
        if entries is None and line.kind != "playlist":
            self._refuse("playlist_entries", "response_without_items", line)
            tally["malformed"] += 1
        for at, entry in enumerate(entries or ()):
            tally[COUNTED[self._take_entry(line, entry, at, offset + at)]] += 1

    def _take_entry(self, line: Line, entry: Json, at: int, position: int) -> str:
        content = content_of(entry)
        kind, reason = kind_of_entry(entry, content)
        if kind == "malformed":
            self._refuse("playlist_entries", reason, line, at, found=content)
            return kind
        row = {**entry_row(entry, content, kind), "position": position}
        listed = ("playlist_id", "snapshot_id", "is_consistent")
        row |= {name: dig(line.playlist, name) for name in listed}
        self._mention("playlist_entries", line, row)
        if kind == "song":
            is_full = isinstance(dig(content, "album"), dict)
            self._mention("songs", line, {**song_row(content), "is_full_object": is_full})
            if is_full:
                self._take_album(line, content["album"], at)
            on_album = objects(dig(content, "album", "artists")) or []
            self._take_artists(line, [*(objects(content.get("artists")) or ()), *on_album], at)
        return kind

    def _take_album_track(
        self, line: Line, track: Json, at: int, occurrence: int, album_id: str | None
    ) -> None:
        kind, reason = kind_of_content(track) if track is not None else ("", "not_an_object")
        if kind != "song":
            self._refuse(
                "songs", reason or "track_not_a_song", line, at, found=track, occurrence=occurrence
            )
            return
        row = {**song_row(track), "is_full_object": False}
        self._mention("songs", line, {**row, "album_id": album_id or row["album_id"]})

    def _take_album(self, line: Line, album: Json, at: int | None) -> None:
        if album is None or text(album.get("id")) is None:
            reason = "not_an_object" if album is None else "album_without_id"
            self._refuse("albums", reason, line, at, found=album)
            return
        is_full = line.kind in FULL_KINDS
        self._mention("albums", line, {**album_row(album), "is_full_object": is_full})

    def _take_artists(self, line: Line, artists: Sequence[Json], at: int | None) -> None:
        for n, artist in enumerate(artists):
            if artist is None or text(artist.get("id")) is None:
                reason = "not_an_object" if artist is None else "artist_without_id"
                self._refuse("artists", reason, line, at, found=artist, occurrence=n)
                continue
            is_full = line.kind in ("artist", "artists")
            self._mention("artists", line, {**artist_row(artist), "is_full_object": is_full})

    def _mention(self, entity: str, line: Line, row: Row) -> None:
        self.mentions[entity].append({**row, "extracted_at": line.fetched_at})

    def _refuse(
        self,
        entity: str,
        reason: str,
        line: Line,
        at: int | None = None,
        *,
        found: Json = None,
        occurrence: int = 0,
    ) -> None:
        detail = text(dig(found, "uri")) or text(dig(found, "name"))
        is_listed = entity in ("songs", "playlist_entries") and line.playlist
        owner = dig(line.playlist, "playlist_id") if is_listed else None
        place = (line.raw_key, line.number, at, occurrence, owner)
        self.refused.append((entity, reason, detail, *place))

    def _with_run(self, row: Row) -> Row:
        day = date.fromisoformat(self.manifest["snapshot_date"])
        run = {"run_id": self.manifest["run_id"], "attempt": self.attempt, "snapshot_date": day}
        return {**row, **run}

    def _playlists(self) -> Iterator[Row]:
        for playlist_id, listed in self.listed.items():
            if playlist_id not in self.first_at:
                continue
            nothing = {**details_row({}), "extracted_at": self.first_at[playlist_id]}
            order = ("extracted_at", *details_row({}))
            described = self.described.get(playlist_id) or [nothing]
            row = dict(max(described, key=lambda one: [in_order(one[name]) for name in order]))
            if playlist_id == "saved_tracks":
                row |= {"name": "Liked Songs", "uri": "spotify:collection:tracks"}
            said = ("playlist_id", "snapshot_id", "is_consistent", "api_total")
            row |= {name: listed[name] for name in said}
            yield self._with_run({**row, **self._tally(playlist_id)})

    def _tally(self, playlist_id: str) -> dict[str, int]:
        tally = self.tallies.get(playlist_id, Counter())
        return {name: tally[name] for name in COUNTED.values()}

    def _ledger(self) -> list[dict[str, Json]]:
        said = ("playlist_id", "api_total", "is_consistent")
        return [
            {**{name: one[name] for name in said}, **self._tally(playlist_id)}
            for playlist_id, one in sorted(self.listed.items())
        ]

    def _figures(self, name: str) -> dict[str, int]:
        quarantined = sum(refusal[0] == name for refusal in self.refused)
        accepted, read = len(self.table(name)), len(self.mentions[name]) + quarantined
        if name == "playlists":
            read = len(self.manifest["playlists"])
        repeats = read - accepted - quarantined
        return {"read": read, "accepted": accepted, "repeats": repeats, "quarantined": quarantined}

    def _presence(self, name: str) -> dict[str, list[int]]:
        rows = self.table(name)
        optional: list[Column] = [c for c in entity_named(name).columns if not c.is_required]
        return {
            one.name: [sum(row[one.name] is not None for row in rows), len(rows)]
            for one in optional
        }
