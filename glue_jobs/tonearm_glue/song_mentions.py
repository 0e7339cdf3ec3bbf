"""The songs job's one pass over raw: every playlist entry, every track of an album, as one row."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as fn

from tonearm_glue import entries as e
from tonearm_glue.lines import PLAYLIST_KINDS, Body
from tonearm_glue.objects import (
    PAGE,
    PLAYLIST,
    album_shape,
    one_row_per_object,
    playlist_bodies,
    with_entries,
    with_entry_kind,
    with_raw_contents,
)
from tonearm_glue.plain import PlainRows
from tonearm_glue.schemas import IMAGES, KIND_FIELDS, URLS, array, page_of, struct, texts
from tonearm_glue.values import (
    credits_of,
    flag,
    largest_image,
    moment_unless_epoch,
    text,
    whole,
)

_TRACK = struct(
    **KIND_FIELDS,
    **texts("duration_ms", "explicit", "is_playable", "popularity", "disc_number", "track_number"),
    external_ids=struct(**texts("isrc")),
    external_urls=URLS,
    linked_from=struct(**texts("id")),
    artists=array(struct(**texts("id", "name"))),
    album=struct(**texts("id", "name", "type")),
)
_PLAYLIST_DETAILS = {
    **texts("name", "description", "public", "collaborative", "uri"),
    "owner": struct(**texts("id", "display_name")),
    "followers": struct(**texts("total")),
    "images": IMAGES,
    "external_urls": URLS,
}
_ALBUM = album_shape(_TRACK, **texts("id"))
BODIES = {
    **playlist_bodies(_TRACK, **_PLAYLIST_DETAILS),
    "album": Body(("album",), _ALBUM),
    "album_tracks": Body(("album_tracks",), page_of(_TRACK)),
    "albums": Body(("albums",), struct(albums=array(_ALBUM))),
}

_DETAILS = struct(
    **texts("name", "description", "owner_id", "owner_name"),
    is_public="boolean",
    is_collaborative="boolean",
    followers="bigint",
    **texts("image_url", "spotify_url", "uri"),
)
_PLAIN_COLUMNS = (
    "is_first boolean, read_number int, extracted_at timestamp, position int, added_at string, "
    "added_by_id string, entry_kind string, is_local boolean, content_id string, "
    "name string, album_name string, album_id string, disc_number int, track_number int, "
    "duration_ms bigint, is_explicit boolean, is_playable boolean, popularity int, "
    "isrc_text string, linked_from_track_id string, "
    "artists array<struct<artist_id:string,name:string>>, spotify_url string, uri string, "
    "is_full_object boolean"
)
_NOT_OF_PLAIN_LINES = {
    "raw_key": "string",
    "line": "int",
    "entry": "int",
    "details": _DETAILS,
    "quarantined_for": "string",
    "reason_code": "string",
    "reason_detail": "string",
}
_KEPT = (
    "raw_key",
    "line",
    "kind",
    "problem",
    "is_chosen",
    "read_key",
    "playlist_id",
    "snapshot_id",
    "is_consistent",
    "extracted_at",
    "first_position",
    "lacks_items",
    "details",
)
_ALBUM_ID_IN_PATH = "albums/([^/]+)/tracks"


def song_mentions(lines: DataFrame) -> DataFrame:
    """One row per entry or album track, and at least one per line, with what the tables need."""
    objects = (
        lines.transform(with_entries)
        .transform(with_raw_contents)
        .select("*", _album_tracks().alias("others"), _details().alias("details"))
        .withColumn("lacks_items", _lacks_items())
        .transform(one_row_per_object, _KEPT)
        .transform(with_entry_kind)
    )
    kind = fn.when(fn.col("at").isNotNull() & ~fn.col("is_entry"), _kind_of_album_track())
    classified = objects.transform(_narrow).withColumn("track_kind", kind)
    return classified.select(*_place(), *_quarantine(), *_entry_fields(), *_track_fields())


def _plain_mentions(rows: DataFrame, listed: DataFrame) -> DataFrame:
    """Rows of plain lines as mentions: each an entry of a playlist, and none refused."""
    nothing = {name: fn.lit(None).cast(kind) for name, kind in _NOT_OF_PLAIN_LINES.items()}
    kind, content_id = fn.col("entry_kind"), fn.col("content_id")
    reads = listed.select("read_number", "read_key", "playlist_id", "snapshot_id", "is_consistent")
    told = rows.drop(*nothing, "value").join(fn.broadcast(reads), "read_number", "left")
    mentions = told.withColumns(
        {
            **nothing,
            "track_id": fn.when(kind == e.SONG, content_id),
            "episode_id": fn.when(kind == e.EPISODE, content_id),
            "occurrence": fn.lit(0),
            "is_chosen": fn.lit(True),
            "is_playlist_line": fn.lit(True),
            "is_entry": fn.lit(True),
            "added_at": moment_unless_epoch(fn.col("added_at")),
        }
    )
    return mentions.drop("read_number", "content_id")


PLAIN = PlainRows("tonearm_glue.plain_songs", _PLAIN_COLUMNS, _plain_mentions)


def _narrow(objects: DataFrame) -> DataFrame:
    """Of each object its track, once, and what else is asked for: whole entries are much to copy.

    The content of an entry is its `track`.
    """
    entry, other = fn.col("entry"), fn.col("other")
    about = fn.struct(
        entry["added_at"].alias("added_at"),
        entry["added_by"]["id"].alias("added_by_id"),
        entry["is_local"].alias("is_local"),
    )
    return objects.select(
        *_KEPT,
        "at",
        "is_first",
        "is_entry",
        "entry_kind",
        fn.when(entry.isNotNull(), about).alias("entry"),
        other["entry"].alias("track_at"),
        other["occurrence"].alias("track_occurrence"),
        other["album_id"].alias("track_album_id"),
        fn.coalesce(fn.col("content"), other["track"]).alias("track"),
    )


def _album_tracks() -> Column:
    """Tracks of album lines with the album's id and their place in the response."""
    album, page = fn.col("album")["body"], fn.col("album_tracks")["body"]
    from_path = fn.regexp_extract(fn.col("path"), _ALBUM_ID_IN_PATH, 1)
    batch = fn.transform(
        fn.col("albums")["body"]["albums"],
        lambda one, at: fn.transform(
            one["tracks"]["items"], lambda track, n: _album_track(at, n, one["id"], track)
        ),
    )
    first = fn.lit(0)
    return fn.when(
        fn.col("is_chosen"),
        fn.coalesce(
            fn.transform(
                album["tracks"]["items"],
                lambda track, n: _album_track(n, first, album["id"], track),
            ),
            fn.transform(page["items"], lambda track, n: _album_track(n, first, from_path, track)),
            fn.flatten(fn.filter(batch, lambda tracks: tracks.isNotNull())),
        ),
    )


