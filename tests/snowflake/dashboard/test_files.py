"""What a real account takes: Python 3.11, a Streamlit it has, and the files it is given."""

import ast
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml

from dashboard_words import age, link, page_of, text, value
from tonearm.project import SQL_FOLDER
from tonearm.warehouse.sql_checks import check_statement
from tonearm.warehouse.statements import fill, placeholders_in, statements_in

FOLDER = SQL_FOLDER / "dashboard"
CREATE = (FOLDER / "create.sql").read_text(encoding="utf-8")
VALUES = {"database": "TONEARM", "warehouse": "TONEARM_WH"}


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.py")), ids=lambda file: file.name)
def test_the_warehouse_runtimes_python_reads_every_file(file: Path) -> None:
    """https://docs.snowflake.com/en/developer-guide/streamlit/app-development/dependency-management."""
    ast.parse(file.read_text(encoding="utf-8"), feature_version=(3, 11))


def test_the_streamlit_tested_here_is_the_one_a_real_account_installs() -> None:
    wanted = yaml.safe_load((FOLDER / "environment.yml").read_text(encoding="utf-8"))

    assert f"streamlit={version('streamlit')}" in wanted["dependencies"]
    assert "python=3.11" in wanted["dependencies"]


def test_the_sql_that_creates_it_keeps_the_rules_and_puts_every_file_there() -> None:
    """https://docs.snowflake.com/en/sql-reference/sql/create-streamlit."""
    statements = statements_in(fill(CREATE, VALUES))

    assert set(placeholders_in(CREATE)) == set(VALUES)
    assert [finding for sql in statements for finding in check_statement(sql)] == []
    put = [
        sql.split("'")[1].removeprefix("file://snowflake/dashboard/")
        for sql in statements
        if sql.startswith("put ")
    ]
    covered = {file.name for pattern in put for file in FOLDER.glob(pattern)}
    kinds = (".py", ".yml", ".toml")
    assert covered == {file.name for file in FOLDER.iterdir() if file.suffix in kinds}
    (create,) = [sql for sql in statements if sql.startswith("create or replace streamlit")]
    assert (FOLDER / create.split("main_file = '")[1].split("'")[0]).is_file()


def test_the_app_lets_the_warehouse_sleep_after_the_least_time_there_is() -> None:
    """https://docs.snowflake.com/en/developer-guide/streamlit/features/sleep-timer."""
    config = tomllib.loads((FOLDER / "config.toml").read_text(encoding="utf-8"))
    (put,) = [sql for sql in statements_in(fill(CREATE, VALUES)) if "config.toml" in sql]

    assert config["snowflake"]["sleep"]["streamlitSleepTimeoutMinutes"] == 5
    assert "dashboard_files/.streamlit " in put


@pytest.mark.parametrize(
    ("uri", "page"),
    [
        (
            "spotify:track:4uLU6hMCjMI75M1A2tKUQC",
            "https://open.spotify.com/track/4uLU6hMCjMI75M1A2tKUQC",
        ),
        ("spotify:episode:1", "https://open.spotify.com/episode/1"),
        ("spotify:local:a:b:c:1", None),
        (None, None),
    ],
)
def test_a_uri_has_a_page_unless_it_is_a_local_files(uri: str | None, page: str | None) -> None:
    assert page_of(uri) == page


def test_unknown_is_told_from_zero_no_and_empty() -> None:
    told = [value(found) for found in (None, 0, False, 1234567, "")]

    assert told == ["not available", "0", "no", "1,234,567", ""]


@pytest.mark.parametrize(
    "url", [None, "javascript:x", "https://open.spotify.com.evil/", "https://open.spotify.com/a)"]
)
def test_only_spotifys_pages_are_linked(url: str | None) -> None:
    assert link("A_B", url) == r"A\_B"


def test_a_name_with_line_breaks_stays_one_line() -> None:
    assert text("a\n# b") == r"a \# b"


@pytest.mark.parametrize(
    ("minutes", "told"),
    [(0, "0 min ago"), (119, "119 min ago"), (120, "2 h ago"), (2880, "2 days ago")],
)
def test_ages_are_told_in_the_largest_unit_that_says_something(minutes: int, told: str) -> None:
    assert age(minutes) == told
