from collections import Counter
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import pytest

from tonearm.local.fake_spotify import CatalogueError
from tonearm.local.fake_spotify.catalogue import Access
from tonearm.local.fake_spotify.responses import encoded
from tonearm.local.fake_spotify.sample import evolution
from tonearm.local.fake_spotify.sample.catalogue import SampleCatalogue
from tonearm.local.fake_spotify.sample.draw import Draw
from tonearm.local.fake_spotify.sample.universe import universe
from tonearm.local.fake_spotify.state import Options, State

SEED = 7
DAYS = [date(2026, 10, 1) + timedelta(days=number) for number in range(35)]


@cache
def account(day: date, seed: int = SEED) -> SampleCatalogue:
    return SampleCatalogue(seed, day)


def entries_of(catalogue: SampleCatalogue) -> dict[str, list[Any]]:
    return {i: list(playlist.entries) for i, playlist in catalogue.playlists.items()}


def uris(entries: list[Any]) -> list[str]:
    return [(entry["track"] or {}).get("uri", "") for entry in entries]


def test_the_account_has_the_size_and_kinds_of_playlists_of_a_real_one() -> None:
    playlists = account(date(2026, 11, 20)).playlists.values()

    kinds = Counter(playlist.access for playlist in playlists)
    own = [playlist.total for playlist in playlists if playlist.access is Access.OWN]

    assert kinds == {Access.OWN: 13, Access.COLLABORATIVE: 1, Access.FOREIGN: 2}
    assert max(own) > 250
    assert 1 in own
    assert 800 <= sum(own) <= 1100
    assert [p.is_restless for p in playlists if p.meta["owner"]["id"] == "spotify"] == [True]


def test_the_same_day_gives_the_same_bytes() -> None:
    first, again = SampleCatalogue(SEED, DAYS[0]), SampleCatalogue(SEED, DAYS[0])

    assert encoded(entries_of(first)) == encoded(entries_of(again))
    assert encoded([p.meta for p in first.playlists.values()]) == encoded(
        [p.meta for p in again.playlists.values()]
    )
    assert encoded(list(first.saved_tracks.entries)) == encoded(list(again.saved_tracks.entries))


def test_another_seed_is_another_account() -> None:
    assert not entries_of(account(DAYS[0])).keys() & entries_of(account(DAYS[0], seed=8)).keys()


def test_most_playlists_rest_on_most_days_and_each_change_has_a_new_snapshot() -> None:
    changed, compared = 0, 0
    before = account(DAYS[0])
    for day in DAYS[1:]:
        after = account(day)
        for playlist_id in before.playlists.keys() & after.playlists.keys():
            old, new = before.playlists[playlist_id], after.playlists[playlist_id]
            is_same = uris(list(old.entries)) == uris(list(new.entries))
            is_same = is_same and old.meta["name"] == new.meta["name"]
            assert is_same or old.snapshot_id != new.snapshot_id
            compared += 1
            changed += old.snapshot_id != new.snapshot_id
        before = after

    assert 0.15 < changed / compared < 0.35


def test_an_unchanged_snapshot_means_unchanged_entries() -> None:
    seen: dict[tuple[str, str], list[str]] = {}
    for day in DAYS:
        for playlist_id, playlist in account(day).playlists.items():
            key = (playlist_id, playlist.snapshot_id)
            assert seen.setdefault(key, uris(list(playlist.entries))) == uris(
                list(playlist.entries)
            )

    assert len(seen) < len(DAYS) * 8


