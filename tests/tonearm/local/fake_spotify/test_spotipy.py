"""The real client against the fake, as the pipeline and everybody else uses it."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import spotipy
from spotipy.cache_handler import MemoryCacheHandler
from spotipy.oauth2 import SpotifyClientCredentials, SpotifyOAuth, SpotifyOauthError

from tonearm.local.fake_spotify import CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN

type Connect = Callable[..., Any]


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as opened:
        yield opened


@pytest.fixture
def connect(session: requests.Session, monkeypatch: pytest.MonkeyPatch) -> Connect:
    """A spotipy client for a running fake, with an expired token it must refresh first."""

    def client(spotify: Any) -> Any:
        monkeypatch.setattr(SpotifyOAuth, "OAUTH_TOKEN_URL", f"{spotify.url}/api/token")
        expired = {
            "access_token": "old",
            "expires_at": 0,
            "refresh_token": REFRESH_TOKEN,
            "scope": "playlist-read-private",
        }
        auth = SpotifyOAuth(
            client_id=CLIENT_ID,
            client_secret=CLIENT_SECRET,
            redirect_uri="http://127.0.0.1:9090/callback",
            cache_handler=MemoryCacheHandler(expired),
            requests_session=session,
            open_browser=False,
        )
        made = spotipy.Spotify(auth_manager=auth, requests_session=session, retries=0)
        made.prefix = f"{spotify.url}/v1/"
        return made

    return client


def test_spotipy_walks_a_playlist_by_next(spotify: Any, connect: Connect) -> None:
    client = connect(spotify)
    playlist = spotify.playlists()["Everything I keep"]

    page = client.playlist_items(playlist["id"], limit=50)
    uris = [entry["item"]["uri"] for entry in page["items"]]
    while page["next"]:
        page = client.next(page)
        uris += [entry["item"]["uri"] for entry in page["items"]]

    assert len(uris) == playlist["items"]["total"]
    assert client.me()["id"] == "listener-one"
    assert client.playlist(playlist["id"], fields="snapshot_id").keys() == {"snapshot_id"}


def test_spotipy_reads_the_library_and_the_music(spotify: Any, connect: Connect) -> None:
    client = connect(spotify)

    saved = client.current_user_saved_tracks(limit=50)["items"][0]["track"]

    assert len(client.current_user_playlists()["items"]) == 16
    assert client.track(saved["id"])["id"] == saved["id"]
    assert client.album(saved["album"]["id"])["name"] == saved["album"]["name"]
    assert client.album_tracks(saved["album"]["id"])["total"] == saved["album"]["total_tracks"]
    assert client.artist(saved["artists"][0]["id"])["name"] == saved["artists"][0]["name"]
    assert client.artist_albums(saved["artists"][0]["id"], limit=10)["items"]


def test_spotipy_sees_the_rules_of_development_mode(
    spotify: Any, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, logger="spotipy")
    client = connect(spotify)
    foreign = spotify.playlists()["Harbour FM weekly"]["id"]

    for method, argument in (
        (client.playlist_items, foreign),
        (client.tracks, ["0" * 22]),
        (client.albums, ["0" * 22]),
        (client.artists, ["0" * 22]),
    ):
        with pytest.raises(spotipy.SpotifyException) as refused:
            method(argument)
        assert refused.value.http_status == 403


def test_spotipy_reads_batches_in_extended_mode(serve: Any, connect: Connect) -> None:
    spotify = serve(day="2026-11-20", mode="extended")
    client = connect(spotify)
    songs = [entry["track"] for entry in client.current_user_saved_tracks(limit=20)["items"]]

    tracks = client.tracks([song["id"] for song in songs])["tracks"]
    albums = client.albums([song["album"]["id"] for song in songs])["albums"]
    artists = client.artists([song["artists"][0]["id"] for song in songs])["artists"]

    assert [track["popularity"] for track in tracks] == [song["popularity"] for song in songs]
    assert all(album["label"] for album in albums)
    assert all("followers" in artist for artist in artists)


def test_spotipy_shows_how_long_to_wait(
    spotify: Any, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, logger="spotipy")
    client = connect(spotify)
    client.me()
    spotify.control(faults=[{"kind": "quota_exceeded"}])

    with pytest.raises(spotipy.SpotifyException) as refused:
        client.me()

    assert refused.value.http_status == 429
    assert refused.value.headers["Retry-After"] == "46800"


def test_spotipy_logs_in_with_client_credentials(
    spotify: Any, session: requests.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    token_url = f"{spotify.url}/api/token"
    monkeypatch.setattr(SpotifyClientCredentials, "OAUTH_TOKEN_URL", token_url)
    auth = SpotifyClientCredentials(
        CLIENT_ID, CLIENT_SECRET, requests_session=session, cache_handler=MemoryCacheHandler()
    )
    client = spotipy.Spotify(auth_manager=auth, requests_session=session, retries=0)
    client.prefix = f"{spotify.url}/v1/"
    album_id = spotify.body("me/tracks")["items"][0]["track"]["album"]["id"]

    assert client.album(album_id)["id"] == album_id


def test_spotipy_says_when_the_login_is_over(
    spotify: Any, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, logger="spotipy")
    spotify.control(revoke_refresh_tokens=True)

    with pytest.raises(SpotifyOauthError, match="invalid_grant"):
        connect(spotify).me()


def test_spotipy_walks_every_recorded_playlist(
    serve: Any, connect: Connect, recorded: Path
) -> None:
    spotify = serve(catalogue=recorded)
    client = connect(spotify)

    for playlist in spotify.look("catalogue")["playlists"][:12]:
        page = client.playlist_items(playlist["playlist_id"], limit=50)
        count = len(page["items"])
        while page["next"]:
            page = client.next(page)
            count += len(page["items"])
        assert count == page["total"] == playlist["entries"]
