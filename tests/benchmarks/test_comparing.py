"""Nobody wins the benchmark with other tables."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks.comparing import Files, differing
from benchmarks.fitting import exponent
from tonearm_glue.contract import ENTITIES

type Write = Callable[[str, str, list[str | None]], Files]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a way's tables, all of two rows, the values being those of one column of one table."""

    def tables(way: str, changed: str, values: list[str | None]) -> Files:
        files = {}
        for entity in ENTITIES:
            columns = {name: ["a", "b"] for name in entity.names}
            if entity.name == changed:
                columns[entity.names[-1]] = values  # type: ignore[assignment]
            path = tmp_path / f"{way}-{entity.name}.parquet"
            pq.write_table(pa.table(columns), path)
            files[entity.name] = str(path)
        return files

    return tables


def test_the_same_rows_in_another_order_are_the_same(write: Write) -> None:
    ours, theirs = write("ours", "none", []), write("theirs", "none", [])

    table = pq.read_table(theirs["songs"])
    pq.write_table(table.take([1, 0]), theirs["songs"])

    assert differing(ours, theirs) == []


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.name)
@pytest.mark.parametrize("values", [["a", "c"], ["a", None], ["b", "a"]])
def test_one_other_value_is_named_by_its_table_and_column(
    write: Write, entity: object, values: list[str | None]
) -> None:
    name, column = entity.name, entity.names[-1]  # type: ignore[attr-defined]

    (line,) = differing(write("ours", "none", []), write("theirs", name, values))

    assert line.startswith(f"{name}: 2 and 2 rows")
    if values != ["b", "a"]:  # the column alone holds the same, beside other rows
        assert column in line


def test_a_lost_row_differs(write: Write) -> None:
    ours, theirs = write("ours", "none", []), write("theirs", "none", [])
    pq.write_table(pq.read_table(theirs["albums"]).slice(0, 1), theirs["albums"])

    (line,) = differing(ours, theirs)

    assert line.startswith("albums: 2 and 1 rows")


def test_the_exponent_is_the_power() -> None:
    sizes = [1.0, 2.0, 4.0, 8.0]

    assert exponent(sizes, [3 * size**1.5 for size in sizes]) == pytest.approx(1.5)
    assert exponent(sizes, [7.0] * 4) == pytest.approx(0)