def test_from_one_day_to_the_next_songs_come_go_and_move_and_a_playlist_is_renamed() -> None:
    kinds: Counter[str] = Counter()
    before = entries_of(account(DAYS[0]))
    for day in DAYS[1:]:
        after = entries_of(account(day))
        for playlist_id in before.keys() & after.keys():
            old, new = uris(before[playlist_id]), uris(after[playlist_id])
            stayed = [uri for uri in old if uri in set(new)]
            kinds["added"] += bool(set(new) - set(old))
            kinds["removed"] += bool(set(old) - set(new))
            kinds["moved"] += stayed != [uri for uri in new if uri in set(old)]
            kinds["emptied"] += bool(old and not new)
        kinds["new playlist"] += bool(after.keys() - before.keys())
        before = after

    names = [{p.meta["name"] for p in account(day).playlists.values()} for day in DAYS[:2]]
    assert {"Thursday commute", "Friday commute"} == names[0] ^ names[1]
    assert kinds["new playlist"] == 1
    assert min(kinds["added"], kinds["removed"]) > len(DAYS)
    assert kinds["moved"] > 10
    assert kinds["emptied"] > 10


def test_entries_were_added_on_a_day_that_has_come_and_are_in_the_order_of_coming() -> None:
    day = date(2026, 11, 20)
    end_of_day = datetime(2026, 11, 21, tzinfo=UTC)

    for playlist in account(day).playlists.values():
        times = [datetime.fromisoformat(entry["added_at"]) for entry in playlist.entries]
        assert all(moment < end_of_day for moment in times), playlist.meta["name"]
    monthly = next(p for p in account(day).playlists.values() if "November" in p.meta["name"])
    assert {entry["added_at"][:7] for entry in monthly.entries} == {"2026-11"}


def test_a_song_added_today_was_not_there_yesterday() -> None:
    yesterday, today = entries_of(account(DAYS[9])), entries_of(account(DAYS[10]))

    fresh = [
        (playlist_id, entry)
        for playlist_id, entries in today.items()
        for entry in entries
        if entry["added_at"].startswith(DAYS[10].isoformat())
    ]

    assert fresh
    assert not [entry for playlist_id, entry in fresh if entry in yesterday.get(playlist_id, [])]


def test_every_kind_of_entry_occurs() -> None:
    entries = [e for entries in entries_of(account(date(2026, 11, 20))).values() for e in entries]
    tracks = [e["track"] for e in entries if e["track"]]

    assert sum(entry["track"] is None for entry in entries) == 2
    assert sum(entry["is_local"] for entry in entries) == 3
    assert {t["type"] for t in tracks} == {"track", "episode"}
    assert [t for t in tracks if t["type"] == "track" and t["name"] == "" == t["album"]["name"]]
    assert [t for t in tracks if t.get("name") and t.get("album", {}).get("name") == "" and t["id"]]
    assert [t for t in tracks if "linked_from" in t]
    assert [t for t in tracks if t.get("restrictions") == {"reason": "market"}]


def test_songs_have_the_variety_of_real_ones() -> None:
    entries = [e for entries in entries_of(account(date(2026, 11, 20))).values() for e in entries]
    songs = [e["track"] for e in entries if e["track"] and e["track"].get("id")]
    songs = [song for song in songs if song["type"] == "track"]
    codes = [song["external_ids"].get("isrc", "") for song in songs]

    assert {song["album"]["release_date_precision"] for song in songs} == {"year", "month", "day"}
    assert {song["album"]["album_type"] for song in songs} == {"album", "single", "compilation"}
    assert [song for song in songs if song["album"]["artists"][0]["name"] == "Various Artists"]
    assert [song for song in songs if len(song["artists"]) > 1]
    assert [song for song in songs if song["disc_number"] == 2]
    assert [code for code in codes if code != code.upper()]
    assert [code for code in codes if "-" in code]
    assert [song for song in songs if not song["name"].isascii()]


def test_the_same_song_stands_twice_with_the_same_second() -> None:
    odds = next(
        p for p in account(date(2026, 11, 20)).playlists.values() if p.meta["name"] == "Odds & ends"
    )

    counted = Counter((e["track"]["uri"], e["added_at"]) for e in odds.entries if e["track"])

    assert 2 in counted.values()


