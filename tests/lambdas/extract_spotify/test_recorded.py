"""Answers recorded from the real API, in every shape they were seen in, pass through whole."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple, cast

import pytest

from extract_spotify.entries import content_of, entries_in, entry_mark
from tests.faults.aws import an_aws
from tests.faults.fake import Fake, serving
from tests.faults.judging import raw_lines
from tests.faults.stack import Execution, Stack
from tests.lambdas.extract_spotify.recorded_answers import (
    ROOT,
    Recorded,
    first_document,
    index_rows,
    recorded_answers,
)
from tests.lambdas.local_aws import FakeClock, put_secret, read_secret
from tests.lambdas.scripted_spotify import Fault, ScriptedSpotify, json_fault
from tests.lambdas.scripted_spotify import serving as scripted
from tests.lambdas.tonearm_pipeline.test_tokens import secret_store
from tonearm_pipeline.clock import Deadline
from tonearm_pipeline.errors import (
    NeedsLoginError,
    RateLimitedError,
    SpotifyUnavailableError,
    WrongAppError,
)
from tonearm_pipeline.ledger import ENTRY_KINDS, playlist_differences
from tonearm_pipeline.quota import CallGate, QuotaLedger, TokenBucket
from tonearm_pipeline.spotify_client import Call, SpotifyClient
from tonearm_pipeline.spotify_errors import SourceRefusedError
from tonearm_pipeline.spotify_http import Timeouts
from tonearm_pipeline.tokens import AccessTokens

needs_recordings = pytest.mark.skipif(not ROOT.is_dir(), reason=f"no recorded answers in {ROOT}")
PLAYLIST = Call("playlist", "0" * 22)
# Kinds of answers the collection is known to hold, and at least how many.
LEAST = {
    "playlist": 25,
    "playlist_items": 35,
    "my_playlists": 5,
    "saved_tracks": 10,
    "album": 12,
    "album_tracks": 5,
    "artist": 20,
    "artist_albums": 7,
    "albums": 6,
    "artists": 8,
}


class Asking(NamedTuple):
    """A client, and the server whose every answer a test sets."""

    client: SpotifyClient
    gate: CallGate
    spotify: ScriptedSpotify


class _Tokens:
    """A token that is always good, and never renewed."""

    @staticmethod
    def access_token() -> str:
        return "token"

    @staticmethod
    def forget() -> None:
        """There is no other."""


@pytest.fixture(scope="module")
def asking() -> Iterator[Asking]:
    with scripted() as spotify:
        clock = FakeClock()
        ledger = SimpleNamespace(spend=lambda: None)
        gate = CallGate(
            deadline=Deadline(lambda: 900.0),
            clock=clock,
            ledger=cast("QuotaLedger", ledger),
            bucket=TokenBucket(clock, burst=10**6),
            keep_lease=lambda: None,
            calls={},
        )
        tokens = cast("AccessTokens", _Tokens())
        client = SpotifyClient(spotify.api_url, tokens, clock, Timeouts(10.0, 30.0, 60.0))
        yield Asking(client, gate, spotify)


# ---------------------------------------------------------------- one answer after the other
@needs_recordings
def test_the_collection_has_answers_to_every_question() -> None:
    found = Counter(one.call.kind for one in recorded_answers())

    assert {kind: found[kind] >= least for kind, least in LEAST.items()} == dict.fromkeys(
        LEAST, True
    )


@needs_recordings
@pytest.mark.parametrize("recorded", recorded_answers(), ids=lambda one: one.name)
def test_a_recorded_answer_passes_the_client_as_it_is(asking: Asking, recorded: Recorded) -> None:
    asking.spotify.every = Fault(body=json.dumps(recorded.body).encode())

    reply = asking.client.ask(recorded.call, asking.gate)

    assert reply.body == recorded.body
    # Whatever the shape, each entry is found once, and none is lost in a key it may have.
    if recorded.call.kind in ("playlist", "playlist_items", "saved_tracks"):
        block = recorded.body.get("items", recorded.body.get("tracks", {}))
        listed = block if isinstance(block, list) else block.get("items", [])
        assert entries_in(recorded.body) == listed
        assert len([entry_mark(entry) for entry in listed]) == len(listed)


# ---------------------------------------------------------------- all of it as one account
@pytest.fixture(scope="module")
def whole() -> Iterator[tuple[Stack, Execution, Fake]]:
    """The whole folder served by the fake Spotify, read in one run."""
    with an_aws() as aws, serving(ROOT) as fake:
        stack = Stack(aws, fake, "recorded")
        objects = [one for one in recorded_answers() if one.call.kind in ("album", "artist")]
        uris = {f"spotify:{one.call.kind}:{one.call.ident}" for one in objects}
        stack.sources = [*fake.sources(), "me/tracks", *sorted(uris)]
        yield stack, stack.execute(), fake


@needs_recordings
def test_every_recorded_playlist_is_collected_whole_and_its_ledger_balances(
    whole: tuple[Stack, Execution, Fake],
) -> None:
    stack, execution, fake = whole
    manifest = stack.manifest(execution.run_id)

    counted = counts_of_entries(stack, manifest)

    assert execution.status == "done"
    readable = {*fake.sources(), "me/tracks"}
    assert {one["source"] for one in manifest["playlists"]} == readable
    assert len(readable) > 50
    for read in manifest["playlists"]:
        assert playlist_differences(read, counted[read["source"]]) == []
        assert read["is_consistent"] is True
    totals = sum((Counter(counts) for counts in counted.values()), Counter[str]())
    assert totals["songs"] > 2000
    assert all(totals[kind] for kind in ENTRY_KINDS)


@needs_recordings
def test_all_three_shapes_are_among_them(whole: tuple[Stack, Execution, Fake]) -> None:
    stack, execution, _ = whole
    manifest = stack.manifest(execution.run_id)

    shapes = {
        (names, "item" in entry, "track" in entry)
        for line in raw_lines(stack, manifest)
        if line["kind"] == "playlist"
        for names in [tuple(name for name in ("items", "tracks") if name in line["body"])]
        for entry in entries_in(line["body"])
        if isinstance(entry, dict)
    }

    old, new = (("tracks",), False, True), (("items",), True, False)
    assert old in shapes
    assert new in shapes
    # The transitional one holds the same song under both names.
    assert any(has_item and has_track for _, has_item, has_track in shapes)


@needs_recordings
def test_albums_and_artists_are_read_too(whole: tuple[Stack, Execution, Fake]) -> None:
    stack, execution, _ = whole
    manifest = stack.manifest(execution.run_id)

    read = {one["source"]: one for one in manifest["others"]}
    asked = {uri for uri in stack.sources if uri.startswith(("spotify:album:", "spotify:artist:"))}
    assert set(read) == asked
    assert all(one["collected"] == one["api_total"] for one in read.values())


@needs_recordings
def test_a_song_under_both_names_is_counted_once(tmp_path: Path) -> None:
    body = first_document(ROOT / "playlist_items/joostlek_playlist_items.json")
    both = [one for one in body["items"] if isinstance(one["item"], dict) and "track" in one]
    assert both == body["items"]
    (tmp_path / "page.json").write_text(json.dumps(body | {"total": len(both)}))

    with an_aws() as aws, serving(tmp_path) as fake:
        stack = Stack(aws, fake, "both")
        stack.sources = fake.sources()
        manifest = stack.manifest(stack.execute().run_id)

        (read,) = manifest["playlists"]
        counted = counts_of_entries(stack, manifest)[read["source"]]
    assert read["collected"] == read["api_total"] == len(both)
    assert sum(counted[kind] for kind in ENTRY_KINDS) == len(both)


def counts_of_entries(stack: Stack, manifest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """How many entries of each kind the raw pages hold, by source, as the songs job counts them."""
    found: dict[str, dict[str, Any]] = {}
    reads = {one["source"]: one for one in manifest["playlists"]}
    for source, read in reads.items():
        zeros = dict.fromkeys(ENTRY_KINDS, 0)
        about = {name: read[name] for name in ("playlist_id", "api_total", "is_consistent")}
        found[source] = zeros | about
    for line in raw_lines(stack, manifest):
        is_chosen = line["source"] in reads and line["read"] == reads[line["source"]]["read"]
        if is_chosen and line["kind"] != "playlist_snapshot":
            for entry in entries_in(line["body"]):
                found[line["source"]][kind_of(entry)] += 1
    return found


def kind_of(entry: Any) -> str:
    content = content_of(entry)
    if not content:
        is_null = isinstance(entry, dict) and any(
            name in entry and entry[name] is None for name in ("item", "track")
        )
        return "unavailable" if is_null else "malformed"
    uri = str(content.get("uri"))
    if entry.get("is_local") or content.get("is_local") or uri.startswith("spotify:local:"):
        return "local_files"
    album = content.get("album") or {}
    if "show" in content or "episode" in (content.get("type"),) or album.get("type") == "show":
        return "episodes"
    return "songs" if content.get("id") else "malformed"


# ---------------------------------------------------------------- errors and tokens
class RecordedError(NamedTuple):
    """A recorded refusal: its status, its body, and what it must become."""

    name: str
    status: int
    body: bytes
    headers: dict[str, str]
    error: type[Exception]


def recorded_errors() -> list[RecordedError]:
    by_status = {
        400: SourceRefusedError,
        401: NeedsLoginError,  # refused with a fresh token too
        403: SourceRefusedError,
        404: SourceRefusedError,
        429: RateLimitedError,
        502: SpotifyUnavailableError,
    }
    beta = {"forbidden": 403, "not_found": 404}
    found = []
    for row in index_rows("error"):
        value = first_document(ROOT / row["file"])
        texts = value if isinstance(value, list) else [{"body": value}]
        for number, one in enumerate(texts):
            body = one["body"] if "body" in one else one["body_text"]
            error = body.get("error") if isinstance(body, dict) else None
            if isinstance(error, str):
                continue  # the accounts service's own shape
            told = error or {}
            status = one.get("status") or told.get("status") or beta[told["type"]]
            text = body if isinstance(body, str) else json.dumps(body)
            headers = dict(one.get("headers") or {})
            name = f"{row['file']}#{number}"
            found.append(
                RecordedError(name, status, text.encode(), headers, by_status[int(status)])
            )
    return found


@needs_recordings
@pytest.mark.parametrize("recorded", recorded_errors(), ids=lambda one: one.name)
def test_a_recorded_refusal_becomes_the_error_the_table_names(
    asking: Asking, recorded: RecordedError
) -> None:
    asking.spotify.every = Fault(recorded.status, recorded.body, recorded.headers)

    with pytest.raises(recorded.error) as caught:
        asking.client.ask(PLAYLIST, asking.gate)

    assert type(caught.value) is recorded.error
    if isinstance(caught.value, SourceRefusedError):
        assert caught.value.status == recorded.status
    if isinstance(caught.value, RateLimitedError):
        expected = int(recorded.headers.get("retry-after", 30))
        assert caught.value.retry_after_seconds == expected


@needs_recordings
@pytest.mark.parametrize("seconds", [3, 11, 51, 13_749, 20_520])
def test_a_recorded_limit_waits_as_long_as_its_header_said(asking: Asking, seconds: int) -> None:
    body = (ROOT / "error/joostlek_rate_limit.json").read_bytes()
    asking.spotify.every = json_fault(429, Retry_After=str(seconds))
    asking.spotify.every.body = body

    with pytest.raises(RateLimitedError) as caught:
        asking.client.ask(PLAYLIST, asking.gate)

    assert caught.value.retry_after_seconds == seconds


@needs_recordings
def test_the_recorded_refusal_of_a_client_names_its_cure(
    aws: None, spotify: ScriptedSpotify, clock: FakeClock
) -> None:
    reply = first_document(ROOT / "error/kaaes_auth-invalid-client.json")
    spotify.desk.replies = [(400, reply)]

    with pytest.raises(WrongAppError, match="tonearm login"):
        AccessTokens(secret_store(), spotify.token_url, clock).access_token()


@needs_recordings
@pytest.mark.parametrize("row", index_rows("token"), ids=lambda row: row["file"])
def test_a_recorded_token_is_used_and_a_new_refresh_token_kept(
    aws: None, spotify: ScriptedSpotify, clock: FakeClock, row: dict[str, str]
) -> None:
    reply = first_document(ROOT / row["file"])
    put_secret(read_secret() | {"refresh_token": "first"})
    spotify.desk.replies = [(200, reply)]

    token = AccessTokens(secret_store(), spotify.token_url, clock).access_token()

    assert token == reply["access_token"]
    assert read_secret()["refresh_token"] == reply.get("refresh_token", "first")


def test_an_entry_with_both_names_is_marked_once_by_item() -> None:
    content = {"uri": "spotify:track:a"}
    both = {"added_at": "x", "item": content, "track": {"uri": "spotify:track:b"}}

    assert entry_mark(both) == entry_mark({"added_at": "x", "item": content, "track": True})
    assert entry_mark({"added_at": "x", "track": content}) == entry_mark(both)
