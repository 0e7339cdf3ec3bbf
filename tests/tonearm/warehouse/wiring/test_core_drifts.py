"""Core tables on the local account: suspended for hours or for days, and of another shape."""

from datetime import datetime, timedelta

import pytest

from tests.tonearm.warehouse.wiring.local_sides import LocalSides, Outcome
from tonearm.warehouse.dynamic_table_state import Rows, ScheduledState, scheduled_states
from tonearm.warehouse.wiring import observe

TABLE, BEFORE_IT = "TONEARM.CORE.SONGS", "TONEARM.CORE.SONG_VERSIONS"
STATES = "show dynamic tables in schema tonearm.core"
RESHAPED = """create or replace dynamic table tonearm.core.songs
target_lag = downstream warehouse = tonearm_wh refresh_mode = incremental as {query}"""


def suspended(sides: LocalSides) -> set[str]:
    return {
        f"TONEARM.CORE.{row['name']}"
        for row in sides.rows(STATES)
        if row["scheduling_state"] == "SUSPENDED"
    }


def made_on(sides: LocalSides) -> dict[str, object]:
    return {row["name"]: row["created_on"] for row in sides.rows(STATES)}


def forget(sides: LocalSides) -> None:
    """As if the file had said something else when it was applied last."""
    sides.run(
        "insert into tonearm.ops.applied_sql (subject, checksum, applied_at)"
        " select '52_core_songs.sql', 'other', current_timestamp()"
    )


def columns(sides: LocalSides) -> list[tuple[str, str]]:
    rows = sides.rows(
        "select column_name, data_type from tonearm.information_schema.columns"
        " where table_schema = 'CORE' and table_name = 'SONGS' order by ordinal_position"
    )
    return [(row["column_name"], row["data_type"]) for row in rows]


def healed(sides: LocalSides) -> Outcome:
    outcome = sides.deploy()
    assert outcome.findings == [], outcome.text
    assert suspended(sides) == set()
    return outcome


def test_suspended_tables_are_resumed_and_keep_their_rows(wired: LocalSides) -> None:
    before = made_on(wired)
    wired.run(f"alter dynamic table {BEFORE_IT} suspend")
    assert {TABLE, BEFORE_IT} <= suspended(wired)

    named = wired.status()
    outcome = healed(wired)

    assert f"refresh-suspended: dynamic table {BEFORE_IT} is suspended since" in named.text
    assert f"dynamic table {BEFORE_IT}: resumed" in outcome.text
    assert f"dynamic table {TABLE}: resumed" not in outcome.text  # it came along
    assert made_on(wired) == before


def test_tables_suspended_for_days_are_made_again(
    wired: LocalSides, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = made_on(wired)
    wired.run(f"alter dynamic table {TABLE} suspend")
    gone = suspended(wired)  # those that read it too

    with monkeypatch.context() as later:
        later.setattr(observe, "scheduled_states", weeks_later)
        named = wired.status()
        outcome = healed(wired)

    assert f"core-table: dynamic table {TABLE} is suspended since" in named.text
    assert "longer than the 1 day its base tables keep what has changed" in named.text
    assert f"dynamic table {TABLE}: making it again" in outcome.text
    (line,) = [line for line in outcome.text.splitlines() if line.startswith("core: ")]
    assert line.startswith(f"core: {len(gone)} of its dynamic tables new or changed; one refresh")
    after = made_on(wired)
    assert {f"TONEARM.CORE.{name}" for name in before if after[name] != before[name]} == gone
    assert wired.rows(f"select count(*) as n from {TABLE}") == [{"n": 0}]


def weeks_later(rows: Rows, database: str, now: datetime) -> list[ScheduledState]:
    """Later also than by the account's clock, which another test moves by fifteen days."""
    return scheduled_states(rows, database, now + timedelta(weeks=5))


@pytest.mark.parametrize(
    ("query", "says"),
    [
        (
            "select name, track_id, 1 as more from tonearm.core.song_versions",
            "cannot be altered into 52_core_songs.sql: column TRACK_ID does not stand after",
        ),
        (
            "select track_id, 5 as name from tonearm.core.song_versions",
            f"dynamic table {TABLE}: column NAME gets another type",
        ),
    ],
)
def test_a_table_of_another_shape_is_made_again(wired: LocalSides, query: str, says: str) -> None:
    """As after a version whose columns stand elsewhere, or have other types."""
    before = columns(wired)
    wired.run(RESHAPED.format(query=query))
    forget(wired)

    outcome = healed(wired)

    assert says in outcome.text
    assert f"dynamic table {TABLE}: making it again" in outcome.text
    assert columns(wired) == before
