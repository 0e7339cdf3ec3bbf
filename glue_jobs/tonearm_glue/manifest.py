"""The raw manifest: which reads of which playlists count."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as fn

SAVED_TRACKS_ID = "saved_tracks"
_LISTED = (
    "struct<read_number:int,playlist_id:string,read_key:string,api_total:int,snapshot_id:string,"
    "is_consistent:boolean>"
)


@dataclass(frozen=True)
class PlaylistRead:
    """One playlist as the extraction read it: its version, its total, and which read counts.

    `read_number` is its place among the manifest's, by which its rows are short to name.
    """

    read_number: int
    playlist_id: str
    source: str
    read: int
    api_total: int
    snapshot_id: str | None
    is_consistent: bool | None

    @property
    def read_key(self) -> str:
        """Source and read in one word, as the raw lines give it."""
        return read_key(self.source, self.read)


@dataclass(frozen=True)
class RawManifest:
    """What a job needs to know of a run's raw data before it reads a line."""

    superseded: frozenset[str]
    playlists: tuple[PlaylistRead, ...]
    repeated_playlists: int
    part_bytes: int

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Self:
        """The manifest from its JSON document.

        A playlist listed twice counts once: its highest read, then the later place in the list.
        """
        listed = [_playlist(*one) for one in enumerate(document.get("playlists") or ())]
        chosen = {item.playlist_id: item for item in sorted(listed, key=lambda item: item.read)}
        superseded = document.get("superseded") or ()
        return cls(
            superseded=frozenset(read_key(item["source"], item["read"]) for item in superseded),
            playlists=tuple(chosen.values()),
            repeated_playlists=len(listed) - len(chosen),
            part_bytes=_total_bytes(document.get("parts") or ()),
        )


def read_manifest(spark: SparkSession, uri: str) -> RawManifest:
    """The run's raw manifest, read through Spark so that any address Spark knows will do."""
    row = spark.read.text(uri, wholetext=True).first()
    return RawManifest.from_json(json.loads(row[0] if row else "{}"))


def listed_playlists(spark: SparkSession, manifest: RawManifest) -> DataFrame:
    """The manifest's playlists as a table, one row per playlist."""
    rows = [{**asdict(one), "read_key": one.read_key} for one in manifest.playlists]
    return rows_of(spark, rows, _LISTED)


def rows_of(spark: SparkSession, rows: Sequence[Mapping[str, Any]], shape: str) -> DataFrame:
    """A small table made of values the driver has, of this Spark struct type.

    They travel as one JSON literal, since `createDataFrame` would start Python workers.
    """
    values = fn.from_json(fn.lit(json.dumps(rows)), f"array<{shape}>")
    return spark.range(0, 1, numPartitions=1).select(fn.inline(values))


def read_key(source: str, read: int) -> str:
    """One read of one source, in one word."""
    return f"{source}#{read}"


def _playlist(number: int, item: dict[str, Any]) -> PlaylistRead:
    return PlaylistRead(
        read_number=number,
        playlist_id=item["playlist_id"],
        source=item["source"],
        read=int(item["read"]),
        api_total=int(item["api_total"]),
        snapshot_id=item.get("snapshot_id") or None,
        is_consistent=item.get("is_consistent"),
    )


def _total_bytes(parts: Iterable[dict[str, Any]]) -> int:
    return sum(int(part.get("bytes") or 0) for part in parts)
