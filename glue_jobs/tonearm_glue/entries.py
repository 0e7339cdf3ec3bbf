"""What an object in a playlist or on an album is: the classification behind the ledger.

For each playlist the API's total = songs + episodes + local files + unavailable + malformed. The order of
the questions matters: a local file has no id, and an episode may come disguised as a track.
"""

from pyspark.sql import Column
from pyspark.sql import functions as fn

from tonearm_glue.values import text

SONG = "song"
EPISODE = "episode"
LOCAL_FILE = "local_file"
UNAVAILABLE = "unavailable"
MALFORMED = "malformed"

NOT_AN_OBJECT = "not_an_object"
ENTRY_WITHOUT_CONTENT = "entry_without_content"
CONTENT_TYPE_UNKNOWN = "content_type_unknown"
TRACK_WITHOUT_ID = "track_without_id"
TRACK_NOT_A_SONG = "track_not_a_song"
ALBUM_WITHOUT_ID = "album_without_id"
ARTIST_WITHOUT_ID = "artist_without_id"
RESPONSE_WITHOUT_ITEMS = "response_without_items"
PLAYLIST_WITHOUT_PAGES = "playlist_without_pages"


def content_of(entry: Column) -> Column:
    """The track or episode of a playlist entry: `item` (2026) before `track` (older).

    Either may be a boolean in some responses, which the parser has turned into NULL.
    """
    return fn.coalesce(entry["item"], entry["track"])


def is_local_file(content: Column, said_by_entry: Column) -> Column:
    """Whether it is a local file: marked so by the entry or the track, or known by its URI."""
    return (
        _holds(said_by_entry == "true")
        | _holds(content["is_local"] == "true")
        | _holds(content["uri"].startswith("spotify:local:"))
    )


def is_episode(content: Column) -> Column:
    """Whether it is a podcast episode, also one dressed as a track (its album is then a show)."""
    return (
        _holds(fn.lower(content["type"]) == EPISODE)
        | _holds(fn.lower(content["album"]["type"]) == "show")
        | _holds(content["uri"].startswith("spotify:episode:"))
        | content["show"].isNotNull()
    )


def kind_of_content(content: Column, said_local: Column) -> Column:
    """song, episode, local_file or malformed, of a track or episode object."""
    return (
        fn.when(is_local_file(content, said_local), LOCAL_FILE)
        .when(is_episode(content), EPISODE)
        .when(malformed_content(content).isNotNull(), MALFORMED)
        .otherwise(SONG)
    )


def malformed_content(content: Column) -> Column:
    """Reason code of a track object that is neither local nor an episode; NULL when it is a song."""
    return fn.when(fn.lower(text(content["type"])) != "track", CONTENT_TYPE_UNKNOWN).when(
        text(content["id"]).isNull(), TRACK_WITHOUT_ID
    )


def kind_of_entry(entry: Column, has_null_content: Column) -> Column:
    """What a playlist entry is; `has_null_content` tells `"track": null` from no track at all."""
    content = content_of(entry)
    return (
        fn.when(entry.isNull(), MALFORMED)
        .when(content.isNotNull(), kind_of_content(content, entry["is_local"]))
        .when(has_null_content, UNAVAILABLE)
        .otherwise(MALFORMED)
    )


def reason_of_entry(entry: Column) -> Column:
    """Reason code of a malformed playlist entry."""
    content = content_of(entry)
    return (
        fn.when(entry.isNull(), NOT_AN_OBJECT)
        .when(content.isNull(), ENTRY_WITHOUT_CONTENT)
        .otherwise(malformed_content(content))
    )


def has_null_content(line: Column, path: Column, position: Column) -> Column:
    """Whether the entry at this place of the raw line says `null` where its content should be.

    A parsed struct does not tell null from absent, so the raw text is looked at again. To be asked only
    of the rare entry without content.
    """
    place = fn.concat(path, fn.lit("["), position.cast("string"), fn.lit("]"))
    entry = fn.call_function("get_json_object", line, place)
    keys = fn.json_object_keys(entry)
    return fn.coalesce(_is_null_there(entry, keys, "item"), fn.lit(False)) | fn.coalesce(
        _is_null_there(entry, keys, "track"), fn.lit(False)
    )


def _is_null_there(entry: Column, keys: Column, name: str) -> Column:
    return fn.array_contains(keys, name) & fn.get_json_object(entry, f"$.{name}").isNull()


def _holds(claim: Column) -> Column:
    return fn.coalesce(claim, fn.lit(False))
