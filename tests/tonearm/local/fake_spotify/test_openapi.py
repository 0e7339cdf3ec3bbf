"""Every response of the sample account, held against Spotify's own OpenAPI document."""

import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

DOCUMENT = Path(__file__).parents[4].parent / "shared/openapi/spotify-web-api.yml"
SPEC = Path(os.environ.get("TONEARM_OPENAPI", DOCUMENT))
pytestmark = pytest.mark.skipif(
    not SPEC.is_file(), reason=f"no OpenAPI document at {SPEC}; TONEARM_OPENAPI names the file"
)

UNDOCUMENTED = {
    "primary_color",  # on playlists and their entries, in every recording since 2018
    "video_thumbnail",
    "episode",  # true or false on what stands in a playlist, and
    "track",  # the same, beside the deprecated object of this name
    "is_playable",  # on albums, in recordings of 2026
}


def as_json_schema(node: Any, *, without_deprecated: bool) -> Any:
    """The OpenAPI 3.0 dialect in JSON Schema's words; development mode has no deprecated fields."""
    if isinstance(node, list):
        return [as_json_schema(one, without_deprecated=without_deprecated) for one in node]
    if not isinstance(node, dict):
        return node
    kept = {
        key: as_json_schema(value, without_deprecated=without_deprecated)
        for key, value in node.items()
        if key not in {"example", "discriminator", "nullable", "format"}
    }
    if without_deprecated and isinstance(kept.get("required"), list):
        kept["required"] = [name for name in kept["required"] if name not in REMOVED]
    return {"anyOf": [kept, {"type": "null"}]} if node.get("nullable") is True else kept


REMOVED = {"available_markets", "label", "popularity", "album_group", "publisher", "followers"}


@cache
def document(mode: str) -> Any:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loaded = yaml.load(SPEC.read_text("utf-8"), Loader=loader)
    return as_json_schema(loaded, without_deprecated=mode == "development")


@cache
def validator(mode: str, template: str) -> Draft202012Validator:
    spec = document(mode)
    resource = Resource.from_contents(spec, default_specification=DRAFT202012)
    registry: Registry[Any] = Registry().with_resource("spec", resource)
    answer = spec["paths"][template]["get"]["responses"]["200"]
    if "$ref" in answer:
        answer = spec["components"]["responses"][answer["$ref"].rsplit("/", 1)[1]]
    schema = answer["content"]["application/json"]["schema"]
    return Draft202012Validator(at_home(schema), registry=registry)


def at_home(node: Any) -> Any:
    """References of a part of the document, made to work outside of it."""
    if isinstance(node, list):
        return [at_home(one) for one in node]
    if isinstance(node, dict):
        return {
            key: f"spec{value}" if key == "$ref" else at_home(value) for key, value in node.items()
        }
    return node


def without_gaps(body: Any) -> Any:
    """The body without entries the document has no words for: nothing there, and local files."""
    if isinstance(body, list):
        return [without_gaps(one) for one in body if not is_gap(one)]
    if isinstance(body, dict):
        return {key: without_gaps(value) for key, value in body.items()}
    return body


def is_gap(entry: Any) -> bool:
    if not isinstance(entry, dict) or "added_at" not in entry:
        return False
    return entry.get("is_local") is True or entry.get("item", entry.get("track")) is None


