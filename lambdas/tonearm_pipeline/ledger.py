"""The ledger of a run: what went in, what came out, and where the two differ. Pure functions.

For each playlist: API total = songs + episodes + local files + unavailable + malformed.
For each entity: read = accepted + repeats + quarantined, and accepted = staged = curated = loaded =
rows in the warehouse.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tonearm_pipeline.differences import Difference

ENTITY_NAMES: Final = ("albums", "artists", "songs", "playlist_entries", "playlists")
ENTRY_KINDS: Final = ("songs", "episodes", "local_files", "unavailable", "malformed")
TRANSFORM_FIGURES: Final = ("read", "accepted", "repeats", "quarantined")
ROW_STEPS: Final = ("staged", "curated", "loaded", "warehouse")

SUCCEEDED: Final = "succeeded"
UNCHANGED: Final = "unchanged"
UNBALANCED: Final = "unbalanced"


@dataclass(frozen=True)
class RunFacts:
    """Everything the ledger is composed of.

    Attributes:
        run_id: the run.
        snapshot_date: the date it stands for.
        attempt: which transformation of its raw data.
        raw: the raw manifest.
        published: the published manifest, or None when nothing was published.
        load: what the warehouse said (load.json), or None.
    """

    run_id: str
    snapshot_date: str
    attempt: int
    raw: Mapping[str, Any]
    published: Mapping[str, Any] | None
    load: Mapping[str, Any] | None


def compose_ledger(facts: RunFacts) -> dict[str, Any]:
    """Return the ledger as JSON: figures per playlist and entity, and every difference."""
    playlists, playlist_differences = _playlist_lines(facts)
    entities, entity_differences = _entity_lines(facts)
    differences = [
        *_run_differences(facts),
        *playlist_differences,
        *entity_differences,
        *_file_differences(facts),
    ]
    return {
        "run_id": facts.run_id,
        "snapshot_date": facts.snapshot_date,
        "attempt": facts.attempt,
        "status": _status(facts, differences),
        "balances": not differences,
        "playlists": playlists,
        "entities": entities,
        "files": _file_lines(facts),
        "differences": [difference.as_dict() for difference in differences],
    }


def differences_of(ledger: Mapping[str, Any]) -> list[Difference]:
    """Return the differences of a composed ledger."""
    return [Difference(**fields) for fields in ledger["differences"]]


def _status(facts: RunFacts, differences: Sequence[Difference]) -> str:
    if differences:
        return UNBALANCED
    return UNCHANGED if facts.published is None else SUCCEEDED


def _run_differences(facts: RunFacts) -> list[Difference]:
    """Was what had to be published and loaded, and is it this run's."""
    if facts.published is None:
        return _unpublished_differences(facts)
    found = [
        _unless_equal("publish", "run_id of the manifest", facts.run_id, facts.published["run_id"]),
        _unless_equal(
            "publish", "attempt of the manifest", facts.attempt, facts.published["attempt"]
        ),
    ]
    if facts.load is None:
        found.append(Difference("load", "answer of the warehouse", "loaded", "none"))
    else:
        found.append(_unless_equal("load", "status", "loaded", facts.load["status"]))
    return _only(found)


def _unpublished_differences(facts: RunFacts) -> list[Difference]:
    if not facts.raw["changed"]:
        return []
    changed = len(facts.raw["playlists"])
    return [Difference("publish", "playlists that changed", changed, 0)]


def _playlist_lines(facts: RunFacts) -> tuple[list[dict[str, Any]], list[Difference]]:
    if facts.published is None:
        return [], []
    counted = {line["playlist_id"]: line for line in facts.published["playlists"]}
    lines: list[dict[str, Any]] = []
    differences: list[Difference] = []
    for read in facts.raw["playlists"]:
        line, found = _playlist_line(read, counted.pop(read["playlist_id"], None))
        lines.append(line)
        differences += found
    for playlist_id in counted:
        differences.append(
            Difference("playlists", "playlist read", "none", "counted", playlist_id=playlist_id)
        )
    return lines, differences


def _playlist_line(
    read: Mapping[str, Any], counted: Mapping[str, Any] | None
) -> tuple[dict[str, Any], list[Difference]]:
    differences = playlist_differences(read, counted)
    kinds = {kind: (counted or {}).get(kind, 0) for kind in ENTRY_KINDS}
    line = {
        "playlist_id": read["playlist_id"],
        "api_total": read["api_total"],
        **kinds,
        "balances": not differences,
    }
    return line, differences


