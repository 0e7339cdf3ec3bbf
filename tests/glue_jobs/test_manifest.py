"""The raw manifest as a job needs it."""

from typing import Any

from tonearm_glue.manifest import RawManifest

LIST = "spotify:playlist:list"


def a_playlist(**fields: Any) -> dict[str, Any]:
    playlist = {
        "playlist_id": "list",
        "source": LIST,
        "read": 1,
        "api_total": 7,
        "snapshot_id": "s1",
        "is_consistent": True,
    }
    return {**playlist, **fields}


def test_of_a_playlist_listed_twice_the_highest_read_counts() -> None:
    twice = [a_playlist(read=2, api_total=8), a_playlist()]

    manifest = RawManifest.from_json({"playlists": twice})

    [one] = manifest.playlists
    assert (one.read, one.api_total, one.read_key) == (2, 8, f"{LIST}#2")
    assert manifest.repeated_playlists == 1


def test_superseded_reads_are_named_as_lines_name_theirs() -> None:
    manifest = RawManifest.from_json({"superseded": [{"source": LIST, "read": 1}]})

    assert manifest.superseded == {f"{LIST}#1"}


def test_an_unknown_version_is_unknown() -> None:
    unknown = a_playlist(snapshot_id="", is_consistent=None)

    [one] = RawManifest.from_json({"playlists": [unknown]}).playlists

    assert one.snapshot_id is None
    assert one.is_consistent is None


def test_the_size_of_raw_is_that_of_all_parts() -> None:
    manifest = RawManifest.from_json({"parts": [{"bytes": 10}, {"bytes": 32}, {"key": "k"}]})

    assert manifest.part_bytes == 42
    assert manifest.playlists == ()
