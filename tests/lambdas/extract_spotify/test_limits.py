import pytest

from tests.lambdas.extraction import IMPATIENT, CountedDeadline, Extraction
from tests.lambdas.scripted_spotify import Fault, json_fault
from tonearm_pipeline.errors import ParkedTooLongError, SpotifyUnavailableError
from tonearm_pipeline.spotify.quota import CALLS_PER_WINDOW, WINDOW_SECONDS, QuotaLedger

THIRTEEN_HOURS = 13 * 3600


def quota_fault(seconds: int = THIRTEEN_HOURS) -> Fault:
    return json_fault(429, "QUOTA_EXCEEDED", Retry_After=str(seconds))


def test_a_short_retry_after_is_slept_in_full(extraction: Extraction) -> None:
    playlist = extraction.spotify.world.add_playlist("long", 230)
    extraction.spotify.faults[2] = json_fault(429, Retry_After="17")

    manifest = extraction.read(playlist.uri)

    assert 17 in extraction.clock.slept
    assert manifest["playlists"][0]["collected"] == 230
    assert manifest["calls"]["waited_seconds"] == 17
    assert manifest["calls"]["total"] == len(extraction.spotify.log) == 6


def test_a_long_retry_after_is_handed_to_the_state_machine(extraction: Extraction) -> None:
    playlist = extraction.spotify.world.add_playlist("long", 230)
    extraction.spotify.faults[3] = json_fault(429, Retry_After="51")
    run_id = extraction.plan(playlist.uri)

    outcome = extraction.invoke(run_id)

    assert outcome.status == "wait"
    assert outcome.wait_seconds == 51
    assert outcome.resume_at == "2026-11-22T09:00:51Z"
    assert extraction.clock.slept == []


def test_an_exhausted_quota_resumes_at_the_exact_page(extraction: Extraction) -> None:
    playlist = extraction.spotify.world.add_playlist("long", 230)
    untouched = extraction.content(extraction.read(playlist.uri))
    extraction.spotify.forget_log()
    extraction.spotify.faults[3] = quota_fault()
    run_id = extraction.plan(playlist.uri)

    outcome = extraction.invoke(run_id)
    extraction.clock.move(seconds=THIRTEEN_HOURS)
    manifest = extraction.finish(run_id)

    assert (outcome.status, outcome.wait_seconds) == ("wait", THIRTEEN_HOURS)
    offsets = [offset for _, offset in extraction.spotify.questions()]
    assert offsets == ["", "100", "150", "150", "200", ""]
    assert extraction.content(manifest) == untouched
    assert manifest["calls"]["waited_seconds"] == THIRTEEN_HOURS


def test_nobody_calls_during_the_shared_cool_down(extraction: Extraction) -> None:
    playlist = extraction.spotify.world.add_playlist("one", 3)
    extraction.spotify.faults[1] = quota_fault()
    first, second = extraction.plan(playlist.uri), extraction.plan(playlist.uri)
    extraction.invoke(first)
    extraction.clock.move(hours=1)

    again = extraction.invoke(first)
    other = extraction.invoke(second)

    assert len(extraction.spotify.log) == 1
    assert (again.status, again.wait_seconds) == ("wait", THIRTEEN_HOURS - 3600)
    # It looks again when calls are allowed again, not every few minutes.
    assert (other.status, other.wait_seconds) == ("wait", THIRTEEN_HOURS - 3600)


def test_a_parked_run_goes_on_before_the_others(extraction: Extraction) -> None:
    playlist = extraction.spotify.world.add_playlist("one", 3)
    extraction.spotify.faults[1] = quota_fault()
    first, second = extraction.plan(playlist.uri), extraction.plan(playlist.uri)
    extraction.invoke(first)
    extraction.clock.move(seconds=THIRTEEN_HOURS + 1)

    assert extraction.invoke(second).status == "wait"
    assert extraction.invoke(first).status == "done"
    assert extraction.invoke(second).status == "done"


def test_a_run_woken_too_early_is_not_charged_twice_for_the_same_wait(
    extraction: Extraction,
) -> None:
    playlist = extraction.spotify.world.add_playlist("one", 3)
    extraction.max_park_hours = 14
    extraction.spotify.faults[1] = quota_fault()
    run_id = extraction.plan(playlist.uri)

    waits = []
    for _ in range(3):
        waits.append(extraction.invoke(run_id).wait_seconds)
        extraction.clock.move(hours=4)
    extraction.clock.move(hours=1)
    manifest = extraction.finish(run_id)

    assert waits == [THIRTEEN_HOURS, THIRTEEN_HOURS - 4 * 3600, THIRTEEN_HOURS - 8 * 3600]
    assert manifest["calls"]["waited_seconds"] == THIRTEEN_HOURS


def test_a_quota_without_a_retry_after_waits_an_hour(extraction: Extraction) -> None:
    playlist = extraction.spotify.world.add_playlist("one", 3)
    extraction.spotify.faults[1] = json_fault(429, "QUOTA_EXCEEDED")

    assert extraction.invoke(extraction.plan(playlist.uri)).wait_seconds == 3600


def test_a_run_is_not_parked_for_longer_than_allowed(extraction: Extraction) -> None:
    playlist = extraction.spotify.world.add_playlist("one", 3)
    extraction.max_park_hours = 20
    extraction.spotify.faults = {1: quota_fault(), 2: quota_fault()}
    run_id = extraction.plan(playlist.uri)
    extraction.invoke(run_id)
    extraction.clock.move(seconds=THIRTEEN_HOURS)

    with pytest.raises(ParkedTooLongError) as caught:
        extraction.invoke(run_id)

    assert caught.value.parked_seconds == THIRTEEN_HOURS
    assert caught.value.allowed_seconds == 20 * 3600
    # A redriven execution may be parked anew.
    assert extraction.invoke(run_id).status == "wait"


