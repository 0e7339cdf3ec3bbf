"""Recordings as the endpoints ask for them, and the account of what was taken and left."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path, PurePosixPath
from typing import Any

from tonearm.local.fake_spotify.catalogue import Access, Playlist, SavedTracks
from tonearm.local.fake_spotify.errors import CatalogueError
from tonearm.local.fake_spotify.ids import is_spotify_id, snapshot_id
from tonearm.local.fake_spotify.objects import USER_ID, Json, identity, owner
from tonearm.local.fake_spotify.recorded.findings import Findings, gather
from tonearm.local.fake_spotify.recorded.joining import Recording, fullest_of, join, newest_of
from tonearm.local.fake_spotify.recorded.piece import Kind, Piece

type Choice = Callable[[Sequence[Recording]], Recording]


class RecordedCatalogue:
    """Everything that was recognised below a folder, entries exactly as they were recorded."""

    is_recorded = True

    def __init__(self, root: Path, findings: Findings) -> None:
        self._root = root
        self._findings = findings
        self._superseded: list[Json] = []
        self._held = self._chosen(Kind.PLAYLIST, newest_of)
        self._saved = self._chosen(Kind.SAVED_TRACKS, newest_of).get("")
        self._album_tracks = self._chosen(Kind.ALBUM_TRACKS, fullest_of)
        self._artist_albums = self._chosen(Kind.ARTIST_ALBUMS, fullest_of)
        self._albums = _richest(findings, Kind.ALBUM)
        self._artists = _richest(findings, Kind.ARTIST)
        self._tracks = _richest(findings, Kind.TRACK)
        self.playlists = self._all_playlists()

    @property
    def my_playlist_ids(self) -> Sequence[str]:
        """All playlists that can be read, and those recorded in a user's list of playlists."""
        listed = self._findings.pieces[Kind.SIMPLIFIED_PLAYLIST]
        return [
            playlist_id
            for playlist_id, playlist in self.playlists.items()
            if playlist.access is Access.RECORDED
            or any(piece.is_listed_as_mine for piece in listed.get(playlist_id, ()))
        ]

    @property
    def saved_tracks(self) -> SavedTracks:
        """The newest recording of liked songs."""
        return SavedTracks(self._saved.entries if self._saved else [])

    def track(self, track_id: str) -> Json | None:
        """A song as it was recorded."""
        return self._tracks.get(track_id)

    def artist(self, artist_id: str) -> Json | None:
        """An artist as it was recorded."""
        return self._artists.get(artist_id)

    def album(self, album_id: str) -> Json | None:
        """An album as it was recorded, without its page of songs."""
        return self._albums.get(album_id)

    def album_tracks(self, album_id: str) -> Sequence[Any] | None:
        """The recorded songs of an album, pages joined."""
        recording = self._album_tracks.get(album_id)
        return recording.entries if recording else None

    def artist_albums(self, artist_id: str) -> Sequence[Any] | None:
        """The recorded discography, or else the recorded albums the artist is credited on."""
        if recording := self._artist_albums.get(artist_id):
            return recording.entries
        credited = [album for album in self._albums.values() if _is_credited(album, artist_id)]
        return credited if credited or artist_id in self._artists else None

    def summary(self) -> Json:
        """What is served, what newer recordings replaced, and what was ignored and why."""
        held = [self._described(playlist_id) for playlist_id in self._held]
        return {
            "kind": "recorded",
            "root": str(self._root),
            "files": len(self._findings.files),
            "playlists": held,
            "entries": sum(playlist["entries"] for playlist in held),
            "metadata_only": [i for i in self.playlists if i not in self._held],
            "saved_tracks": _size(self._saved) if self._saved else None,
            "albums": len(self._albums),
            "artists": len(self._artists),
            "tracks": len(self._tracks),
            "superseded": self._superseded,
            "ignored": [asdict(one) for one in self._findings.ignored],
        }

    def _described(self, playlist_id: str) -> Json:
        playlist, recording = self.playlists[playlist_id], self._held[playlist_id]
        return {
            "playlist_id": playlist_id,
            "id_from": recording.pieces[0].id_from,
            "name": playlist.meta.get("name"),
            "access": playlist.access.value,
            "shape": recording.shape,
            **_size(recording),
        }

    def _chosen(self, kind: Kind, choose: Choice) -> dict[str, Recording]:
        """One recording per id; the others are noted as superseded."""
        chosen = {}
        for object_id, pieces in self._findings.pieces[kind].items():
            recordings = join(pieces)
            best = chosen[object_id] = choose(recordings)
            self._superseded += [
                {"kind": kind.value, "id": object_id, **_size(one), "superseded_by": best.files}
                for one in recordings
                if one is not best
            ]
        return chosen

    def _all_playlists(self) -> dict[str, Playlist]:
        simplified = {
            playlist_id: pieces[-1]
            for playlist_id, pieces in self._findings.pieces[Kind.SIMPLIFIED_PLAYLIST].items()
            if is_spotify_id(playlist_id)
        }
        held = {
            playlist_id: _held_playlist(playlist_id, recording, simplified.get(playlist_id))
            for playlist_id, recording in self._held.items()
        }
        known = {i: _known_playlist(i, piece) for i, piece in simplified.items()}
        return {**held, **{i: playlist for i, playlist in known.items() if i not in held}}


