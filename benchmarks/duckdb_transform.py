"""The five tables made by DuckDB, with as many threads as Spark has."""

import sys
from pathlib import Path
from string import Template
from time import monotonic

import duckdb

from tests.glue_jobs.raw_files import RUN_ID

THREADS = 2
_SQL = Path(__file__).with_suffix(".sql")


def _struct(*names: str, **fields: str) -> str:
    """A struct type with these texts and these other fields."""
    held = dict.fromkeys(names, "varchar") | fields
    return "struct(" + ", ".join(f'"{name}" {kind}' for name, kind in held.items()) + ")"


_URLS = _struct("spotify")
_IMAGES = _struct("url", "width") + "[]"
_ARTIST = _struct(
    *("id", "name", "popularity", "uri"),
    genres="varchar[]",
    followers=_struct("total"),
    external_urls=_URLS,
    images=_IMAGES,
)
_ALBUM = _struct(
    *("id", "name", "type", "album_type", "release_date", "release_date_precision"),
    *("total_tracks", "label", "popularity", "uri"),
    external_ids=_struct("upc"),
    external_urls=_URLS,
    genres="varchar[]",
    artists=f"{_ARTIST}[]",
    images=_IMAGES,
)
_TRACK = _struct(
    *("id", "type", "uri", "is_local", "name", "duration_ms", "explicit", "is_playable"),
    *("popularity", "disc_number", "track_number"),
    show=_struct("name"),
    external_ids=_struct("isrc"),
    external_urls=_URLS,
    linked_from=_struct("id"),
    artists=f"{_ARTIST}[]",
    album=_ALBUM,
)
_ENTRY = _struct("added_at", "is_local", added_by=_struct("id"), item=_TRACK, track=_TRACK)
_BODY = _struct("offset", items=f"{_ENTRY}[]")
_LINEAGE = "'{run}' as run_id, 1::integer as attempt, date '2024-05-11' as snapshot_date"


def transform(bucket: Path, staged: Path) -> None:
    """Write the five tables of a run as Parquet files in a folder."""
    words = {
        "raw": str(bucket / "raw" / RUN_ID / "pages" / "*.json.gz"),
        "manifest": str(bucket / "raw" / RUN_ID / "manifest.json"),
        "body": _BODY,
        "staged": str(staged),
        "lineage": _LINEAGE.format(run=RUN_ID),
    }
    staged.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute(f"set threads = {THREADS}; set timezone = 'UTC'")
        connection.execute("set preserve_insertion_order = false")
        connection.execute(Template(_SQL.read_text()).substitute(words))


if __name__ == "__main__":
    began = monotonic()
    transform(Path(sys.argv[1]), Path(sys.argv[2]))
    print(monotonic() - began)
