"""A change of the column contract without a version, a changelog line and a migration fails."""

from dataclasses import replace
from pathlib import Path

from tests.contract.contract_changes import Project, fingerprint, problems
from tonearm_glue.contract import CONTRACT_VERSION, ENTITIES, QUARANTINE, Column, Entity, Kind

ROOT = Path(__file__).resolve().parents[2]
# One line per version, and none is ever edited. A new version's own is in the failing test's words.
FINGERPRINTS = {1: "c38efcb1c199c8df"}
TABLES = (*ENTITIES, QUARANTINE)


def project() -> Project:
    sql = "\n".join(file.read_text() for file in sorted((ROOT / "snowflake").glob("*.sql")))
    changelog = (ROOT / "CHANGELOG.md").read_text()
    return Project(CONTRACT_VERSION, TABLES, FINGERPRINTS, changelog, sql)


def with_column(column: Column) -> tuple[Entity, ...]:
    first, *rest = TABLES
    return (replace(first, columns=(*first.columns, column)), *rest)


def test_the_contract_is_that_of_its_version() -> None:
    assert list(problems(project())) == []


def test_a_change_under_the_same_version_is_told() -> None:
    [changed, *rest] = TABLES
    other = replace(changed.columns[2], kind=Kind.BIGINT)
    columns = (*changed.columns[:2], other, *changed.columns[3:])
    edited = replace(project(), entities=(replace(changed, columns=columns), *rest))

    [problem] = problems(edited)

    assert "raise CONTRACT_VERSION" in problem


def test_a_new_version_needs_fingerprint_changelog_and_migration() -> None:
    wider = with_column(Column("mood", Kind.TEXT, "What it feels like.", since=2))
    edited = replace(project(), version=2, entities=wider)

    assert list(problems(edited)) == [
        f"version 2 has no fingerprint here: it is {fingerprint(wider)}",
        "CHANGELOG.md has no line 'Column contract 2: …'",
        "no SQL file adds albums.mood to a landing table that exists",
    ]


def test_a_new_version_with_all_three_is_fine() -> None:
    wider = with_column(Column("mood", Kind.TEXT, "What it feels like.", since=2))
    now = project()
    edited = Project(
        2,
        wider,
        {**FINGERPRINTS, 2: fingerprint(wider)},
        now.changelog + "- Column contract 2: the mood of albums.\n",
        now.sql + "\nalter table <% database %>.landing.albums add column if not exists mood text;",
    )

    assert list(problems(edited)) == []


def test_a_column_of_a_version_yet_to_come_is_told() -> None:
    wider = with_column(Column("mood", Kind.TEXT, "What it feels like.", since=2))

    told = list(problems(replace(project(), entities=wider)))

    assert "albums.mood is of version 2, yet to come" in told