def load_recorded(root: Path) -> RecordedCatalogue:
    """The catalogue of a folder tree or of one file.

    Raises:
        CatalogueError: nothing there can be served; says what was looked at.
    """
    findings = gather(root)
    if not any(findings.pieces.values()):
        first = findings.ignored[0]
        raise CatalogueError(
            f"{root}: none of its {len(findings.files)} files is a recorded response "
            f"({first.file}: {first.reason})"
        )
    return RecordedCatalogue(root, findings)


def _held_playlist(playlist_id: str, recording: Recording, simplified: Piece | None) -> Playlist:
    entries = recording.entries
    is_unread = not entries and recording.recorded_total > 0
    return Playlist(
        meta=_meta(playlist_id, recording, simplified),
        entries=entries,
        access=Access.METADATA_ONLY if is_unread else Access.RECORDED,
        shape=recording.shape,
        total_when_unread=recording.recorded_total,
    )


def _known_playlist(playlist_id: str, piece: Piece) -> Playlist:
    """A playlist of which only a line in a list of playlists was recorded."""
    is_empty = piece.total == 0
    return Playlist(
        meta=_completed(playlist_id, piece.body or {}, [], playlist_id),
        entries=(),
        access=Access.RECORDED if is_empty else Access.METADATA_ONLY,
        shape=piece.shape,
        total_when_unread=piece.total or 0,
    )


def _meta(playlist_id: str, recording: Recording, simplified: Piece | None) -> Json:
    name = PurePosixPath(recording.files[0]).stem
    if recording.body is not None:
        return _completed(playlist_id, recording.body, recording.entries, name)
    if simplified and simplified.body is not None:
        # Its version is that of another moment: the entries held decide.
        known = {k: v for k, v in simplified.body.items() if k != "snapshot_id"}
        return _completed(playlist_id, known, recording.entries, name)
    nameless: Json = {
        "collaborative": False,
        "description": None,
        "images": [],
        "name": name,
        "owner": owner(USER_ID, "Listener One"),
        "public": None,
    }
    return _completed(playlist_id, nameless, recording.entries, name)


def _completed(playlist_id: str, body: Json, entries: Sequence[Any], name: str) -> Json:
    """The recorded object, with what every playlist must have where the recording lacks it."""
    needed = {"name": name, **identity("playlist", playlist_id)}
    meta = {**body, **{key: value for key, value in needed.items() if key not in body}}
    if meta["id"] != playlist_id:
        meta |= identity("playlist", playlist_id)
    if not isinstance(meta.get("snapshot_id"), str):
        content = json.dumps(entries, sort_keys=True)
        meta["snapshot_id"] = snapshot_id(1, playlist_id, content)
    return meta


def _richest(findings: Findings, kind: Kind) -> dict[str, Json]:
    """Per id the object with the most fields; of equals the last recorded."""
    return {
        object_id: max(reversed(pieces), key=lambda piece: len(piece.body or {})).body or {}
        for object_id, pieces in findings.pieces[kind].items()
    }


def _is_credited(album: Json, artist_id: str) -> bool:
    artists = album.get("artists")
    return isinstance(artists, list) and any(
        isinstance(artist, dict) and artist.get("id") == artist_id for artist in artists
    )


def _size(recording: Recording) -> Json:
    return {
        "entries": len(recording.entries),
        "recorded_total": recording.recorded_total,
        "files": recording.files,
    }
