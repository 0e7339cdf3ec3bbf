"""Rules every SQL file keeps."""

import re
from pathlib import Path

import pytest

from tests.snowflake.local_account import VALUES, LocalAccount
from tonearm.warehouse.deploy import DEFAULTS, SQL_DIR, plan
from tonearm.warehouse.statements import placeholders_in
from tonearm_glue.contract import ENTITIES, Entity, Kind

FILES = sorted(SQL_DIR.glob("*.sql"))
COLUMN_TYPES = {
    Kind.TEXT: "VARCHAR(16777216)",
    Kind.INTEGER: "NUMBER(38,0)",
    Kind.BIGINT: "NUMBER(38,0)",
    Kind.BOOLEAN: "BOOLEAN",
    Kind.DATE: "DATE",
    Kind.TIMESTAMP: "TIMESTAMP_TZ(9)",
    Kind.TEXTS: "VARIANT",  # the local server keeps every semi-structured type as one
    Kind.CREDITS: "VARIANT",
}
METADATA = [
    ("SOURCE_FILE", "VARCHAR(16777216)"),
    ("SOURCE_ROW", "NUMBER(38,0)"),
    ("LOADED_AT", "TIMESTAMP_TZ(9)"),
]

VERSIONED = [
    ("albums", "album", "album_id"),
    ("artists", "artist", "artist_id"),
    ("songs", "song", "track_id"),
]
KEPT_FROM_FULL_OBJECT = re.compile(
    r"iff\(full_reads = 0, (\w+), first_value\(\1\) over \(\n"
    r" +partition by KEY, full_reads\n +order by snapshot_date, run_id\n +\)\) as \1,"
)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_file_says_first_what_goes_in_what_comes_out_and_what_a_second_run_does(
    file: Path,
) -> None:
    text = file.read_text(encoding="utf-8")
    lines = text.splitlines()
    comment = " ".join(line[3:] for line in lines[: _comment_lines(lines)])

    assert re.match(r"\d\d_[a-z_]+\.sql$", file.name)
    assert " -> " in comment
    assert "second run" in comment


def _comment_lines(lines: list[str]) -> int:
    return next(at for at, line in enumerate(lines) if not line.startswith("--"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_file_says_which_role_runs_it(file: Path) -> None:
    first = next(
        line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("--")
    )

    assert re.fullmatch(
        r"use role (accountadmin|sysadmin|useradmin|<% database %>_transformer);", first
    )


def test_the_files_keep_every_rule_and_need_only_known_values() -> None:
    used = placeholders_in("\n".join(file.read_text(encoding="utf-8") for file in FILES))

    assert sorted(used) == sorted({*DEFAULTS, *VALUES})
    assert len(plan(VALUES)) > 100


def statements_of(name: str) -> str:
    (file,) = (file for file in FILES if file.stem[3:] == name)
    lines = file.read_text(encoding="utf-8").splitlines()
    return "\n".join(lines[_comment_lines(lines) :])


def test_the_pipe_files_differ_in_their_entitys_name_only() -> None:
    shapes = {
        re.sub(rf"\b{entity.name}(?=\b|_pipe\b)", "ENTITY", statements_of(f"pipe_{entity.name}"))
        for entity in ENTITIES
    }

    assert len(shapes) == 1


def test_the_version_files_differ_in_their_names_and_columns_only() -> None:
    shapes = set()
    for entity, one, key in VERSIONED:
        text = re.sub(rf"\b{entity}\b", "ENTITIES", statements_of(f"core_{one}_versions"))
        text = re.sub(rf"\b{one}(?=_versions\b| and date\b)", "ENTITY", text)
        text = re.sub(rf"\b{key}\b", "KEY", text)
        text = KEPT_FROM_FULL_OBJECT.sub("COLUMN,", text)
        text = re.sub(r"^ +(?:ENTITIES[.])?[a-z]\w*,$", "COLUMN,", text, flags=re.MULTILINE)
        text = re.sub(r"^ *COLUMN,$", "COLUMN,", text, flags=re.MULTILINE)
        shapes.add(re.sub(r"(?:COLUMN,\n)+", "COLUMNS,\n", text))

    assert len(shapes) == 1


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.name)
def test_a_landing_table_has_the_contracts_columns_and_where_a_row_came_from(
    deployed: LocalAccount, entity: Entity
) -> None:
    found = deployed.rows(f"describe table tonearm.landing.{entity.name}")

    expected = [(column.name.upper(), COLUMN_TYPES[column.kind]) for column in entity.columns]
    assert [(row["name"], row["type"]) for row in found] == [*expected, *METADATA]
    required = {column.name.upper() for column in entity.columns if column.is_required}
    not_null = {row["name"] for row in found if row["null?"] == "N"}
    assert not_null == required | {name for name, _ in METADATA}


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.name)
def test_lists_land_as_arrays_and_times_with_their_zone(entity: Entity) -> None:
    """What the local server cannot tell apart is read from the file itself."""
    (file,) = SQL_DIR.glob(f"2?_landing_{entity.name}.sql")

    text = file.read_text(encoding="utf-8")

    for column in entity.columns:
        if column.kind in (Kind.TEXTS, Kind.CREDITS):
            assert f"    {column.name} array," in text
        if column.kind is Kind.TIMESTAMP:
            assert re.search(rf"    {column.name} timestamp_tz( not null)?,", text)
    assert "    loaded_at timestamp_ltz not null" in text
    assert "change_tracking = true" in text