def test_the_size_of_the_quota_is_learned_when_it_is_used_up(extraction: Extraction) -> None:
    ledger = QuotaLedger(extraction.table, extraction.clock)
    ledger.spend(400)
    assert ledger.left("development") == 600
    playlist = extraction.spotify.world.add_playlist("one", 3)
    extraction.spotify.faults[1] = quota_fault()

    extraction.invoke(extraction.plan(playlist.uri))

    assert ledger.left("development") == 0
    extraction.clock.move(hours=24)
    assert ledger.left("development") == 401
    extraction.clock.move(days=7)
    assert ledger.left("development") == 1000


def test_every_request_counts_against_the_shared_ledger(extraction: Extraction) -> None:
    playlist = extraction.spotify.world.add_playlist("long", 230)
    extraction.spotify.faults[2] = json_fault(503)

    extraction.read(playlist.uri)

    used = QuotaLedger(extraction.table, extraction.clock).used()
    assert used == len(extraction.spotify.log) == 6


def test_many_calls_are_spread_over_the_rate_window(extraction: Extraction) -> None:
    for number in range(170):
        extraction.spotify.world.add_playlist(f"many{number}x", 1)
    began = extraction.clock.now()

    extraction.read("me/playlists")

    assert CALLS_PER_WINDOW < len(extraction.spotify.log) <= 2 * CALLS_PER_WINDOW
    took = (extraction.clock.now() - began).total_seconds()
    assert took == pytest.approx(WINDOW_SECONDS, abs=0.1)


def test_near_its_end_an_invocation_says_more_and_loses_nothing(extraction: Extraction) -> None:
    playlist = extraction.spotify.world.add_playlist("long", 430)
    untouched = extraction.content(extraction.read(playlist.uri))
    extraction.spotify.forget_log()
    run_id = extraction.plan(playlist.uri)

    assert extraction.invoke(run_id, CountedDeadline(2)).status == "more"
    manifest = extraction.finish(run_id, looks=0)

    assert extraction.content(manifest) == untouched
    # No page was asked for twice.
    assert len(extraction.spotify.log) == manifest["calls"]["total"] == 9


def test_a_finished_run_answers_again_without_a_call(extraction: Extraction) -> None:
    playlist = extraction.spotify.world.add_playlist("one", 3)
    run_id = extraction.plan(playlist.uri)
    first = extraction.invoke(run_id)
    extraction.spotify.forget_log()

    assert extraction.invoke(run_id) == first
    assert extraction.spotify.log == []


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(json_fault(500), id="500"),
        pytest.param(json_fault(502), id="502"),
        pytest.param(Fault(200, b""), id="empty"),
        pytest.param(Fault(200, b"<html>busy</html>"), id="html"),
        pytest.param(Fault(403, b"<html>blocked</html>"), id="html 403"),
        pytest.param(Fault(200, b"[1, 2]"), id="a list"),
        pytest.param(Fault(200, b'{"items": [], "offset": 0}'), id="no total"),
        pytest.param(Fault(200, b'{"items": [], "offset": 0, "total": 9}'), id="another page"),
        pytest.param(Fault(302, b"", {"Location": "http://127.0.0.1:9/"}), id="redirect"),
        pytest.param(Fault(is_cut=True), id="truncated"),
        pytest.param(Fault(is_reset=True), id="reset"),
        pytest.param(Fault(delay_seconds=2.5), id="timeout"),
        pytest.param(Fault(drip_seconds=0.2), id="slow drip"),
        pytest.param(json_fault(401), id="expired token"),
        pytest.param(json_fault(429, Retry_After="3"), id="short limit"),
    ],
)
@pytest.mark.parametrize("request_number", [1, 2, 3], ids=["first", "middle", "last"])
def test_a_passing_fault_changes_nothing_in_raw(
    extraction: Extraction, fault: Fault, request_number: int
) -> None:
    playlist = extraction.spotify.world.add_playlist("long", 130)
    untouched = extraction.content(extraction.read(playlist.uri))
    extraction.spotify.forget_log()
    extraction.spotify.faults[request_number] = fault
    if fault.delay_seconds or fault.drip_seconds:
        extraction.timeouts = IMPATIENT

    manifest = extraction.read(playlist.uri)

    assert extraction.content(manifest) == untouched
    assert len(extraction.spotify.log) == 4


def test_each_wait_after_no_answer_is_longer_than_the_one_before(extraction: Extraction) -> None:
    playlist = extraction.spotify.world.add_playlist("one", 3)
    extraction.spotify.faults = {number: json_fault(503) for number in (1, 2, 3)}

    manifest = extraction.read(playlist.uri)

    # Half a second, doubled each time, of which chance takes up to a half.
    first, second, third = extraction.clock.slept
    assert 0.25 <= first <= 0.5 <= second <= 1.0 <= third <= 2.0
    assert manifest["calls"]["waited_seconds"] == pytest.approx(first + second + third, abs=1)
    assert manifest["calls"]["total"] == 4


def test_an_outage_ends_the_invocation_and_keeps_the_place(extraction: Extraction) -> None:
    playlist = extraction.spotify.world.add_playlist("long", 230)
    extraction.spotify.faults = {number: json_fault(503) for number in range(3, 7)}
    run_id = extraction.plan(playlist.uri)

    with pytest.raises(SpotifyUnavailableError):
        extraction.invoke(run_id)
    manifest = extraction.finish(run_id)

    offsets = [offset for _, offset in extraction.spotify.questions()]
    assert offsets == ["", "100", "150", "150", "150", "150", "150", "200", ""]
    assert manifest["playlists"][0]["collected"] == 230