def _album_track(entry: Column, occurrence: Column, album_id: Column, track: Column) -> Column:
    return fn.struct(
        entry.cast("int").alias("entry"),
        occurrence.cast("int").alias("occurrence"),
        text(album_id).alias("album_id"),
        track.alias("track"),
    )


def _details() -> Column:
    """A playlist line's own fields; NULL on all other lines."""
    body = fn.col(PLAYLIST)["body"]
    fields = fn.struct(
        text(body["name"]).alias("name"),
        text(body["description"]).alias("description"),
        text(body["owner"]["id"]).alias("owner_id"),
        text(body["owner"]["display_name"]).alias("owner_name"),
        flag(body["public"]).alias("is_public"),
        flag(body["collaborative"]).alias("is_collaborative"),
        whole(body["followers"]["total"], "bigint").alias("followers"),
        largest_image(body["images"]).alias("image_url"),
        text(body["external_urls"]["spotify"]).alias("spotify_url"),
        text(body["uri"]).alias("uri"),
    )
    return fn.when(fn.col("is_chosen") & body.isNotNull(), fields)


def _lacks_items() -> Column:
    """Whether a response that must hold a list does not."""
    page = (fn.col("kind").isin(*PLAYLIST_KINDS)) & (fn.col("kind") != PLAYLIST)
    return fn.col("is_chosen") & (
        (page & fn.col(PAGE)["body"]["items"].isNull())
        | ((fn.col("kind") == "album_tracks") & fn.col("album_tracks")["body"]["items"].isNull())
    )


def _kind_of_album_track() -> Column:
    return fn.when(fn.col("track").isNull(), e.MALFORMED).otherwise(
        e.kind_of_content(fn.col("track"), fn.lit(None).cast("string"))
    )