def test_each_pipe_loads_its_own_folder_into_its_own_table(deployed: LocalAccount) -> None:
    pipes = {row["name"]: row for row in deployed.rows("show pipes in schema tonearm.landing")}

    assert set(pipes) == {f"{entity.name.upper()}_PIPE" for entity in ENTITIES}
    for entity in ENTITIES:
        pipe = pipes[f"{entity.name.upper()}_PIPE"]
        assert f"copy into TONEARM.landing.{entity.name}\n" in pipe["definition"]
        assert f"from @TONEARM.landing.curated/{entity.name}/\n" in pipe["definition"]
        assert pipe["error_integration"] == "TONEARM_LOAD_ERRORS"
        assert pipe["notification_channel"] == "arn:queue"


def test_a_second_run_changes_no_object(deployed: LocalAccount) -> None:
    questions = [
        "show pipes in account",
        "show stages in account",
        "show dynamic tables in account",
        "show integrations",
        "show roles",
        "desc integration tonearm_s3",
        "select table_schema, table_name, column_name, data_type"
        " from tonearm.information_schema.columns order by 1, 2, 3",
    ]
    before = [deployed.rows(question) for question in questions]

    deployed.deploy()

    assert [deployed.rows(question) for question in questions] == before


def test_the_integration_trusts_our_own_external_id(deployed: LocalAccount) -> None:
    rows = deployed.rows("desc integration tonearm_s3")

    told = {row["property"]: row["property_value"] for row in rows}
    assert told["STORAGE_AWS_EXTERNAL_ID"] == VALUES["external_id"]
    assert told["STORAGE_AWS_ROLE_ARN"] == VALUES["storage_role_arn"]
    assert told["STORAGE_ALLOWED_LOCATIONS"] == f"s3://{VALUES['bucket']}/curated/"
    assert told["STORAGE_AWS_IAM_USER_ARN"].startswith("arn:aws:iam::")


def test_a_drifted_integration_is_set_right_by_the_next_run(deployed: LocalAccount) -> None:
    deployed.run("alter storage integration tonearm_s3 set storage_aws_external_id = 'drifted'")

    deployed.deploy()

    rows = deployed.rows("desc integration tonearm_s3")
    told = {row["property"]: row["property_value"] for row in rows}
    assert told["STORAGE_AWS_EXTERNAL_ID"] == VALUES["external_id"]
