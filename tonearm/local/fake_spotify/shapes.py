"""What development mode leaves out, and how episodes look to those who did not ask for them."""

from typing import Any

from tonearm.local.fake_spotify.objects import Json

REMOVED_FIELDS: dict[str, frozenset[str]] = {
    "album": frozenset({"album_group", "available_markets", "label", "popularity"}),
    "artist": frozenset({"followers", "genres", "popularity"}),
    "track": frozenset({"available_markets", "linked_from", "popularity", "preview_url"}),
    "show": frozenset({"available_markets", "publisher"}),
    "user": frozenset({"country", "email", "explicit_content", "followers", "product"}),
}
"""Per object type, the fields the changes of February 2026 took from development mode; genres and
preview_url are not on the list, but recordings of that year do not have them either."""
SAYS_PLAYABLE = frozenset({"album", "track"})


def as_in_development(value: Any) -> Any:
    """The value without the fields development mode does not have."""
    if isinstance(value, list):
        return [as_in_development(element) for element in value]
    if not isinstance(value, dict):
        return value
    kind = str(value.get("type"))
    removed = REMOVED_FIELDS.get(kind, frozenset())
    kept = {key: as_in_development(inner) for key, inner in value.items() if key not in removed}
    if kind in SAYS_PLAYABLE and value.get("id"):
        kept.setdefault("is_playable", True)
    return kept


def disguised_episode(episode: Json) -> Json:
    """An episode as a request without `additional_types=episode` sees it: dressed as a track."""
    show = episode["show"]
    credit = {key: show[key] for key in ("external_urls", "href", "id", "name", "type", "uri")}
    album = {
        **credit,
        "album_type": "compilation",
        "artists": [credit],
        "available_markets": [],
        "images": show["images"],
        "is_playable": False,
        "release_date": None,
        "release_date_precision": None,
        "restrictions": {"reason": "product"},
        "total_tracks": 1,
    }
    kept = ("duration_ms", "explicit", "external_urls", "href", "id", "name", "type", "uri")
    return {
        **{key: episode[key] for key in kept},
        "album": album,
        "artists": [credit],
        "available_markets": [],
        "disc_number": 0,
        "episode": False,
        "external_ids": dict(episode["external_urls"]),
        "is_local": False,
        "is_playable": False,
        "popularity": 0,
        "preview_url": None,
        "track": True,
        "track_number": 0,
    }


def shaped_entry(entry: Json, *, in_development: bool, wants_episodes: bool) -> Json:
    """A sample entry as the mode and the request's additional_types show it."""
    content = entry["track"]
    if content and content["type"] == "episode" and not wants_episodes:
        content = disguised_episode(content)
    if not in_development:
        return {**entry, "track": content}
    shaped = {key: value for key, value in entry.items() if key != "track"}
    return {**shaped, "item": as_in_development(content)}