def _place() -> list[Column]:
    return [
        fn.col("raw_key"),
        fn.col("line"),
        fn.when(fn.col("is_entry"), fn.col("at")).otherwise(fn.col("track_at")).alias("entry"),
        fn.coalesce("track_occurrence", fn.lit(0)).alias("occurrence"),
        fn.col("is_first"),
        fn.col("is_chosen"),
        fn.col("read_key"),
        fn.col("playlist_id"),
        fn.col("snapshot_id"),
        fn.col("is_consistent"),
        fn.col("kind").isin(*PLAYLIST_KINDS).alias("is_playlist_line"),
        fn.when(fn.col("is_first"), fn.col("details")).alias("details"),
        fn.col("extracted_at"),
    ]


def _quarantine() -> list[Column]:
    """The entity a row is quarantined for, the reason and what was found; NULL for good rows."""
    track, album_track = fn.col("track"), fn.col("track_kind")
    bad_entry = fn.col("entry_kind") == e.MALFORMED
    bad_track = album_track != e.SONG
    lost_page = fn.col("lacks_items")
    reason_of_track = (
        fn.when(track.isNull(), e.NOT_AN_OBJECT)
        .when(album_track == e.MALFORMED, e.malformed_content(track))
        .otherwise(e.TRACK_NOT_A_SONG)
    )
    of_playlist = fn.col("kind").isin(*PLAYLIST_KINDS)
    return [
        fn.when(fn.col("problem").isNotNull(), "raw")
        .when(bad_entry | (lost_page & of_playlist), "playlist_entries")
        .when(bad_track | lost_page, "songs")
        .alias("quarantined_for"),
        fn.coalesce(
            fn.col("problem"),
            fn.when(lost_page, e.RESPONSE_WITHOUT_ITEMS),
            fn.when(bad_entry, e.reason_of_entry(fn.col("entry"), track)),
            fn.when(bad_track, reason_of_track),
        ).alias("reason_code"),
        fn.when(bad_entry | bad_track, fn.coalesce(text(track["uri"]), text(track["name"]))).alias(
            "reason_detail"
        ),
    ]


def _entry_fields() -> list[Column]:
    entry, content = fn.col("entry"), fn.col("track")
    is_episode = fn.col("entry_kind") == e.EPISODE
    in_album = fn.coalesce(content["show"]["name"], content["album"]["name"])
    return [
        fn.col("is_entry"),
        fn.coalesce(fn.col("entry_kind"), fn.col("track_kind")).alias("entry_kind"),
        fn.when(fn.col("is_entry"), fn.col("first_position") + fn.col("at")).alias("position"),
        fn.when(is_episode, text(content["id"])).alias("episode_id"),
        fn.when(fn.col("is_entry"), text(in_album)).alias("album_name"),
        moment_unless_epoch(entry["added_at"]).alias("added_at"),
        text(entry["added_by_id"]).alias("added_by_id"),
        flag(fn.coalesce(entry["is_local"], content["is_local"])).alias("is_local"),
    ]


def _track_fields() -> list[Column]:
    track = fn.col("track")
    is_song = fn.coalesce(fn.col("entry_kind"), fn.col("track_kind")) == e.SONG
    is_episode = fn.col("entry_kind") == e.EPISODE
    return [
        fn.when(is_song, text(track["id"])).alias("track_id"),
        text(track["name"]).alias("name"),
        fn.coalesce("track_album_id", text(track["album"]["id"])).alias("album_id"),
        whole(track["disc_number"], "int").alias("disc_number"),
        whole(track["track_number"], "int").alias("track_number"),
        whole(track["duration_ms"], "bigint").alias("duration_ms"),
        flag(track["explicit"]).alias("is_explicit"),
        flag(track["is_playable"]).alias("is_playable"),
        whole(track["popularity"], "int").alias("popularity"),
        text(track["external_ids"]["isrc"]).alias("isrc_text"),
        fn.when(is_song, text(track["linked_from"]["id"])).alias("linked_from_track_id"),
        fn.when(~is_episode | is_episode.isNull(), credits_of(track["artists"])).alias("artists"),
        text(track["external_urls"]["spotify"]).alias("spotify_url"),
        text(track["uri"]).alias("uri"),
        (fn.col("is_entry") & track["album"].isNotNull()).alias("is_full_object"),
    ]
