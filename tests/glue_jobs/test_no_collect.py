"""No job brings data to the driver: what is counted is observed on the way."""

import ast
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "glue_jobs"
BRINGS_DATA = frozenset(
    {"collect", "collectAsMap", "count", "first", "foreach", "head", "isEmpty", "show", "tail"}
    | {"take", "toArrow", "toLocalIterator", "toPandas"}
)
# The manifest is one small document, which a job must know before it reads a line; and a Python
# worker takes values of an Arrow array.
ALLOWED = {("manifest.py", "first"), ("plain_columns.py", "take")}


def calls_in(source: str) -> set[str]:
    """Method calls that start Spark on a table; `fn.first(...)` and `text.count("a")` do not."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    return {
        call.func.attr
        for call in calls
        if isinstance(call.func, ast.Attribute)
        and call.func.attr in BRINGS_DATA
        and not (isinstance(call.func.value, ast.Name) and call.func.value.id == "fn")
    }


@pytest.mark.parametrize("file", sorted(FOLDER.rglob("*.py")), ids=lambda file: file.name)
def test_no_job_brings_rows_to_the_driver(file: Path) -> None:
    found = {(file.name, call) for call in calls_in(file.read_text())}

    assert found - ALLOWED == set()


def test_such_a_call_is_seen() -> None:
    assert calls_in("rows.where(x).collect(); fn.count('*'); rows.toPandas()") == {
        "collect",
        "toPandas",
    }
