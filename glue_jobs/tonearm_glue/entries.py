"""What an object in a playlist or on an album is: the classification behind the ledger.

For each playlist the API's total = songs + episodes + local files + unavailable + malformed. The
order of the questions matters: a local file has no id, and an episode may come disguised as a
track.
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

_CONTENTS = "array<struct<item:variant,track:variant>>"


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
    """Reason code of a track object that is neither local nor episode; NULL when it is a song."""
    return fn.when(fn.lower(text(content["type"])) != "track", CONTENT_TYPE_UNKNOWN).when(
        text(content["id"]).isNull(), TRACK_WITHOUT_ID
    )


def kind_of_entry(entry: Column, content: Column, is_null: Column) -> Column:
    """What a playlist entry is; `is_null` tells `"track": null` from no track at all."""
    return (
        fn.when(entry.isNull(), MALFORMED)
        .when(content.isNotNull(), kind_of_content(content, entry["is_local"]))
        .when(is_null, UNAVAILABLE)
        .otherwise(MALFORMED)
    )


def reason_of_entry(entry: Column, content: Column) -> Column:
    """Reason code of a malformed playlist entry."""
    return (
        fn.when(entry.isNull(), NOT_AN_OBJECT)
        .when(content.isNull(), ENTRY_WITHOUT_CONTENT)
        .otherwise(malformed_content(content))
    )


def raw_contents(line: Column, path: str) -> Column:
    """The contents of the entries at this path of a raw line, as they were sent.

    A parsed struct does not tell `"track": null` from no track at all, so the raw text is looked at
    again. To be asked only of a line with an entry without content.
    """
    return fn.try_variant_get(fn.try_parse_json(line), path, _CONTENTS)


def is_null_content(contents: Column) -> Column:
    """Whether one of `raw_contents` says null for its entry's content."""
    return _is_null(contents["item"]) | _is_null(contents["track"])


def may_lack_content(entries: Column) -> Column:
    """False when each of these entries has a content that says what it is.

    `array_contains` answers false only when no element is that value and none is NULL, and needs no
    look at them one by one in code that Spark does not compile.
    """
    all_said = [
        fn.coalesce(~fn.array_contains(entries[name]["type"], ""), fn.lit(False))
        for name in ("item", "track")
    ]
    return entries.isNotNull() & ~(all_said[0] | all_said[1])


def _is_null(value: Column) -> Column:
    return fn.coalesce(fn.is_variant_null(value), fn.lit(False))


def _holds(claim: Column) -> Column:
    return fn.coalesce(claim, fn.lit(False))
