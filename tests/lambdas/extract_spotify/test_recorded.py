"""Answers recorded from the real API, in every shape they were seen in, pass through whole."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from extract_spotify.entries import content_of, entries_in, entry_mark
from tests.faults.aws import Aws, an_aws
from tests.faults.fake import Fake, serving
from tests.faults.judging import raw_lines
from tests.faults.stack import Execution, Stack
from tests.lambdas.extract_spotify.recorded_answers import (
    ROOT,
    Asking,
    Recorded,
    first_document,
    recorded_answers,
)
from tests.lambdas.scripted_spotify import Fault
from tonearm_pipeline.ledger import ENTRY_KINDS, playlist_differences
from tonearm_pipeline.spotify.client import Call

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
def an_aws_for_all() -> Iterator[Aws]:
    with an_aws() as aws:
        yield aws


@pytest.fixture(scope="module")
def whole(an_aws_for_all: Aws) -> Iterator[tuple[Stack, Execution, Fake]]:
    """The whole folder served by the fake Spotify, read in one run."""
    aws = an_aws_for_all
    with serving(ROOT) as fake:
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
    assert len(readable) > 45
    for read in manifest["playlists"]:
        assert playlist_differences(read, counted[read["source"]]) == []
        assert read["is_consistent"] is True
    totals = {kind: sum(one[kind] for one in counted.values()) for kind in ENTRY_KINDS}
    assert sum(totals.values()) == sum(one["collected"] for one in manifest["playlists"])
    assert totals["songs"] > 1500
    assert all(totals.values()), totals


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
def test_a_song_under_both_names_is_counted_once(an_aws_for_all: Aws, tmp_path: Path) -> None:
    body = first_document(ROOT / "playlist_items/joostlek_playlist_items.json")
    both = [one for one in body["items"] if isinstance(one["item"], dict) and "track" in one]
    assert both == body["items"]
    (tmp_path / "page.json").write_text(json.dumps(body | {"total": len(both)}))

    with serving(tmp_path) as fake:
        stack = Stack(an_aws_for_all, fake, "both")
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


def test_an_entry_with_both_names_is_marked_once_by_item() -> None:
    content = {"uri": "spotify:track:a"}
    both = {"added_at": "x", "item": content, "track": {"uri": "spotify:track:b"}}

    assert entry_mark(both) == entry_mark({"added_at": "x", "item": content, "track": True})
    assert entry_mark({"added_at": "x", "track": content}) == entry_mark(both)
    assert entry_mark({"added_at": "x", "item": True, "track": content}) == entry_mark(both)