def test_a_day_is_no_more_work_the_farther_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    made = 0

    class CountedDraw(Draw):
        def __init__(self, *key: object) -> None:
            nonlocal made
            made += 1
            super().__init__(*key)

    monkeypatch.setattr(evolution, "Draw", CountedDraw)
    counts = []
    for day in (date(2011, 5, 5), date(2026, 11, 20), date(2095, 8, 1)):
        universe(SEED, day)
        made = 0
        assert SampleCatalogue(SEED, day).playlists
        counts.append(made)

    assert max(counts) < 5_000  # about 2 µs each


def test_a_day_outside_the_accounts_life_is_refused() -> None:
    with pytest.raises(CatalogueError, match="2000-01-01 to 2099-12-31"):
        State(Options(day=date(1999, 12, 31)))
    assert State(Options(day=date(2000, 1, 1))).catalogue.playlists
    assert State(Options(day=date(2099, 12, 31))).catalogue.playlists


def test_liked_songs_are_newest_first_and_walk_completely(spotify: Any) -> None:
    saved = spotify.walk("me/tracks", limit=50)

    times = [entry["added_at"] for entry in saved]
    assert len(saved) > 100
    assert times == sorted(times, reverse=True)
    assert all(entry.keys() == {"added_at", "track"} for entry in saved)


def test_every_song_album_and_artist_in_a_playlist_can_be_asked_for(spotify: Any) -> None:
    playlist_id = spotify.playlists()["Band practice"]["id"]
    for entry in spotify.walk(f"playlists/{playlist_id}/items", limit=50)[:8]:
        song = entry["item"]
        album = spotify.body(f"albums/{song['album']['id']}")
        listed = spotify.walk(f"albums/{album['id']}/tracks")
        discography = spotify.walk(f"artists/{song['artists'][0]['id']}/albums", limit=10)

        assert spotify.body(f"tracks/{song['id']}")["name"] == song["name"]
        assert album["total_tracks"] == len(listed) == album["tracks"]["total"]
        assert song["id"] in [track["id"] for track in listed]
        assert album["id"] in [one["id"] for one in discography]


def test_a_discography_is_filtered_by_group(spotify: Any) -> None:
    playlist_id = spotify.playlists()["Everything I keep"]["id"]
    song = spotify.body(f"playlists/{playlist_id}/items", offset=2, limit=1)["items"][0]["item"]
    path = f"artists/{song['artists'][0]['id']}/albums"

    everything = spotify.body(path, limit=10)["total"]
    groups = [
        spotify.body(path, include_groups=group, limit=10)["total"]
        for group in ("album", "single", "appears_on", "compilation")
    ]

    assert sum(groups) == everything > 0
    assert spotify.get(path, include_groups="bootleg").status_code == 400


def test_episodes_come_disguised_unless_they_are_asked_for(spotify: Any) -> None:
    path = f"playlists/{spotify.playlists()['Read me to sleep']['id']}/items"

    disguised = spotify.body(path)["items"][0]["item"]
    plain = spotify.body(path, additional_types="track,episode")["items"][0]["item"]

    assert disguised["id"] == plain["id"]
    assert (disguised["type"], disguised["track"], disguised["album"]["type"]) == (
        "episode",
        True,
        "show",
    )
    assert disguised["artists"][0]["type"] == "show"
    assert "album" not in plain
    assert plain["show"]["name"] == disguised["album"]["name"]


def test_spotifys_own_list_has_another_snapshot_every_time(spotify: Any) -> None:
    editorial = spotify.playlists()["Fresh Friday"]["id"]
    own = spotify.playlists()["Everything I keep"]["id"]

    snapshots = [spotify.body(f"playlists/{editorial}")["snapshot_id"] for _ in range(3)]

    assert len(set(snapshots)) == 3
    assert len({spotify.body(f"playlists/{own}")["snapshot_id"] for _ in range(3)}) == 1
