"""The made-up music as Web API objects, with every field extended mode has.

Objects are shared between responses: nobody changes them, whoever needs another one makes a copy.
"""

from datetime import date
from functools import cache

from tonearm.local.fake_spotify.ids import base62_id
from tonearm.local.fake_spotify.objects import Json, identity
from tonearm.local.fake_spotify.sample.draw import Draw
from tonearm.local.fake_spotify.sample.universe import Album, Artist, Track
from tonearm.local.fake_spotify.sample.words import MARKETS

COVER_PREFIXES = ((640, "0000b273"), (300, "00001e02"), (64, "00004851"))
MAX_POPULARITY = 100


def images(key: str, prefix: str = "ab67616d") -> list[Json]:
    """Three sizes of a cover; the addresses look right and lead nowhere."""
    name = Draw("image", key).below(16**24)
    return [
        {
            "height": size,
            "url": f"https://i.scdn.co/image/{prefix}{infix}{name:024x}",
            "width": size,
        }
        for size, infix in COVER_PREFIXES
    ]


def simplified_artist(artist: Artist) -> Json:
    """An artist as a credit."""
    return {"name": artist.name, **identity("artist", artist.artist_id)}


def artist_object(artist: Artist, day: date) -> Json:
    """An artist as `artists/{id}` gives it."""
    return {
        "followers": {"href": None, "total": artist.followers + day.toordinal() % 97},
        "genres": list(artist.genres),
        "images": images(artist.artist_id, "ab676161"),
        "name": artist.name,
        "popularity": _popularity(artist.artist_id, artist.popularity, day),
        **identity("artist", artist.artist_id),
    }


@cache
def simplified_album(album: Album) -> Json:
    """An album as a song carries it."""
    return {
        "album_type": album.album_type,
        "artists": [simplified_artist(artist) for artist in album.artists],
        "available_markets": list(MARKETS),
        "images": images(album.album_id),
        "name": album.name,
        "release_date": album.release_date,
        "release_date_precision": album.precision,
        "total_tracks": len(album.tracks),
        **identity("album", album.album_id),
    }


def album_object(album: Album, day: date) -> Json:
    """An album as `albums/{id}` gives it, without its page of songs."""
    year = album.released.year
    return {
        **simplified_album(album),
        "copyrights": [
            {"text": f"{year} {album.label}", "type": "C"},
            {"text": f"{year} {album.label}", "type": "P"},
        ],
        "external_ids": {"upc": f"{Draw('upc', album.album_id).below(10**12):012}"},
        "genres": [],
        "label": album.label,
        "popularity": _popularity(album.album_id, album.popularity, day),
    }


@cache
def simplified_track(track: Track) -> Json:
    """A song as its album lists it."""
    return {
        "artists": [simplified_artist(artist) for artist in track.artists],
        "available_markets": list(MARKETS),
        "disc_number": track.disc,
        "duration_ms": track.duration_ms,
        "explicit": track.is_explicit,
        "is_local": False,
        "name": track.title,
        "preview_url": None,
        "track_number": track.number,
        **identity("track", track.track_id),
    }


def track_object(album: Album, track: Track, day: date) -> Json:
    """A song as `tracks/{id}` and playlists give it."""
    return {
        "album": simplified_album(album),
        **simplified_track(track),
        "external_ids": {"isrc": track.isrc},
        "popularity": _popularity(track.track_id, track.popularity, day),
    }


def episode_object(seed: int, number: int, released: date) -> Json:
    """A podcast episode as a playlist gives it when asked for episodes."""
    draw = Draw(seed, "episode", number)
    text = f"Episode {number + 1}: what the tide tables do not say."
    return {
        "audio_preview_url": None,
        "description": text,
        "duration_ms": draw.between(1_200_000, 5_400_000),
        "episode": True,
        "explicit": draw.chance(20),
        "html_description": f"<p>{text}</p>",
        "images": images(f"episode {number}"),
        "is_externally_hosted": False,
        "is_playable": True,
        "language": "en",
        "languages": ["en"],
        "name": f"{number + 1:03}: Letters to a Lighthouse",
        "release_date": released.isoformat(),
        "release_date_precision": "day",
        "resume_point": {"fully_played": False, "resume_position_ms": 0},
        "show": _show(seed),
        "track": False,
        **identity("episode", base62_id(seed, "episode", number)),
    }


def _show(seed: int) -> Json:
    return {
        "available_markets": list(MARKETS),
        "copyrights": [],
        "description": "Small stories from the end of the pier.",
        "explicit": False,
        "html_description": "<p>Small stories from the end of the pier.</p>",
        "images": images("show"),
        "is_externally_hosted": False,
        "languages": ["en"],
        "media_type": "audio",
        "name": "End of the Pier",
        "publisher": "Pierhead Audio",
        "total_episodes": 212,
        **identity("show", base62_id(seed, "show")),
    }


def _popularity(object_id: str, base: int, day: date) -> int:
    """Popularity drifts a little from week to week."""
    drift = Draw("popularity", object_id, day.toordinal() // 7).between(-2, 2)
    return min(max(base + drift, 0), MAX_POPULARITY)
