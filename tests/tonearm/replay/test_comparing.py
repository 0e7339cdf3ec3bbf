"""Rows added, removed and changed between two sets of files of one table."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tonearm.replay.comparing import MOST_EXAMPLES, Example, compare

Rows = list[dict[str, Any]]
KEY = ("id",)


def a_row(number: int, **overrides: Any) -> dict[str, Any]:
    credits_of_row = [{"artist_id": f"a{number}", "name": "Ärtist"}]
    row = {"id": f"k{number}", "name": f"n{number}", "artists": credits_of_row, "attempt": 1}
    return row | overrides


def a_schema(**kinds: Any) -> pa.Schema:
    return pa.schema(kinds)


def files_of(folder: Path, name: str, *parts: Rows, schema: pa.Schema | None = None) -> list[Path]:
    files = []
    for number, rows in enumerate(parts):
        file = folder / f"{name}'{number}.parquet"
        pq.write_table(pa.Table.from_pylist(rows, schema=schema), file)
        files.append(file)
    return files


def test_equal_rows_in_other_files_and_another_order_do_not_differ(tmp_path: Path) -> None:
    before = files_of(tmp_path, "b", [a_row(1), a_row(2), a_row(3)])
    after = files_of(tmp_path, "a", [a_row(3, attempt=2)], [a_row(2), a_row(1)])

    found = compare("songs", KEY, before, after)

    assert found.is_equal
    assert (found.rows, found.columns, found.examples) == (3, {}, {})


def test_rows_are_added_removed_and_changed_by_key(tmp_path: Path) -> None:
    before = files_of(tmp_path, "b", [a_row(1), a_row(2), a_row(3)])
    after = files_of(tmp_path, "a", [a_row(2, name=None), a_row(3), a_row(4)])

    found = compare("songs", KEY, before, after)

    assert (found.added, found.removed, found.changed) == (1, 1, 1)
    assert (found.added_keys, found.removed_keys) == ([("k4",)], [("k1",)])
    assert found.columns == {"name": 1}
    assert found.examples == {"name": [Example(("k2",), "n2", None)]}


def test_a_change_inside_a_list_is_seen(tmp_path: Path) -> None:
    other = [{"artist_id": "a1", "name": "Artist"}]
    before = files_of(tmp_path, "b", [a_row(1), a_row(2)])
    after = files_of(tmp_path, "a", [a_row(1, artists=other), a_row(2)])

    assert compare("songs", KEY, before, after).columns == {"artists": 1}


def test_examples_are_few_and_in_key_order(tmp_path: Path) -> None:
    before = files_of(tmp_path, "b", [a_row(n) for n in range(9, 0, -1)])
    after = files_of(tmp_path, "a", [a_row(n, name="x") for n in range(1, 10)])

    found = compare("songs", KEY, before, after)

    assert found.columns == {"name": 9}
    keys = [example.key for example in found.examples["name"]]
    assert keys == [(f"k{n}",) for n in range(1, MOST_EXAMPLES + 1)]


def test_a_null_in_the_key_equals_a_null(tmp_path: Path) -> None:
    schema = a_schema(entity=pa.string(), entry=pa.int32(), why=pa.string())
    before = files_of(
        tmp_path, "b", [{"entity": "songs", "entry": None, "why": "x"}], schema=schema
    )
    after = files_of(tmp_path, "a", [{"entity": "songs", "entry": None, "why": "y"}], schema=schema)

    found = compare("quarantine of songs", ("entity", "entry"), before, after)

    assert (found.added, found.removed, found.columns) == (0, 0, {"why": 1})


def test_a_column_that_came_or_went_is_null_on_the_other_side(tmp_path: Path) -> None:
    before = files_of(tmp_path, "b", [{"id": "k1", "old": "x"}])
    after = files_of(tmp_path, "a", [{"id": "k1", "new": 7}])

    found = compare("songs", KEY, before, after)

    assert found.examples == {
        "old": [Example(("k1",), "x", None)],
        "new": [Example(("k1",), None, 7)],
    }


def test_a_column_of_another_type_is_compared_as_text(tmp_path: Path) -> None:
    before = files_of(tmp_path, "b", [{"id": "k1", "n": 1}, {"id": "k2", "n": 2}])
    after = files_of(tmp_path, "a", [{"id": "k1", "n": "1"}, {"id": "k2", "n": "two"}])

    assert compare("songs", KEY, before, after).examples == {"n": [Example(("k2",), "2", "two")]}


def test_a_side_without_files_is_empty(tmp_path: Path) -> None:
    files = files_of(tmp_path, "x", [a_row(1), a_row(2)])

    added, removed = compare("songs", KEY, [], files), compare("songs", KEY, files, [])

    assert (added.rows, added.added, added.removed) == (2, 2, 0)
    assert (removed.rows, removed.added, removed.removed) == (0, 0, 2)
    assert compare("songs", KEY, [], []).is_equal


def test_files_without_rows_do_not_differ(tmp_path: Path) -> None:
    schema = a_schema(id=pa.string(), name=pa.string())
    before, after = (files_of(tmp_path, name, [], schema=schema) for name in "ba")

    found = compare("songs", KEY, before, after)

    assert (found.rows, found.added, found.removed, found.changed) == (0, 0, 0, 0)
    assert compare("songs", KEY, [], after) == found


def test_a_point_in_time_is_told_in_utc(tmp_path: Path) -> None:
    schema = a_schema(id=pa.string(), at=pa.timestamp("us", tz="UTC"))
    moments = [datetime(2026, 11, 22, hour, tzinfo=UTC) for hour in (9, 10)]
    before, after = (
        files_of(tmp_path, str(moment.hour), [{"id": "k1", "at": moment}], schema=schema)
        for moment in moments
    )

    [example] = compare("songs", KEY, before, after).examples["at"]

    assert (example.before, example.after) == ("2026-11-22 09:00:00+00", "2026-11-22 10:00:00+00")
