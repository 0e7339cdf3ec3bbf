from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from tests.lambdas.tonearm_pipeline.finished_run import (
    DATE,
    ROWS,
    RUN_ID,
    finished_facts,
    key_of,
    unchanged_facts,
)
from tonearm_glue.contract import ENTITIES
from tonearm_pipeline.differences import Difference, describe
from tonearm_pipeline.ledger import ENTITY_NAMES, RunFacts, compose_ledger, differences_of


def test_a_run_that_went_well_balances() -> None:
    ledger = compose_ledger(finished_facts())

    assert ledger["differences"] == []
    assert (ledger["status"], ledger["balances"]) == ("succeeded", True)
    assert (ledger["run_id"], ledger["snapshot_date"], ledger["attempt"]) == (RUN_ID, DATE, 1)
    assert ledger["playlists"] == [
        {
            "playlist_id": "playlist-a",
            "api_total": 7,
            "songs": 4,
            "episodes": 1,
            "local_files": 1,
            "unavailable": 0,
            "malformed": 1,
            "balances": True,
        },
        {
            "playlist_id": "playlist-b",
            "api_total": 3,
            "songs": 2,
            "episodes": 1,
            "local_files": 0,
            "unavailable": 0,
            "malformed": 0,
            "balances": True,
        },
    ]
    assert ledger["entities"]["playlist_entries"] == {
        "read": 13,
        "accepted": 9,
        "repeats": 3,
        "quarantined": 1,
        "staged": 9,
        "curated": 9,
        "loaded": 9,
        "warehouse": 9,
        "balances": True,
    }
    assert list(ledger["entities"]) == list(ENTITY_NAMES)
    assert ledger["files"][0] == {
        "entity": "albums",
        "key": key_of("albums"),
        "rows": 4,
        "bytes": 100,
        "status": "loaded",
        "rows_loaded": 4,
    }


def test_the_ledger_speaks_of_the_entities_of_the_contract() -> None:
    assert [entity.name for entity in ENTITIES] == list(ENTITY_NAMES)


def test_an_unchanged_run_balances_with_nothing_in_it() -> None:
    ledger = compose_ledger(unchanged_facts())

    assert (ledger["status"], ledger["balances"]) == ("unchanged", True)
    assert (ledger["playlists"], ledger["files"], ledger["differences"]) == ([], [], [])
    figures = ledger["entities"]["songs"]
    assert figures.pop("balances") is True
    assert set(figures.values()) == {0}


def test_a_run_without_anything_to_load_balances() -> None:
    facts = finished_facts()
    assert facts.published is not None
    assert facts.load is not None
    zero = dict.fromkeys(("read", "accepted", "repeats", "quarantined", "staged", "curated"), 0)
    for name in ENTITY_NAMES:
        facts.published["entities"][name] = {**zero, "files": []}
        facts.load["entities"][name] = {"loaded": 0, "warehouse": 0}
    facts.published["playlists"].clear()
    facts.raw["playlists"].clear()
    facts.load["files"].clear()

    assert compose_ledger(facts)["balances"]


class Case(NamedTuple):
    """One figure changed and the difference that must be named."""

    id: str
    spoil: Callable[[Any, Any, Any], object]
    step: str
    what: str
    expected: object
    found: object
    entity: str = ""
    playlist_id: str = ""
    file: str = ""


def _set(document: Any, *path: Any) -> None:
    *way, last, value = path
    for name in way:
        document = document[name]
    document[last] = value