def paths_to_check(spotify: Any, mode: str) -> list[tuple[str, str]]:
    """(template, path) of every endpoint; of playlists, the first pages and the last."""
    checks = [
        ("/me", "me"),
        ("/me/playlists", "me/playlists?limit=50"),
        ("/me/tracks", "me/tracks"),
    ]
    episodes = "additional_types=track,episode"
    for playlist in spotify.playlists().values():
        path = f"playlists/{playlist['id']}"
        checks.append(("/playlists/{playlist_id}", f"{path}?{episodes}"))
        size = playlist["items" if mode == "development" else "tracks"]["total"]
        if playlist["uri"] in spotify.look("sources"):
            checks += [
                ("/playlists/{playlist_id}/items", f"{path}/items?limit=50&offset={at}&{episodes}")
                for at in sorted({0, 50 if size > 50 else 0, size // 50 * 50})
            ]
            if mode == "extended":
                checks.append(("/playlists/{playlist_id}/tracks", f"{path}/tracks?{episodes}"))
    return checks + music_to_check(spotify, mode)


def music_to_check(spotify: Any, mode: str) -> list[tuple[str, str]]:
    songs = [entry["track"] for entry in spotify.body("me/tracks", limit=50)["items"]]
    checks = []
    for song in songs[:12]:
        album, artist = song["album"]["id"], song["artists"][-1]["id"]
        checks += [
            ("/tracks/{id}", f"tracks/{song['id']}"),
            ("/albums/{id}", f"albums/{album}"),
            ("/albums/{id}/tracks", f"albums/{album}/tracks?limit=50"),
            ("/artists/{id}", f"artists/{artist}"),
            ("/artists/{id}/albums", f"artists/{artist}/albums?limit=10"),
        ]
    if mode == "extended":
        checks += [
            ("/tracks", "tracks?ids=" + ",".join(song["id"] for song in songs)),
            ("/albums", "albums?ids=" + ",".join(song["album"]["id"] for song in songs[:20])),
            ("/artists", "artists?ids=" + ",".join(song["artists"][0]["id"] for song in songs)),
        ]
    return checks


@pytest.mark.parametrize("mode", ["development", "extended"])
def test_every_response_is_as_documented(serve: Any, mode: str) -> None:
    spotify = serve(day="2026-11-20", mode=mode)
    checks = paths_to_check(spotify, mode)
    problems = []

    for template, path in checks:
        body = without_gaps(spotify.body(path))
        problems += [
            f"{path}: {'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"
            for error in validator(mode, template).iter_errors(body)
        ]

    assert problems == []
    documented = {template for template, _ in checks}
    assert len(documented) == (10 if mode == "development" else 14)


@pytest.mark.parametrize("mode", ["development", "extended"])
def test_the_document_is_really_consulted(serve: Any, mode: str) -> None:
    spotify = serve(day="2026-11-20", mode=mode)
    song = spotify.body("me/tracks")["items"][0]["track"]
    album = spotify.body(f"albums/{song['album']['id']}")

    check = validator(mode, "/albums/{id}")

    assert check.is_valid(album)
    assert not check.is_valid({**album, "total_tracks": "12"})
    assert not check.is_valid({**album, "tracks": {**album["tracks"], "next": 5}})
    assert not check.is_valid({key: value for key, value in album.items() if key != "uri"})

    playlist_id = spotify.playlists()["Band practice"]["id"]
    page = spotify.body(f"playlists/{playlist_id}/items", limit=1)
    key = "item" if mode == "development" else "track"
    broken = {**page["items"][0], key: {**page["items"][0][key], "duration_ms": "long"}}
    check = validator(mode, "/playlists/{playlist_id}/items")
    assert check.is_valid(page)
    assert not check.is_valid({**page, "items": [broken]})


def test_no_key_is_made_up(spotify: Any) -> None:
    known = all_property_names(document("extended"))
    bodies = [spotify.body(path) for _, path in paths_to_check(spotify, "development")]

    assert keys_in(bodies) - known <= UNDOCUMENTED


def all_property_names(node: Any) -> set[str]:
    if isinstance(node, list):
        return {name for one in node for name in all_property_names(one)}
    if not isinstance(node, dict):
        return set()
    properties = node.get("properties")
    names = set(properties) if isinstance(properties, dict) else set()
    return names.union(*(all_property_names(value) for value in node.values()))


def keys_in(node: Any) -> set[str]:
    if isinstance(node, list):
        return {key for one in node for key in keys_in(one)}
    if not isinstance(node, dict):
        return set()
    return set(node).union(*(keys_in(value) for value in node.values()))


@pytest.mark.parametrize(
    ("path", "status"), [("me", 401), ("playlists/" + "0" * 22, 404), ("albums?ids=x", 403)]
)
def test_refusals_are_as_documented(spotify: Any, path: str, status: int) -> None:
    name = {401: "Unauthorized", 403: "Forbidden", 404: "NotFound"}[status]
    answer = document("development")["components"]["responses"][name]
    spec = Resource.from_contents(document("development"), default_specification=DRAFT202012)
    registry: Registry[Any] = Registry().with_resource("spec", spec)
    schema = at_home(answer["content"]["application/json"]["schema"])

    response = spotify.get(path, token="wrong" if status == 401 else None)

    assert response.status_code == status
    assert [*Draft202012Validator(schema, registry=registry).iter_errors(response.json())] == []
