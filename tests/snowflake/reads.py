"""Whole reads of a playlist, loaded the way a run's files are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.snowflake.history_reference import OPEN, Change, Read, Stretch
from tests.snowflake.landing_rows import (
    a_playlist,
    a_run,
    a_song,
    an_album,
    an_artist,
    an_entry,
    entries_of,
)
from tests.snowflake.local_account import LocalAccount
from tonearm_glue.contract import ALBUMS, ARTISTS, PLAYLIST_ENTRIES, PLAYLISTS, SONGS, Entity

type Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class RunFile:
    """One published file of a run."""

    entity: Entity
    key: str
    rows: Rows

    def load(self, account: LocalAccount) -> None:
        """Stage the file and hand it to its pipe."""
        url = account.put(self.entity, self.rows, self.key)
        told = account.ingest(self.entity.name, url)
        assert told["status"] == "LOADED", told


def files_of(run: dict[str, Any], rows: dict[Entity, Rows]) -> list[RunFile]:
    """The files a run publishes, named as PublishRun names them."""
    attempt = "" if run["attempt"] == 1 else f".{run['attempt']}"
    folder = f"snapshot_date={run['snapshot_date']}"
    return [
        RunFile(entity, f"{folder}/{entity.name}-{run['run_id']}{attempt}-00000.parquet", found)
        for entity, found in rows.items()
    ]


def a_read(
    day: str, tracks: str, *, playlist_id: str = "list-1", attempt: int = 1, **playlist: Any
) -> list[RunFile]:
    """A run that read one playlist, written as one letter per track."""
    run = a_run(day, attempt, playlist.pop("run", ""))
    consistent = playlist.get("is_consistent", True)
    entries = entries_of(tracks, playlist_id, is_consistent=consistent, **run)
    return files_of(
        run,
        {
            PLAYLISTS: [
                a_playlist(playlist_id=playlist_id, api_total=len(tracks), **{**run, **playlist})
            ],
            PLAYLIST_ENTRIES: entries,
            SONGS: [a_song(track_id=track, **run) for track in sorted(set(tracks))],
            ALBUMS: [an_album(**run)],
            ARTISTS: [an_artist(**run), an_artist(artist_id="artist-2", name="Two, Too", **run)],
        },
    )


def load(account: LocalAccount, *reads: Sequence[RunFile]) -> None:
    """Load every file of every read, in the order given."""
    for read in reads:
        for file in read:
            file.load(account)


def reads_of_uris(reads: Mapping[date, Read], playlist_id: str = "list-1") -> list[list[RunFile]]:
    """Runs that read a playlist given as uris per day; only playlists and entries."""
    return runs_of_lists({playlist_id: reads})


def runs_of_lists(lists: Mapping[str, Mapping[date, Read]]) -> list[list[RunFile]]:
    """One run per day, which reads every playlist that has a read of that day."""
    return [
        _run_of_day(day, lists) for day in sorted({day for read in lists.values() for day in read})
    ]


def _run_of_day(day: date, lists: Mapping[str, Mapping[date, Read]]) -> list[RunFile]:
    run = a_run(day.isoformat())
    reads = {playlist_id: reads[day] for playlist_id, reads in lists.items() if day in reads}
    playlists = [
        a_playlist(playlist_id=playlist_id, api_total=len(uris), **run)
        for playlist_id, uris in reads.items()
    ]
    entries = [
        an_entry(playlist_id=playlist_id, position=at, uri=uri, track_id=uri, name=uri, **run)
        for playlist_id, uris in reads.items()
        for at, uri in enumerate(uris)
    ]
    return files_of(run, {PLAYLISTS: playlists, PLAYLIST_ENTRIES: entries})


def told_changes(account: LocalAccount) -> list[Change]:
    """mart.playlist_changes in the reference's words."""
    return sorted(map(as_change, account.rows("select * from tonearm.mart.playlist_changes")))


def told_stretches(account: LocalAccount) -> list[Stretch]:
    """core.playlist_entry_history in the reference's words."""
    rows = account.rows("select * from tonearm.core.playlist_entry_history")
    return sorted(map(as_stretch, rows))


def as_change(row: Mapping[str, Any]) -> Change:
    """A row of mart.playlist_changes in the reference's words."""
    return Change(
        row["snapshot_date"],
        row["change"],
        row["uri"] or "",
        -1 if row["old_position"] is None else row["old_position"],
        -1 if row["new_position"] is None else row["new_position"],
    )


def as_stretch(row: Mapping[str, Any]) -> Stretch:
    """A row of core.playlist_entry_history in the reference's words."""
    return Stretch(
        row["uri"] or "",
        row["occurrence"],
        row["position"],
        row["valid_from"],
        row["valid_to"] or OPEN,
        row["opened_by"],
        row["closed_by"] or "",
    )
