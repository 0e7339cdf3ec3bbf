"""The loop of the usual tutorials, with spotipy: every page by `next`, every object by its id."""

from collections.abc import Iterator
from typing import Any

from spotipy import Spotify
from spotipy.exceptions import SpotifyException

from tests.faults.fake import FIRST_SECRET, Fake
from tonearm_pipeline.spotify.http import keep_spotipy_quiet

PAGE_SIZE = 20


def read_everything(fake: Fake, retries: int = 0) -> int:
    """Read the account: its playlists, their entries, then each artist and album; how many entries.

    `retries` are spotipy's own, which wait as long as a 429 says.
    """
    keep_spotipy_quiet()
    api = Spotify(auth=token(fake), retries=retries, status_retries=retries)
    api.prefix = f"{fake.url}/v1/"
    albums: set[str] = set()
    artists: set[str] = set()
    entries = 0
    for playlist in _all_pages(api, api.current_user_playlists(limit=PAGE_SIZE)):
        api.playlist(playlist["id"])
        for entry in _all_pages(api, api.playlist_items(playlist["id"], limit=PAGE_SIZE)):
            entries += 1
            albums.add(entry["item"]["album"]["id"])
            artists |= {artist["id"] for artist in entry["item"]["artists"]}
    for artist_id in sorted(artists):
        _ignore_unknown(api.artist, artist_id)
    for album_id in sorted(albums):
        _ignore_unknown(api.album, album_id)
    return entries


def _all_pages(api: Spotify, page: Any) -> Iterator[Any]:
    while page:
        yield from page["items"]
        page = api.next(page) if page["next"] else None


def _ignore_unknown(ask: Any, ident: str) -> None:
    try:
        ask(ident)
    except SpotifyException:
        return


def token(fake: Fake) -> str:
    """An access token, by refreshing."""
    form = {"grant_type": "refresh_token", "refresh_token": FIRST_SECRET["refresh_token"]}
    return fake.new_token(form)
