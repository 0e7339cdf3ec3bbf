"""What footers say of NULLs: exact for plain columns, all or none for lists."""

import io
from typing import Any

import pytest

from publish_run.parquet_facts import entity_facts
from tests.lambdas.publish_run.staged_run import full_row, parquet_bytes
from tonearm_glue.contract import entity_named
from tonearm_pipeline.staged import EntityFacts, StoredFile

ARTISTS = entity_named("artists")
SONGS = entity_named("songs")


def facts_of(entity: Any, *files: list[dict[str, Any]]) -> EntityFacts:
    bodies = {f"part-{number}": parquet_bytes(entity, rows) for number, rows in enumerate(files)}
    stored = [StoredFile(key, len(body), "etag") for key, body in bodies.items()]
    return entity_facts(entity, stored, lambda file: io.BytesIO(bodies[file.key]))


def artist(number: int, genres: list[str | None] | None) -> dict[str, Any]:
    return full_row(ARTISTS, artist_id=f"artist-{number}", genres=genres)


def song(number: int, artists: Any) -> dict[str, Any]:
    return full_row(SONGS, track_id=f"song-{number}", artists=artists)


@pytest.mark.parametrize(
    ("files", "nulls"),
    [
        pytest.param([[None, None], [None]], 3, id="no list anywhere"),
        pytest.param([[[], []], [None]], 3, id="empty lists hold no value"),
        pytest.param([[None, ["pop"]], [None]], 0, id="a value in the first file"),
        pytest.param([[None, None], [["pop"]]], 0, id="a value in the last file"),
        pytest.param([[["pop"], ["rock", "jazz"]]], 0, id="a value in every row"),
        pytest.param([[["pop", None], [None]]], 0, id="a value beside a NULL"),
    ],
)
def test_a_list_counts_as_null_in_all_rows_or_in_none(
    files: list[list[list[str | None] | None]], nulls: int
) -> None:
    rows = [[artist(10 * n + m, one) for m, one in enumerate(file)] for n, file in enumerate(files)]

    assert facts_of(ARTISTS, *rows).nulls["genres"] == nulls


@pytest.mark.parametrize(
    ("credited", "nulls"),
    [
        pytest.param(None, 2, id="no credits"),
        pytest.param([{"artist_id": None, "name": "Somebody"}], 0, id="a name alone"),
    ],
)
def test_a_list_of_credits_has_a_value_if_any_of_its_fields_has(credited: Any, nulls: int) -> None:
    facts = facts_of(SONGS, [song(0, credited), song(1, None)])

    assert facts.nulls["artists"] == nulls


def test_nulls_of_plain_columns_are_added_up_over_the_files() -> None:
    def row(number: int, name: str | None) -> dict[str, Any]:
        return full_row(ARTISTS, artist_id=f"artist-{number}", popularity=None, name=name)

    facts = facts_of(ARTISTS, [row(0, None), row(1, "x")], [row(2, None)])

    assert (facts.nulls["popularity"], facts.nulls["name"]) == (3, 2)
    assert (facts.rows, facts.distinct_keys) == (3, 3)
