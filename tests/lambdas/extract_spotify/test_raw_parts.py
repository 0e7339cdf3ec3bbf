"""Raw parts by themselves: when one is full, what is adopted, and what of it nobody asked for."""

from typing import Any

import pytest

from extract_spotify import raw_parts
from extract_spotify.raw_parts import MAX_PART_BYTES, MAX_PART_LINES, Part, RawStore, line_key
from tests.lambdas.extraction import Extraction
from tests.lambdas.local_aws import FakeClock
from tests.lambdas.scripted_spotify import spotify_id
from tonearm_pipeline.errors import RawCorruptError, RunInProgressError
from tonearm_pipeline.json_store import JsonStore, as_json
from tonearm_pipeline.keys import raw_part_key

RUN_ID = "20261122T090000Z-abcdef"
LIST = "spotify:playlist:" + spotify_id("one")
OTHER = "spotify:playlist:" + spotify_id("two")


def a_line(source: str = LIST, read: int = 1, offset: int = 0, **fields: Any) -> dict[str, Any]:
    kind = "playlist_items"
    params = {"offset": offset}
    return {"kind": kind, "source": source, "read": read, "params": params, "body": {}, **fields}


def raw_of(store: JsonStore, parts: list[Part] | None = None, run_id: str = RUN_ID) -> RawStore:
    return RawStore(store, FakeClock(), run_id, [] if parts is None else parts)


def adopting(store: JsonStore, *parts: list[dict[str, Any]]) -> RawStore:
    """What finds these parts without a cursor that knows them."""
    writer = raw_of(store)
    for lines in parts:
        for line in lines:
            writer.add(line)
        writer.flush()
    raw = raw_of(store)
    assert raw.adopt() == sum(map(len, parts))
    return raw


def test_a_part_is_full_at_its_last_line(store: JsonStore) -> None:
    raw = raw_of(store)
    for number in range(MAX_PART_LINES - 1):
        raw.add(a_line(offset=number))
    assert not raw.is_full

    raw.add(a_line(offset=99))

    assert raw.is_full


def test_a_part_is_full_at_its_last_byte(store: JsonStore, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = raw_of(store)
    line = a_line()
    bytes_of_line = len(as_json(line)) + 1
    monkeypatch.setattr(raw_parts, "MAX_PART_BYTES", 2 * bytes_of_line)
    raw.add(line)
    assert not raw.is_full

    raw.add(line)

    assert raw.is_full


def test_sizes_of_a_part_are_what_a_kill_may_cost_and_a_task_reads() -> None:
    assert (MAX_PART_LINES, MAX_PART_BYTES) == (25, 4_194_304)


def test_a_part_that_was_written_is_empty_again(store: JsonStore) -> None:
    parts: list[Part] = []
    raw = raw_of(store, parts)
    raw.add(a_line(text="x" * MAX_PART_BYTES))
    raw.flush()

    raw.flush()

    assert not raw.is_full
    assert [(part["key"], part["lines"]) for part in parts] == [(raw_part_key(RUN_ID, 0), 1)]
    assert list(raw.stored_lines()) == [a_line(text="x" * MAX_PART_BYTES)]


def test_a_part_somebody_else_has_written_stops_the_run(store: JsonStore) -> None:
    first, second = raw_of(store), raw_of(store)
    for raw in (first, second):
        raw.add(a_line())
    first.flush()

    with pytest.raises(RunInProgressError):
        second.flush()


def test_a_missing_part_is_named(store: JsonStore) -> None:
    gone: Part = {"key": raw_part_key(RUN_ID, 7), "lines": 1, "bytes": 9, "sha256": "x"}

    with pytest.raises(RawCorruptError, match=r"part-00007\S* is missing"):
        list(raw_of(store, [gone]).stored_lines())


def test_lines_differ_by_kind_source_read_page_and_batch() -> None:
    batch = a_line() | {"params": {"ids": "a,b"}}
    lines = [a_line(), a_line(OTHER), a_line(read=2), a_line(offset=50), a_line(kind="x"), batch]

    assert len({line_key(line) for line in lines}) == len(lines)
    assert line_key(a_line(offset=50)) == ("playlist_items", LIST, 1, 50, "")
    assert line_key(batch) == ("playlist_items", LIST, 1, 0, "a,b")


def test_an_adopted_line_is_taken_once(store: JsonStore) -> None:
    raw = adopting(store, [a_line(), a_line(offset=50)], [a_line(offset=100)])

    taken = [raw.take(line_key(a_line(offset=offset))) for offset in (0, 50, 50, 100)]

    assert taken == [a_line(), a_line(offset=50), None, a_line(offset=100)]
    assert not raw.is_replaying


def test_leftovers_of_one_source_are_forgotten_and_their_reads_told(store: JsonStore) -> None:
    raw = adopting(store, [a_line(), a_line(read=3)], [a_line(read=3, offset=50), a_line(OTHER)])

    assert raw.drop_leftovers(LIST) == {1, 3}

    assert raw.drop_leftovers(LIST) == set()
    assert raw.is_replaying
    assert raw.take(line_key(a_line(OTHER))) == a_line(OTHER)
    assert not raw.is_replaying


def leave_a_part(extraction: Extraction, run_id: str, *lines: dict[str, Any]) -> None:
    """Leave what an invocation that was killed had written before its cursor knew it."""
    raw = raw_of(extraction.store, run_id=run_id)
    for line in lines:
        raw.add(line)
    raw.flush()


def test_leftovers_of_a_source_that_is_refused_by_now_count_as_superseded(
    extraction: Extraction,
) -> None:
    run_id = extraction.plan(LIST)
    leave_a_part(extraction, run_id, a_line(read=2), a_line(read=1, offset=50))

    manifest = extraction.finish(run_id)

    assert [one["source"] for one in manifest["refused"]] == [LIST]
    assert manifest["superseded"] == [{"source": LIST, "read": n} for n in (1, 2)]
    assert [part["lines"] for part in manifest["parts"]] == [2]


def test_leftovers_of_the_read_that_counts_stop_the_run(extraction: Extraction) -> None:
    playlist = extraction.spotify.world.add_playlist("one", 3)
    run_id = extraction.plan(playlist.uri)
    leave_a_part(extraction, run_id, a_line(playlist.uri, offset=50))

    with pytest.raises(RawCorruptError, match=f"unexpected lines of {playlist.uri}, read 1"):
        extraction.invoke(run_id)
