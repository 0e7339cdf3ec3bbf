"""Every column of every entity, written down once.

The Spark schemas, the Snowflake landing tables and the data dictionary come from this module or are
held to it by a contract test. It imports nothing but the standard library, so the Lambda that
audits a run reads the words the Spark job was written by.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

CONTRACT_VERSION = 1
PARQUET_CODEC: Final = "snappy"  # of all files: one that the audit can read (docs/decisions/0003)


class Kind(StrEnum):
    """The type of a column, in the project's own words; each engine maps them to its own types."""

    TEXT = "text"
    INTEGER = "integer"  # 32 bits
    BIGINT = "bigint"  # 64 bits
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"  # microseconds, UTC
    TEXTS = "texts"  # list of text
    CREDITS = "credits"  # list of {artist_id, name}, in credit order


@dataclass(frozen=True)
class Column:
    """One column: name, type, meaning, unit, whether it may be NULL, and since which contract."""

    name: str
    kind: Kind
    meaning: str
    is_required: bool = False
    unit: str = ""
    since: int = 1


@dataclass(frozen=True)
class Entity:
    """One table: its key, its grain in one sentence, and its columns in file order."""

    name: str
    key: tuple[str, ...]
    grain: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in file order."""
        return tuple(column.name for column in self.columns)


def _required(name: str, kind: Kind, meaning: str, unit: str = "") -> Column:
    return Column(name, kind, meaning, is_required=True, unit=unit)


LINEAGE: tuple[Column, ...] = (
    _required("run_id", Kind.TEXT, "The run that read this row from Spotify."),
    _required(
        "attempt",
        Kind.INTEGER,
        "Which transformation of that run's raw data: 1, or a replay's number.",
    ),
    _required("snapshot_date", Kind.DATE, "The UTC date the run stands for."),
    _required(
        "extracted_at", Kind.TIMESTAMP, "When the API response that holds this row was fetched."
    ),
)

ALBUMS = Entity(
    "albums",
    ("album_id",),
    "One row per album seen in a run.",
    (
        _required("album_id", Kind.TEXT, "Spotify's id of the album."),
        Column(
            "name",
            Kind.TEXT,
            "The album's name; NULL when Spotify gives an empty one (taken down).",
        ),
        Column("album_type", Kind.TEXT, "album, single or compilation, in lower case."),
        Column("release_date_text", Kind.TEXT, "The release date as Spotify gave it."),
        Column(
            "release_date_precision",
            Kind.TEXT,
            "year, month or day: how much of the date is known.",
        ),
        Column(
            "release_date",
            Kind.DATE,
            "First day of what is known; NULL when there is no true date.",
        ),
        Column("total_tracks", Kind.INTEGER, "Number of tracks on the album.", unit="tracks"),
        Column("label", Kind.TEXT, "Record label; full albums of extended-quota clients only."),
        Column(
            "popularity", Kind.INTEGER, "0 to 100; extended-quota clients only, unknown is NULL."
        ),
        Column("upc", Kind.TEXT, "Universal product code from external_ids."),
        Column("genres", Kind.TEXTS, "Genres as given; nearly always an empty list."),
        Column("artists", Kind.CREDITS, "Credited artists in credit order."),
        Column("image_url", Kind.TEXT, "Address of the largest cover image."),
        Column("spotify_url", Kind.TEXT, "Public page of the album."),
        Column("uri", Kind.TEXT, "Spotify URI."),
        _required(
            "is_full_object",
            Kind.BOOLEAN,
            "True when read from a full album object, not a simplified one.",
        ),
        *LINEAGE,
    ),
)

ARTISTS = Entity(
    "artists",
    ("artist_id",),
    "One row per artist credited on any track or album seen in a run.",
    (
        _required("artist_id", Kind.TEXT, "Spotify's id of the artist."),
        Column("name", Kind.TEXT, "The artist's name; NULL when Spotify gives an empty one."),
        Column("genres", Kind.TEXTS, "Genres; full artists only (deprecated by Spotify)."),
        Column(
            "popularity", Kind.INTEGER, "0 to 100; extended-quota clients only, unknown is NULL."
        ),
        Column(
            "followers",
            Kind.BIGINT,
            "Number of followers; extended-quota clients only.",
            unit="users",
        ),
        Column("image_url", Kind.TEXT, "Address of the largest image."),
        Column("spotify_url", Kind.TEXT, "Public page of the artist."),
        Column("uri", Kind.TEXT, "Spotify URI."),
        _required("is_full_object", Kind.BOOLEAN, "True when read from a full artist object."),
        *LINEAGE,
    ),
)

SONGS = Entity(
    "songs",
    ("track_id",),
    "One row per track seen in a run.",
    (
        _required(
            "track_id", Kind.TEXT, "Spotify's id of the track, as it stands in the response."
        ),
        Column(
            "name",
            Kind.TEXT,
            "The track's name; NULL when Spotify gives an empty one (taken down).",
        ),
        Column("album_id", Kind.TEXT, "The album the track is on."),
        Column("disc_number", Kind.INTEGER, "Disc the track is on."),
        Column("track_number", Kind.INTEGER, "Place of the track on its disc."),
        Column("duration_ms", Kind.BIGINT, "Length of the track.", unit="milliseconds"),
        Column("is_explicit", Kind.BOOLEAN, "Whether Spotify marks the lyrics explicit."),
        Column(
            "is_playable",
            Kind.BOOLEAN,
            "Whether the token's market may play it; NULL when not said.",
        ),
        Column(
            "popularity", Kind.INTEGER, "0 to 100; extended-quota clients only, unknown is NULL."
        ),
        Column("isrc_text", Kind.TEXT, "International recording code as it came."),
        Column(
            "isrc",
            Kind.TEXT,
            "The same in upper case without hyphens; NULL when not 12 characters.",
        ),
        Column(
            "linked_from_track_id",
            Kind.TEXT,
            "The track id the playlist holds when Spotify relinked it.",
        ),
        Column("artists", Kind.CREDITS, "Credited artists in credit order."),
        Column("spotify_url", Kind.TEXT, "Public page of the track."),
        Column("uri", Kind.TEXT, "Spotify URI."),
        _required("is_full_object", Kind.BOOLEAN, "True when read from a full track object."),
        *LINEAGE,
    ),
)

PLAYLIST_ENTRIES = Entity(
    "playlist_entries",
    ("playlist_id", "snapshot_date", "position"),
    "One row per entry of a playlist read in a run.",
    (
        _required("playlist_id", Kind.TEXT, "Spotify's id of the playlist."),
        _required("position", Kind.INTEGER, "Place in the playlist, from 0."),
        _required("entry_kind", Kind.TEXT, "song, episode, local_file or unavailable."),
        Column("track_id", Kind.TEXT, "The track, for songs."),
        Column(
            "linked_from_track_id",
            Kind.TEXT,
            "The track id the playlist holds when Spotify relinked it.",
        ),
        Column("episode_id", Kind.TEXT, "The episode, for episodes."),
        Column("name", Kind.TEXT, "Name of the track, episode or local file."),
        Column(
            "artists",
            Kind.CREDITS,
            "Credited artists in credit order; ids are NULL for local files.",
        ),
        Column("album_name", Kind.TEXT, "Name of the album (of the show, for episodes)."),
        Column("duration_ms", Kind.BIGINT, "Length of the entry.", unit="milliseconds"),
        Column("uri", Kind.TEXT, "Spotify URI, also of local files."),
        Column(
            "added_at",
            Kind.TIMESTAMP,
            "When it was added; NULL when not said (1970-01-01 means not said).",
        ),
        Column("added_by_id", Kind.TEXT, "Who added it; NULL when not said or dropped."),
        Column("is_local", Kind.BOOLEAN, "Whether Spotify marks the entry as a local file."),
        Column("snapshot_id", Kind.TEXT, "Version of the playlist that was read."),
        Column("is_consistent", Kind.BOOLEAN, "False when the playlist changed while it was read."),
        *LINEAGE,
    ),
)

PLAYLISTS = Entity(
    "playlists",
    ("playlist_id", "snapshot_date"),
    "One row per playlist read in a run.",
    (
        _required("playlist_id", Kind.TEXT, "Spotify's id of the playlist."),
        Column("name", Kind.TEXT, "The playlist's name."),
        Column("description", Kind.TEXT, "The playlist's description, HTML entities as they came."),
        Column(
            "owner_id",
            Kind.TEXT,
            "Spotify id of the owner; a mark that stands for it when personal fields are dropped.",
        ),
        Column("owner_name", Kind.TEXT, "Display name of the owner; NULL when dropped."),
        Column("is_public", Kind.BOOLEAN, "NULL when not said."),
        Column("is_collaborative", Kind.BOOLEAN, "Whether others may edit it."),
        Column("followers", Kind.BIGINT, "Number of followers, unknown is NULL.", unit="users"),
        Column("image_url", Kind.TEXT, "Address of the cover image."),
        Column("spotify_url", Kind.TEXT, "Public page of the playlist."),
        Column("uri", Kind.TEXT, "Spotify URI."),
        Column("snapshot_id", Kind.TEXT, "Version of the playlist that was read."),
        Column("is_consistent", Kind.BOOLEAN, "False when the playlist changed while it was read."),
        _required("api_total", Kind.INTEGER, "Entries the API said there are.", unit="entries"),
        _required("songs", Kind.INTEGER, "Entries that are songs.", unit="entries"),
        _required("episodes", Kind.INTEGER, "Entries that are podcast episodes.", unit="entries"),
        _required("local_files", Kind.INTEGER, "Entries that are local files.", unit="entries"),
        _required(
            "unavailable", Kind.INTEGER, "Entries whose content is gone (null).", unit="entries"
        ),
        _required("malformed", Kind.INTEGER, "Entries in quarantine.", unit="entries"),
        *LINEAGE,
    ),
)

QUARANTINE = Entity(
    "quarantine",
    ("entity", "raw_key", "line", "entry", "occurrence"),
    "One row per object or entry that could not be accepted.",
    (
        _required("entity", Kind.TEXT, "The entity it would have been."),
        _required("reason_code", Kind.TEXT, "Why it was refused."),
        Column("reason_detail", Kind.TEXT, "What was found."),
        _required("raw_key", Kind.TEXT, "S3 key of the raw part."),
        _required("line", Kind.INTEGER, "Line in that part, from 0."),
        Column(
            "entry", Kind.INTEGER, "Entry in that response, from 0; NULL when the whole response."
        ),
        _required("occurrence", Kind.INTEGER, "Number of the object within the entry, from 0."),
        Column("playlist_id", Kind.TEXT, "The playlist it came from, if any."),
        *LINEAGE[:-1],
        Column(
            "extracted_at",
            Kind.TIMESTAMP,
            "When the API response was fetched; NULL when the line could not be read.",
        ),
    ),
)

ENTITIES: tuple[Entity, ...] = (ALBUMS, ARTISTS, SONGS, PLAYLIST_ENTRIES, PLAYLISTS)

JOBS: dict[str, tuple[Entity, ...]] = {
    "albums": (ALBUMS,),
    "artists": (ARTISTS,),
    "songs": (SONGS, PLAYLIST_ENTRIES, PLAYLISTS),
}


def entity_named(name: str, entities: Sequence[Entity] = ENTITIES) -> Entity:
    """The entity with this name.

    Raises:
        KeyError: there is none.
    """
    found = {entity.name: entity for entity in entities}
    return found[name]
