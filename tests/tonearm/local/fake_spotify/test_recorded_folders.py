"""Folders as people have them: odd files, odd shapes, nothing that could stop the fake."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tonearm.local.fake_spotify import CatalogueError
from tonearm.local.fake_spotify.ids import base62_id, snapshot_id
from tonearm.local.fake_spotify.recorded import load_recorded
from tonearm.local.fake_spotify.recorded.documents import LARGEST_FILE_BYTES
from tonearm.local.fake_spotify.recorded.piece import UnrecognisedError
from tonearm.local.fake_spotify.recorded.pieces import pieces_in

PLAYLIST_ID = "5LkNhFidYyyjRWwnkcMbQs"


def an_entry(number: int, day: int = 1, **overrides: Any) -> dict[str, Any]:
    track = {"id": base62_id("song", number), "name": f"Song {number}", "type": "track"}
    entry = {
        "added_at": f"2024-05-{day:02}T08:00:00Z",
        "added_by": {"id": "someone"},
        "is_local": False,
        "track": {**track, "uri": f"spotify:track:{track['id']}"},
    }
    return {**entry, **overrides}


def a_page(entries: list[Any], offset: int = 0, total: int | None = None, **overrides: Any) -> Any:
    page = {
        "href": f"https://api.spotify.com/v1/playlists/{PLAYLIST_ID}/tracks?offset={offset}",
        "items": entries,
        "limit": 100,
        "next": None,
        "offset": offset,
        "previous": None,
        "total": len(entries) if total is None else total,
    }
    return {**page, **overrides}


def a_playlist(entries: list[Any], total: int | None = None, **overrides: Any) -> Any:
    playlist = {
        "id": PLAYLIST_ID,
        "name": "Tested",
        "owner": {"id": "someone"},
        "snapshot_id": snapshot_id(3, "a"),
        "type": "playlist",
        "uri": f"spotify:playlist:{PLAYLIST_ID}",
        "tracks": a_page(entries, total=total),
    }
    return {**playlist, **overrides}


def put(folder: Path, **files: Any) -> Path:
    for name, value in files.items():
        path = folder / f"{name}.json"
        path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
    return folder


def entries_of(folder: Path) -> list[Any]:
    (playlist,) = load_recorded(folder).playlists.values()
    return list(playlist.entries)


ENTRIES = [an_entry(number) for number in range(150)]


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(a_playlist(ENTRIES[:3]), id="old shape"),
        pytest.param([a_playlist(ENTRIES[:3])], id="wrapped in a list"),
        pytest.param({"body": a_playlist(ENTRIES[:3])}, id="wrapped in an object"),
        pytest.param(
            {k: v for k, v in a_playlist(ENTRIES[:3]).items() if k != "type"}, id="without type"
        ),
        pytest.param(a_playlist([], tracks=ENTRIES[:3]), id="entries without a page"),
        pytest.param(a_page(ENTRIES[:3]), id="page"),
        pytest.param([a_page(ENTRIES[:3])], id="list of pages"),
        pytest.param(
            {"url": "https://api.spotify.com/x", "status": 200, "body": a_playlist(ENTRIES[:3])},
            id="recorded exchange",
        ),
        pytest.param(
            {"uri": "x", "status": 200, "body": json.dumps(a_playlist(ENTRIES[:3]))},
            id="recorded exchange with text",
        ),
    ],
)
def test_a_playlist_is_found_however_it_is_wrapped(tmp_path: Path, value: Any) -> None:
    catalogue = load_recorded(put(tmp_path, whatever=value))

    assert list(catalogue.playlists) == [PLAYLIST_ID]
    assert list(catalogue.playlists[PLAYLIST_ID].entries) == ENTRIES[:3]


def test_the_new_shape_and_both_at_once_keep_their_keys(serve: Any, tmp_path: Path) -> None:
    new = [{**entry, "item": entry["track"], "track": True} for entry in ENTRIES[:2]]
    whole = a_playlist([])
    del whole["tracks"]
    put(tmp_path, a={**whole, "items": a_page(new)})
    spotify = serve(catalogue=tmp_path)

    body = spotify.body(f"playlists/{PLAYLIST_ID}")
    put(tmp_path, a={**whole, "items": a_page(new), "tracks": a_page(new)})
    spotify.control(catalogue=str(tmp_path))
    both = spotify.body(f"playlists/{PLAYLIST_ID}")

    assert body["items"]["items"] == new
    assert "tracks" not in body
    assert both["items"] == both["tracks"]
    assert both["items"]["items"] == new


def test_an_envelope_with_only_a_total_beside_the_entries_does_not_hide_them(
    tmp_path: Path,
) -> None:
    value = a_playlist(ENTRIES[:2], items={"href": "x", "total": 2})

    assert entries_of(put(tmp_path, a=value)) == ENTRIES[:2]


def test_entries_keep_nulls_wrong_types_and_unknown_keys(serve: Any, tmp_path: Path) -> None:
    odd = [
        an_entry(0, track=None),
        an_entry(1, added_at=5, is_local="no"),
        {"added_at": None, "track": {"id": 7, "name": ["x"], "uri": {}}},
        {"added_at": "2024-05-01T08:00:00Z", "added_by": None, "is_local": False},
        an_entry(2, item={"id": "a"}, extra={"deep": [1, 2.5, "half \ud83d"]}),
        None,
    ]
    spotify = serve(catalogue=put(tmp_path, a=a_playlist(ENTRIES[:1])))
    (tmp_path / "a.json").write_text(json.dumps(a_playlist(odd)), encoding="utf-8")
    spotify.control(catalogue=str(tmp_path))

    assert spotify.walk(f"playlists/{PLAYLIST_ID}/items") == odd


def test_pages_and_the_playlist_itself_add_up_whatever_the_order(tmp_path: Path) -> None:
    put(
        tmp_path,
        z_first=a_playlist(ENTRIES[:100], total=150),
        b_second=a_page(ENTRIES[50:100], offset=50, total=150),
        a_third=a_page(ENTRIES[100:], offset=100, total=150),
    )

    assert entries_of(tmp_path) == ENTRIES


def test_pages_of_two_days_are_not_mixed(tmp_path: Path) -> None:
    other = [an_entry(number + 500, day=9) for number in range(150)]
    for day, entries in (("2024-05-01", ENTRIES), ("2024-05-09", other)):
        (tmp_path / day).mkdir()
        put(
            tmp_path / day,
            page1=a_page(entries[:100], total=150),
            page2=a_page(entries[100:], offset=100, total=150),
        )

    assert entries_of(tmp_path) == other


def test_a_part_of_a_playlist_is_served_as_what_is_held(serve: Any, tmp_path: Path) -> None:
    spotify = serve(catalogue=put(tmp_path, a=a_page(ENTRIES[100:120], offset=100, total=400)))

    (described,) = spotify.look("catalogue")["playlists"]

    assert (described["entries"], described["recorded_total"]) == (20, 400)
    assert spotify.walk(f"playlists/{PLAYLIST_ID}/items") == ENTRIES[100:120]


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        pytest.param(
            a_playlist([an_entry(1, day=2)], snapshot_id=snapshot_id(9, "x")),
            a_playlist([an_entry(2, day=3)], snapshot_id=snapshot_id(1, "y")),
            id="by added_at",
        ),
        pytest.param(
            a_playlist([an_entry(1)], snapshot_id=snapshot_id(9, "x")),
            a_playlist([an_entry(2)], snapshot_id=snapshot_id(10, "y")),
            id="then by the counter in the snapshot id",
        ),
        pytest.param(
            a_playlist([an_entry(1)], snapshot_id="opaque-2"),
            a_playlist([an_entry(2)], snapshot_id="opaque-1"),
            id="then by path",
        ),
    ],
)
def test_the_newest_recording_wins(tmp_path: Path, older: Any, newer: Any) -> None:
    catalogue = load_recorded(put(tmp_path, a=older, b=newer))

    assert entries_of(tmp_path) == newer["tracks"]["items"]
    assert [one["files"] for one in catalogue.summary()["superseded"]] == [["a.json"]]


def test_an_absent_snapshot_id_is_made_from_the_entries(tmp_path: Path) -> None:
    playlist = a_playlist(ENTRIES[:2])
    del playlist["snapshot_id"]

    first = load_recorded(put(tmp_path, a=playlist)).playlists[PLAYLIST_ID].snapshot_id
    again = load_recorded(put(tmp_path, a=playlist)).playlists[PLAYLIST_ID].snapshot_id
    playlist["tracks"] = a_page(ENTRIES[:3])
    changed = load_recorded(put(tmp_path, a=playlist)).playlists[PLAYLIST_ID].snapshot_id

    assert first == again
    assert first != changed


def test_a_bare_list_changes_its_snapshot_with_its_entries_even_beside_a_list_of_playlists(
    tmp_path: Path,
) -> None:
    listed = a_page([], href="https://api.spotify.com/v1/me/playlists")
    simplified = a_playlist([], tracks={"href": "x", "total": 2})
    put(tmp_path, mine={**listed, "items": [simplified]})
    put(tmp_path, **{PLAYLIST_ID: ENTRIES[:2]})
    first = load_recorded(tmp_path).playlists[PLAYLIST_ID]

    second = load_recorded(put(tmp_path, **{PLAYLIST_ID: ENTRIES[:3]})).playlists[PLAYLIST_ID]

    assert first.meta["name"] == second.meta["name"] == "Tested"
    assert first.snapshot_id != second.snapshot_id


def test_a_path_gives_the_same_id_in_every_folder(tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
        put(folder, liked=ENTRIES[:2])

    ids = [list(load_recorded(folder).playlists) for folder in folders]

    assert ids[0] == ids[1]
    assert len(ids[0][0]) == 22


def test_a_single_file_is_a_catalogue(tmp_path: Path) -> None:
    put(tmp_path, a=a_playlist(ENTRIES[:2]), b=a_playlist(ENTRIES[:3], id="x"))

    assert entries_of(tmp_path / "a.json") == ENTRIES[:2]


def test_the_type_of_a_file_is_in_its_content(tmp_path: Path) -> None:
    lines = [a_page(ENTRIES[:100], total=150), a_page(ENTRIES[100:], offset=100, total=150)]
    text = "".join(json.dumps(line) + "\n" for line in lines) + "}"
    (tmp_path / "pages.txt").write_bytes(b"\xef\xbb\xbf" + text.encode())

    assert entries_of(tmp_path) == ENTRIES


def test_whatever_is_no_recording_is_ignored_with_its_reason(tmp_path: Path) -> None:
    put(tmp_path, good=a_playlist(ENTRIES[:1]), number=5, nothing=[], nulls=[None])
    put(tmp_path, error={"error": {"status": 404, "message": "x"}}, token={"access_token": "x"})
    put(tmp_path, narrowed=narrowed(), reduced=a_playlist([], tracks=["a", "b"]))
    put(tmp_path, replied={"uri": "x", "status": 500, "body": a_playlist(ENTRIES[:9])})
    (tmp_path / "latin.json").write_bytes('{"name": "é"}'.encode("latin-1"))
    (tmp_path / "image.png").write_bytes(random.Random(5).randbytes(2000))
    (tmp_path / "empty.json").write_bytes(b"  ")
    (tmp_path / "nan.json").write_text('{"type": "playlist", "total": NaN}')
    (tmp_path / "deep.json").write_text("[" * 100_000)
    (tmp_path / "cut.json").write_text(json.dumps(a_playlist(ENTRIES))[:-20])
    with (tmp_path / "huge.json").open("wb") as huge:
        huge.truncate(LARGEST_FILE_BYTES + 1)
    (tmp_path / ".git").mkdir()
    put(tmp_path / ".git", hidden=a_playlist(ENTRIES[:5]))
    (tmp_path / "gone.json").symlink_to(tmp_path / "nowhere")

    catalogue = load_recorded(tmp_path)

    reasons = {one["file"]: one["reason"] for one in catalogue.summary()["ignored"]}
    assert len(catalogue.playlists) == 1
    assert reasons == {
        ".git": "a hidden folder",
        "cut.json": "not JSON",
        "deep.json": "not JSON",
        "empty.json": "empty",
        "error.json": "an error reply",
        "gone.json": "not a regular file",
        "huge.json": "larger than 128 MiB",
        "image.png": "not text in UTF-8, UTF-16 or UTF-32",
        "latin.json": "not text in UTF-8, UTF-16 or UTF-32",
        "nan.json": "not JSON",
        "narrowed.json": "a playlist narrowed by fields=, without its own id",
        "nothing.json": "an empty list",
        "nulls.json": "a list of nulls",
        "number.json": "neither an object nor a list",
        "reduced.json": "a playlist reduced to a list of its own, without API entries",
        "replied.json": "a reply with status 500",
        "token.json": "a token reply",
    }


def narrowed() -> Any:
    href = f"https://api.spotify.com/v1/playlists/{PLAYLIST_ID}?fields=name,owner,tracks"
    return {"href": href, "name": "x", "owner": {}, "tracks": {"items": [{"track": {}}]}}


@pytest.mark.parametrize("files", [{}, {"a": {"error": {"status": 1}}}])
def test_a_folder_with_nothing_to_serve_is_refused_in_one_line(
    tmp_path: Path, files: dict[str, Any]
) -> None:
    with pytest.raises(CatalogueError) as refused:
        load_recorded(put(tmp_path, **files))

    assert str(tmp_path) in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="no such folder or file"):
        load_recorded(tmp_path / "nowhere")


# fmt: off
KEYS = st.sampled_from(
    ["added_at", "album", "albums", "artists", "body", "error", "href", "id", "is_local", "item",
     "items", "limit", "name", "offset", "owner", "played_at", "playlists", "snapshot_id", "status",
     "total", "track", "tracks", "type", "uri", "url"]
)
WORDS = st.sampled_from(
    "playlist track album artist episode http://[x MyxhYg== 2024-05-01T08:00:00Z "
    "https://api.spotify.com/v1/me/tracks?offset=99999999999999 "
    f"https://api.spotify.com/v1/playlists/{PLAYLIST_ID}/tracks?offset=x {PLAYLIST_ID}".split()
)
# fmt: on
SCALARS = st.none() | st.booleans() | st.integers(-5, 500) | st.floats(allow_nan=False) | WORDS
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=40,
)


@given(VALUES)
@settings(max_examples=400, deadline=None, database=None)
def test_nothing_anybody_recorded_can_break_the_sorting(value: Any) -> None:
    try:
        pieces = pieces_in(value)
    except UnrecognisedError as exc:
        assert str(exc)  # noqa: PT017 - the reason is shown to people
    else:
        assert all(piece.kind for piece in pieces)


@given(st.lists(st.dictionaries(KEYS, VALUES, min_size=1, max_size=8), min_size=1, max_size=5))
@settings(max_examples=100, deadline=None, database=None)
def test_whatever_is_recognised_can_be_served(
    tmp_path_factory: pytest.TempPathFactory, values: list[Any]
) -> None:
    folder = tmp_path_factory.mktemp("fuzz")
    put(folder, good=a_playlist(ENTRIES[:2]))
    put(folder, **{f"file{number}": value for number, value in enumerate(values)})

    catalogue = load_recorded(folder)

    assert json.dumps(catalogue.summary())
    assert PLAYLIST_ID in catalogue.playlists
    for playlist in catalogue.playlists.values():
        assert playlist.snapshot_id
        assert playlist.total >= len(playlist.entries[:100])
    for album_id in ("", PLAYLIST_ID):
        catalogue.artist_albums(album_id)
        catalogue.album_tracks(album_id)