def playlist_differences(
    read: Mapping[str, Any], counted: Mapping[str, Any] | None
) -> list[Difference]:
    """Compare what the API said of a playlist with how its entries were classified.

    Args:
        read: the playlist's line in the raw manifest.
        counted: its line in the songs job's counts, or None when there is none.
    """
    playlist_id = read["playlist_id"]
    total = read["api_total"]
    if counted is None:
        return [Difference("playlists", "entries", total, "none", playlist_id=playlist_id)]
    classified = sum(counted.get(kind, 0) for kind in ENTRY_KINDS)
    compared = (
        ("entries collected", read["collected"]),
        ("api_total of the job", counted.get("api_total")),
        ("entries classified", classified),
    )
    return [
        Difference("playlists", what, total, found, playlist_id=playlist_id)
        for what, found in compared
        if found != total
    ]


def _entity_lines(facts: RunFacts) -> tuple[dict[str, Any], list[Difference]]:
    lines: dict[str, Any] = {}
    differences: list[Difference] = []
    for entity in ENTITY_NAMES:
        figures = _entity_figures(facts, entity)
        found = _figure_differences(entity, figures)
        lines[entity] = {**figures, "balances": not found}
        differences += found
    return lines, differences


def _entity_figures(facts: RunFacts, entity: str) -> dict[str, int]:
    published = _of_entity(facts.published, entity)
    load = _of_entity(facts.load if facts.published is not None else None, entity)
    names = (*TRANSFORM_FIGURES, "staged", "curated")
    figures = {name: int(published.get(name, 0)) for name in names}
    return {
        **figures,
        "loaded": int(load.get("loaded", 0)),
        "warehouse": int(load.get("warehouse", 0)),
    }


def _of_entity(document: Mapping[str, Any] | None, entity: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = (document or {}).get("entities", {}).get(entity, {})
    return found


def _figure_differences(entity: str, figures: Mapping[str, int]) -> list[Difference]:
    classified = figures["accepted"] + figures["repeats"] + figures["quarantined"]
    found = [
        _unless_equal(
            "counts",
            "accepted + repeats + quarantined",
            figures["read"],
            classified,
            entity=entity,
        )
    ]
    found += [
        _unless_equal(_STEP[step], "rows", figures["accepted"], figures[step], entity=entity)
        for step in ROW_STEPS
    ]
    return _only(found)


_STEP: Final = {
    "staged": "staged",
    "curated": "publish",
    "loaded": "load",
    "warehouse": "warehouse",
}


def _file_lines(facts: RunFacts) -> list[dict[str, Any]]:
    """What was published and what became of it, file by file."""
    if facts.published is None:
        return []
    loads = {line["key"]: line for line in (facts.load or {}).get("files", [])}
    return [
        {
            "entity": entity,
            "key": file["key"],
            "rows": file["rows"],
            "bytes": file["bytes"],
            "status": loads.get(file["key"], {}).get("status", "unknown"),
            "rows_loaded": loads.get(file["key"], {}).get("rows_loaded", 0),
        }
        for entity in ENTITY_NAMES
        for file in _of_entity(facts.published, entity).get("files", [])
    ]


def _file_differences(facts: RunFacts) -> list[Difference]:
    """Name the very files whose loaded rows are not the published ones."""
    if facts.published is None or facts.load is None:
        return []
    loaded = {line["key"]: line for line in facts.load["files"]}
    differences: list[Difference | None] = []
    for entity in ENTITY_NAMES:
        for file in _of_entity(facts.published, entity).get("files", []):
            rows = loaded.get(file["key"], {}).get("rows_loaded", 0)
            differences.append(
                _unless_equal("load", "rows", file["rows"], rows, entity=entity, file=file["key"])
            )
    return _only(differences)


def _unless_equal(
    step: str, what: str, expected: object, found: object, *, entity: str = "", file: str = ""
) -> Difference | None:
    if expected == found:
        return None
    return Difference(step, what, expected, found, entity=entity, file=file)


def _only(found: Iterable[Difference | None]) -> list[Difference]:
    return [difference for difference in found if difference is not None]
