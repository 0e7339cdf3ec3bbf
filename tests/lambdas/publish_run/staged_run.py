"""A whole run as it lies in S3 before PublishRun: raw parts, manifest, counts, staged Parquet.

The rows are made up, small and consistent; a test spoils one thing and sees what happens.
"""

import gzip
import hashlib
import io
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tonearm_glue.contract import JOBS, PARQUET_CODEC, QUARANTINE, Entity, Kind, entity_named
from tonearm_pipeline.json_store import JsonStore, as_json
from tonearm_pipeline.keys import raw_manifest_key, raw_part_key, staged_prefix

RUN_ID = "20261122T090000Z-abc123"
DATE = "2026-11-22"
PLAYLISTS = ("playlist-a", "playlist-b")
ARROW_TYPES: dict[Kind, Any] = {
    Kind.TEXT: pa.string(),
    Kind.INTEGER: pa.int32(),
    Kind.BIGINT: pa.int64(),
    Kind.BOOLEAN: pa.bool_(),
    Kind.DATE: pa.date32(),
    Kind.TIMESTAMP: pa.timestamp("us", tz="UTC"),
    Kind.TEXTS: pa.list_(pa.field("element", pa.string())),
    Kind.CREDITS: pa.list_(
        pa.field("element", pa.struct([("artist_id", pa.string()), ("name", pa.string())]))
    ),
}
_MOMENT = datetime(2026, 11, 22, 9, 1, tzinfo=UTC)
_VALUES: dict[Kind, Any] = {
    Kind.TEXT: "text",
    Kind.INTEGER: 7,
    Kind.BIGINT: 180_000,
    Kind.BOOLEAN: True,
    Kind.DATE: date(2020, 2, 1),
    Kind.TIMESTAMP: _MOMENT,
    Kind.TEXTS: ["one", "two"],
    Kind.CREDITS: [{"artist_id": "artist-0", "name": "Somebody"}],
}
KINDS = {
    "song": "songs",
    "episode": "episodes",
    "local_file": "local_files",
    "unavailable": "unavailable",
}

Row = dict[str, Any]


def arrow_schema(entity: Entity) -> pa.Schema:
    return pa.schema([(column.name, ARROW_TYPES[column.kind]) for column in entity.columns])


def full_row(contract: Entity, attempt_number: int = 1, /, **overrides: Any) -> Row:
    """A row with a value in every column."""
    row = {column.name: _VALUES[column.kind] for column in contract.columns}
    lineage = {
        "run_id": RUN_ID,
        "attempt": attempt_number,
        "snapshot_date": date.fromisoformat(DATE),
        "extracted_at": _MOMENT,
    }
    return {**row, **lineage, **overrides}


def parquet_bytes(
    entity: Entity, rows: list[Row], schema: pa.Schema | None = None, codec: Any = PARQUET_CODEC
) -> bytes:
    table = pa.Table.from_pylist(rows, schema=schema or arrow_schema(entity))
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression=codec)
    return buffer.getvalue()


