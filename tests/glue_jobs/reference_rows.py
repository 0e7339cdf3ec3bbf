"""One object of a response -> one row of the reference, without the run's own columns."""

from typing import Any

from tests.glue_jobs.plain_values import (
    Json,
    artist_credits,
    dig,
    flag,
    image_url,
    isrc,
    moment_unless_epoch,
    release,
    text,
    texts,
    whole,
)

Row = dict[str, Any]


def album_row(album: dict[str, Json]) -> Row:
    """An album, full or simplified."""
    written, precision, first_day = release(
        album.get("release_date"), album.get("release_date_precision")
    )
    kind = text(album.get("album_type"))
    return {
        "album_id": text(album.get("id")),
        "name": text(album.get("name")),
        "album_type": kind.lower() if kind else None,
        "release_date_text": written,
        "release_date_precision": precision,
        "release_date": first_day,
        "total_tracks": whole(album.get("total_tracks"), 32),
        "label": text(album.get("label")),
        "popularity": whole(album.get("popularity"), 32),
        "upc": text(dig(album, "external_ids", "upc")),
        "genres": texts(album.get("genres")),
        "artists": artist_credits(album.get("artists")),
        **_addresses(album),
    }


def artist_row(artist: dict[str, Json]) -> Row:
    """An artist, full or credited."""
    return {
        "artist_id": text(artist.get("id")),
        "name": text(artist.get("name")),
        "genres": texts(artist.get("genres")),
        "popularity": whole(artist.get("popularity"), 32),
        "followers": whole(dig(artist, "followers", "total"), 64),
        **_addresses(artist),
    }


def song_row(track: dict[str, Json]) -> Row:
    """A track."""
    code = text(dig(track, "external_ids", "isrc"))
    row = {
        "track_id": text(track.get("id")),
        "name": text(track.get("name")),
        "album_id": text(dig(track, "album", "id")),
        "disc_number": whole(track.get("disc_number"), 32),
        "track_number": whole(track.get("track_number"), 32),
        "duration_ms": whole(track.get("duration_ms"), 64),
        "is_explicit": flag(track.get("explicit")),
        "is_playable": flag(track.get("is_playable")),
        "popularity": whole(track.get("popularity"), 32),
        "isrc_text": code,
        "isrc": isrc(code),
        "linked_from_track_id": text(dig(track, "linked_from", "id")),
        "artists": artist_credits(track.get("artists")),
    }
    addresses = _addresses(track)
    return {**row, "spotify_url": addresses["spotify_url"], "uri": addresses["uri"]}


def entry_row(entry: dict[str, Json], content: Json, kind: str) -> Row:
    """A playlist entry and what it holds; `content` is None when that is gone."""
    local = entry.get("is_local")
    show = dig(content, "show", "name")
    return {
        "entry_kind": kind,
        "track_id": text(dig(content, "id")) if kind == "song" else None,
        "linked_from_track_id": (
            text(dig(content, "linked_from", "id")) if kind == "song" else None
        ),
        "episode_id": text(dig(content, "id")) if kind == "episode" else None,
        "name": text(dig(content, "name")),
        "artists": artist_credits(dig(content, "artists")) if kind != "episode" else None,
        "album_name": text(dig(content, "album", "name") if show is None else show),
        "duration_ms": whole(dig(content, "duration_ms"), 64),
        "uri": text(dig(content, "uri")),
        "added_at": moment_unless_epoch(entry.get("added_at")),
        "added_by_id": text(dig(entry, "added_by", "id")),
        "is_local": flag(dig(content, "is_local") if local is None else local),
    }


def details_row(playlist: dict[str, Json]) -> Row:
    """What a playlist says of itself."""
    addresses = _addresses(playlist)
    return {
        "name": text(playlist.get("name")),
        "description": text(playlist.get("description")),
        "owner_id": text(dig(playlist, "owner", "id")),
        "owner_name": text(dig(playlist, "owner", "display_name")),
        "is_public": flag(playlist.get("public")),
        "is_collaborative": flag(playlist.get("collaborative")),
        "followers": whole(dig(playlist, "followers", "total"), 64),
        **addresses,
    }


def _addresses(thing: dict[str, Json]) -> Row:
    return {
        "image_url": image_url(thing.get("images")),
        "spotify_url": text(dig(thing, "external_urls", "spotify")),
        "uri": text(thing.get("uri")),
    }