CASES = (
    Case(
        "collected short",
        lambda raw, published, load: _set(raw, "playlists", 0, "collected", 5),
        "playlists",
        "entries collected",
        7,
        5,
        playlist_id="playlist-a",
    ),
    Case(
        "job saw another total",
        lambda raw, published, load: _set(published, "playlists", 1, "api_total", 4),
        "playlists",
        "api_total of the job",
        3,
        4,
        playlist_id="playlist-b",
    ),
    Case(
        "song lost",
        lambda raw, published, load: _set(published, "playlists", 1, "songs", 1),
        "playlists",
        "entries classified",
        3,
        2,
        playlist_id="playlist-b",
    ),
    Case(
        "playlist not counted",
        lambda raw, published, load: published["playlists"].pop(),
        "playlists",
        "entries",
        3,
        "none",
        playlist_id="playlist-b",
    ),
    Case(
        "playlist nobody read",
        lambda raw, published, load: raw["playlists"].pop(),
        "playlists",
        "playlist read",
        "none",
        "counted",
        playlist_id="playlist-b",
    ),
    Case(
        "read does not add up",
        lambda raw, published, load: _set(published, "entities", "songs", "repeats", 2),
        "counts",
        "accepted + repeats + quarantined",
        9,
        8,
        entity="songs",
    ),
    Case(
        "staged short",
        lambda raw, published, load: _set(published, "entities", "songs", "staged", 5),
        "staged",
        "rows",
        6,
        5,
        entity="songs",
    ),
    Case(
        "curated short",
        lambda raw, published, load: _set(published, "entities", "albums", "curated", 3),
        "publish",
        "rows",
        4,
        3,
        entity="albums",
    ),
    Case(
        "loaded short",
        lambda raw, published, load: _set(load, "entities", "artists", "loaded", 4),
        "load",
        "rows",
        5,
        4,
        entity="artists",
    ),
    Case(
        "warehouse short",
        lambda raw, published, load: _set(load, "entities", "artists", "warehouse", 0),
        "warehouse",
        "rows",
        5,
        0,
        entity="artists",
    ),
    Case(
        "warehouse has more",
        lambda raw, published, load: _set(load, "entities", "songs", "warehouse", 12),
        "warehouse",
        "rows",
        6,
        12,
        entity="songs",
    ),
    Case(
        "file loaded in part",
        lambda raw, published, load: _set(load, "files", 2, "rows_loaded", 5),
        "load",
        "rows",
        6,
        5,
        entity="songs",
        file=key_of("songs"),
    ),
    Case(
        "file not asked about",
        lambda raw, published, load: load["files"].pop(2),
        "load",
        "rows",
        6,
        0,
        entity="songs",
        file=key_of("songs"),
    ),
    Case(
        "load pending",
        lambda raw, published, load: _set(load, "status", "pending"),
        "load",
        "status",
        "loaded",
        "pending",
    ),
    Case(
        "manifest of another run",
        lambda raw, published, load: _set(published, "run_id", "other"),
        "publish",
        "run_id of the manifest",
        RUN_ID,
        "other",
    ),
    Case(
        "manifest of another attempt",
        lambda raw, published, load: _set(published, "attempt", 2),
        "publish",
        "attempt of the manifest",
        1,
        2,
    ),
)


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_one_wrong_figure_is_the_one_difference(case: Case) -> None:
    facts = finished_facts()
    case.spoil(facts.raw, facts.published, facts.load)

    ledger = compose_ledger(facts)

    assert differences_of(ledger) == [
        Difference(
            case.step,
            case.what,
            case.expected,
            case.found,
            entity=case.entity,
            playlist_id=case.playlist_id,
            file=case.file,
        )
    ]
    assert (ledger["status"], ledger["balances"]) == ("unbalanced", False)


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_the_line_that_is_wrong_says_so_itself(case: Case) -> None:
    facts = finished_facts()
    case.spoil(facts.raw, facts.published, facts.load)

    ledger = compose_ledger(facts)

    wrong_entities = {name for name, line in ledger["entities"].items() if not line["balances"]}
    wrong_playlists = {line["playlist_id"] for line in ledger["playlists"] if not line["balances"]}
    of_entity_figures = case.entity and not case.file
    assert wrong_entities == ({case.entity} if of_entity_figures else set())
    is_listed = case.playlist_id and case.id != "playlist nobody read"
    assert wrong_playlists == ({case.playlist_id} if is_listed else set())


def test_changes_that_were_never_published_do_not_balance() -> None:
    unchanged = unchanged_facts()
    raw = {**unchanged.raw, "changed": True, "playlists": [{"playlist_id": "a"}]}

    ledger = compose_ledger(RunFacts(RUN_ID, DATE, 1, raw, published=None, load=None))

    assert differences_of(ledger) == [Difference("publish", "playlists that changed", 1, 0)]


def test_a_load_nobody_asked_about_does_not_balance() -> None:
    facts = finished_facts()

    ledger = compose_ledger(RunFacts(RUN_ID, DATE, 1, facts.raw, facts.published, load=None))

    assert not ledger["balances"]
    assert ledger["differences"][0] == {
        "step": "load",
        "what": "answer of the warehouse",
        "expected": "loaded",
        "found": "none",
    }
    rows = [one for one in ledger["differences"] if one["what"] == "rows" and "file" not in one]
    assert {(one["entity"], one["expected"]) for one in rows} == set(ROWS.items())


def test_a_difference_tells_its_place_before_its_figures() -> None:
    difference = Difference("load", "rows", 6, 5, entity="songs", file="curated/songs/x.parquet")

    told = difference.sentence()

    assert told == "load songs curated/songs/x.parquet: rows: expected 6, found 5"


def test_many_differences_are_told_in_one_short_text() -> None:
    differences = [Difference("staged", "rows", number, 0) for number in range(8)]

    text = describe(differences)

    assert text.count("expected") == 5
    assert text.endswith("; and 3 more")