@dataclass
class StagedRun:
    """Everything a run's audit reads. Change it, then `write` it."""

    attempt: int = 1
    rows: dict[str, list[Row]] = field(default_factory=dict)
    quarantine: dict[str, list[Row]] = field(default_factory=dict)
    parts: list[list[bytes]] = field(default_factory=list)
    manifest: dict[str, Any] = field(default_factory=dict)
    counts: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def small(cls, attempt: int = 1, songs: int = 12) -> "StagedRun":
        """Two playlists with every kind of entry, one of them malformed."""
        run = cls(attempt=attempt)
        run._make_objects(songs)
        run._make_entries(songs)
        run._make_raw()
        run._make_counts()
        return run

    def files(self) -> dict[str, bytes]:
        """All objects by key."""
        prefix = staged_prefix(RUN_ID, self.attempt)
        found = {raw_manifest_key(RUN_ID): as_json(self.manifest)}
        for number, lines in enumerate(self.parts):
            found[raw_part_key(RUN_ID, number)] = _gzipped(lines)
        for name, rows in self.rows.items():
            body = parquet_bytes(entity_named(name), rows)
            found[f"{prefix}{name}/part-00000-x.snappy.parquet"] = body
            found[f"{prefix}{name}/_SUCCESS"] = b""
        for name, rows in self.quarantine.items():
            body = parquet_bytes(QUARANTINE, rows)
            found[f"{prefix}quarantine/{name}/part-00000-x.snappy.parquet"] = body
        for job, counts in self.counts.items():
            found[f"{prefix}counts/{job}/part-00000-x.json"] = as_json(counts) + b"\n"
        return found

    def write(self, store: JsonStore) -> None:
        for key, body in self.files().items():
            store.s3.put_object(Bucket=store.bucket, Key=key, Body=body)

    def event(self) -> dict[str, Any]:
        return {
            "run_id": RUN_ID,
            "snapshot_date": DATE,
            "attempt": self.attempt,
            "manifest_key": raw_manifest_key(RUN_ID),
        }

    def _make_objects(self, songs: int) -> None:
        for name, amount in (("albums", 11), ("artists", 10), ("songs", songs)):
            entity = entity_named(name)
            stem = name.removesuffix("s")
            self.rows[name] = [
                full_row(entity, self.attempt, **{entity.key[0]: f"{stem}-{number}"})
                for number in range(amount)
            ]

    def _make_entries(self, songs: int) -> None:
        entity = entity_named("playlist_entries")
        kinds = ["song"] * songs + ["episode", "local_file", "unavailable"]
        self.rows["playlist_entries"] = [
            full_row(
                entity, self.attempt, playlist_id=playlist_id, position=position, entry_kind=kind
            )
            for playlist_id in PLAYLISTS
            for position, kind in enumerate(kinds)
        ]
        self.quarantine["playlist_entries"] = [
            full_row(
                QUARANTINE,
                self.attempt,
                entity="playlist_entries",
                reason_code="no_id",
                raw_key=raw_part_key(RUN_ID, 0),
                line=0,
                entry=len(kinds),
                occurrence=0,
                playlist_id=PLAYLISTS[0],
            )
        ]
        self.rows["playlists"] = [
            full_row(
                entity_named("playlists"),
                self.attempt,
                playlist_id=playlist_id,
                **self._kinds(playlist_id),
            )
            for playlist_id in PLAYLISTS
        ]

    def _kinds(self, playlist_id: str) -> dict[str, int]:
        counted = Counter(
            KINDS[row["entry_kind"]]
            for row in self.rows["playlist_entries"]
            if row["playlist_id"] == playlist_id
        )
        malformed = sum(
            row["playlist_id"] == playlist_id for row in self.quarantine["playlist_entries"]
        )
        kinds = {kind: counted[kind] for kind in KINDS.values()} | {"malformed": malformed}
        return {"api_total": sum(kinds.values()), **kinds}

    def _make_raw(self) -> None:
        self.parts = [
            [b'{"kind":"playlist"}\n', b'{"kind":"playlist_items"}\n'],
            [b'{"kind":"playlist"}\n'],
        ]
        bodies = [_gzipped(lines) for lines in self.parts]
        self.manifest = {
            "run_id": RUN_ID,
            "snapshot_date": DATE,
            "parts": [
                {
                    "key": raw_part_key(RUN_ID, number),
                    "lines": len(self.parts[number]),
                    "bytes": len(body),
                    "sha256": hashlib.sha256(body).hexdigest(),
                }
                for number, body in enumerate(bodies)
            ],
            "superseded": [],
            "playlists": [self._read(playlist_id) for playlist_id in PLAYLISTS],
            "unchanged": [{"source": "spotify:playlist:same", "why": "snapshot"}],
            "refused": [],
            "sources": [],
            "calls": {"total": 5, "by_endpoint": {}, "forecast": 6, "waited_seconds": 0},
            "changed": True,
        }

    def _read(self, playlist_id: str) -> dict[str, Any]:
        total = self._kinds(playlist_id)["api_total"]
        return {
            "playlist_id": playlist_id,
            "source": f"spotify:playlist:{playlist_id}",
            "read": 1,
            "api_total": total,
            "collected": total,
            "snapshot_id": "s1",
            "is_consistent": True,
            "fingerprint": "f1",
            "lines": 2,
        }

    def _make_counts(self) -> None:
        raw_lines = sum(len(lines) for lines in self.parts)
        for job, entities in JOBS.items():
            self.counts[job] = {
                "job": job,
                "contract_version": 1,
                "raw_lines": raw_lines,
                "corrupt_lines": 0,
                "ignored_lines": 0,
                "entities": {entity.name: self._entity_counts(entity.name) for entity in entities},
                "playlists": [],
                "field_presence": {entity.name: self._presence(entity) for entity in entities},
                "quarantine_rows": {},
            }
        self.counts["songs"]["playlists"] = [
            {"playlist_id": playlist_id, **self._kinds(playlist_id), "is_consistent": True}
            for playlist_id in PLAYLISTS
        ]

    def _entity_counts(self, name: str) -> dict[str, int]:
        accepted, refused = len(self.rows[name]), len(self.quarantine.get(name, []))
        return {
            "read": accepted + refused + 3,
            "accepted": accepted,
            "repeats": 3,
            "quarantined": refused,
        }

    def _presence(self, entity: Entity) -> dict[str, list[int]]:
        rows = self.rows[entity.name]
        return {
            column.name: [sum(row[column.name] is not None for row in rows), len(rows)]
            for column in entity.columns
            if not column.is_required
        }


def _gzipped(lines: list[bytes]) -> bytes:
    return gzip.compress(b"".join(lines), mtime=0)


def all_objects(store: JsonStore) -> dict[str, bytes]:
    """Every object of the bucket."""
    pages = store.s3.get_paginator("list_objects_v2").paginate(Bucket=store.bucket)
    keys = [entry["Key"] for page in pages for entry in page.get("Contents", [])]
    return {key: store.get_bytes(key) or b"" for key in keys}


def published(store: JsonStore) -> dict[str, bytes]:
    """The objects under curated/ and quarantine/."""
    return {
        key: body
        for key, body in all_objects(store).items()
        if key.startswith(("curated/", "quarantine/"))
    }
