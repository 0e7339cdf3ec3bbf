import random
from typing import Any

import pytest

from extract_spotify import raw_parts
from extract_spotify.extract import Outcome
from extract_spotify.lease import Lease
from tests.lambdas.extraction import Extraction, KilledError, dying_at
from tests.lambdas.scripted_spotify import Fault, an_entry
from tonearm_pipeline.errors import RawCorruptError, RunInProgressError
from tonearm_pipeline.keys import raw_manifest_key, raw_part_key

KILLS = 20  # `make faults` kills at fifty


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raw_parts, "MAX_PART_LINES", 3)


def fill(extraction: Extraction) -> list[str]:
    world = extraction.spotify.world
    world.add_playlist("long", 430)
    world.add_playlist("short", 20)
    world.add_playlist("foreign", 20, owner="stranger")
    world.saved = [an_entry(number, "track") for number in range(120)]
    gone = "spotify:playlist:" + "9" * 22
    return [gone, "me/playlists", "me/tracks", world.add_album("boxset", 120)]


def test_killed_at_any_moment_raw_is_the_same_as_without_the_kill(extraction: Extraction) -> None:
    sources = fill(extraction)
    extraction.read(*sources)  # from now on the account is known, and every run asks the same
    unkilled = extraction.plan(*sources)
    with dying_at(extraction, 0) as seen:
        untouched = extraction.finish(unkilled)
    moments = random.Random(20261122).sample(range(1, seen[0] + 1), k=min(KILLS, seen[0]))
    assert len(moments) == KILLS

    for moment in moments:
        run_id = extraction.plan(*sources)
        with pytest.raises(KilledError), dying_at(extraction, moment):
            extraction.finish(run_id)
        manifest = extraction.finish(run_id)

        assert extraction.content(manifest) == extraction.content(untouched), moment
        assert numbers_of(manifest) == numbers_of(untouched), moment


def numbers_of(manifest: dict[str, Any]) -> list[Any]:
    names = ("playlists", "others", "unchanged", "refused", "superseded", "changed")
    return [manifest[name] for name in names]


def test_a_part_the_cursor_does_not_know_is_adopted_without_asking_again(
    extraction: Extraction,
) -> None:
    playlist = extraction.spotify.world.add_playlist("long", 430)
    run_id = extraction.plan(playlist.uri)
    # 1 and 2: the first cursor; 3 to 8: three requests; 9 and 10: the first part.
    with pytest.raises(KilledError), dying_at(extraction, 10):
        extraction.invoke(run_id)
    assert len(extraction.spotify.log) == 3
    assert extraction.cursor(run_id)["parts"] == []

    manifest = extraction.finish(run_id)

    offsets = [offset for _, offset in extraction.spotify.questions()]
    assert offsets == ["", "100", "150", "200", "250", "300", "350", "400", ""]
    assert [part["key"] for part in manifest["parts"]] == [
        raw_part_key(run_id, number) for number in range(3)
    ]


def test_an_adopted_part_that_is_cut_stops_the_run(extraction: Extraction) -> None:
    playlist = extraction.spotify.world.add_playlist("long", 430)
    run_id = extraction.plan(playlist.uri)
    extraction.store.put_bytes_once(raw_part_key(run_id, 0), b"\x1f\x8b\x08cut", "application/gzip")

    with pytest.raises(RawCorruptError, match="part-00000"):
        extraction.invoke(run_id)


def test_a_playlist_edited_while_the_run_was_dead_is_read_again(extraction: Extraction) -> None:
    playlist = extraction.spotify.world.add_playlist("long", 430)
    run_id = extraction.plan(playlist.uri)
    with pytest.raises(KilledError), dying_at(extraction, 16):
        extraction.invoke(run_id)
    playlist.edit()

    manifest = extraction.finish(run_id)

    (entry,) = manifest["playlists"]
    assert (entry["read"], entry["collected"], entry["is_consistent"]) == (2, 431, True)


def test_an_older_invocation_neither_writes_nor_spends_after_a_takeover(
    extraction: Extraction,
) -> None:
    playlist = extraction.spotify.world.add_playlist("long", 430)
    run_id = extraction.plan(playlist.uri)
    outcomes: list[Outcome] = []

    def take_over(_: object) -> None:
        extraction.spotify.faults.clear()
        extraction.clock.move(seconds=30)
        outcomes.append(extraction.invoke(run_id))

    extraction.spotify.faults[3] = Fault(before=take_over)

    with pytest.raises(RunInProgressError):
        extraction.invoke(run_id)

    manifest = extraction.manifest(run_id)
    assert outcomes[0].status == "done"
    assert manifest["playlists"][0]["collected"] == 430
    assert len(extraction.lines(manifest)) == 9
    # 9 of the newer, and the 3 the older had begun.
    assert len(extraction.spotify.log) == 12


def test_two_runs_at_once_do_not_both_spend(extraction: Extraction) -> None:
    playlist = extraction.spotify.world.add_playlist("long", 230)
    first, second = extraction.plan(playlist.uri), extraction.plan(playlist.uri)
    outcomes: list[Outcome] = []
    extraction.spotify.faults[2] = Fault(
        before=lambda _: outcomes.append(extraction.invoke(second))
    )

    assert extraction.invoke(first).status == "done"

    assert outcomes[0].status == "wait"
    assert 0 < outcomes[0].wait_seconds <= 120
    assert len(extraction.spotify.log) == 5
    assert extraction.store.get(raw_manifest_key(second)) is None
    assert extraction.invoke(second).status == "done"


def test_the_lease_of_a_dead_run_ends_by_itself(extraction: Extraction) -> None:
    playlist = extraction.spotify.world.add_playlist("one", 3)
    Lease(extraction.table, extraction.clock, "dead-run", "token").acquire()
    run_id = extraction.plan(playlist.uri)

    waiting = extraction.invoke(run_id)
    extraction.clock.move(seconds=waiting.wait_seconds + 1)

    assert waiting.status == "wait"
    assert extraction.invoke(run_id).status == "done"
