"""The albums job's one pass over raw: every album object, full or simplified, as one row."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as fn

from tonearm_glue import entries as e
from tonearm_glue.lines import Body
from tonearm_glue.objects import one_row_per_object, playlist_bodies, with_entries, with_entry_kind
from tonearm_glue.plain import PlainRows
from tonearm_glue.schemas import IMAGES, KIND_FIELDS, URLS, array, page_of, struct, texts
from tonearm_glue.values import (
    credits_of,
    largest_image,
    release_date_precision,
    release_date_text,
    text,
    whole,
)
from tonearm_glue.values import texts as list_of_texts
from tonearm_glue.winners import counted, plain_mentions

_ALBUM = struct(
    **texts("id", "name", "type", "album_type", "release_date", "release_date_precision"),
    **texts("total_tracks", "label", "popularity", "uri"),
    external_ids=struct(**texts("upc")),
    external_urls=URLS,
    genres=array("string"),
    artists=array(struct(**texts("id", "name"))),
    images=IMAGES,
)
BODIES = {
    **playlist_bodies(struct(**KIND_FIELDS, album=_ALBUM)),
    "album": Body(("album",), _ALBUM),
    "albums": Body(("albums",), struct(albums=array(_ALBUM))),
    "artist_albums": Body(("artist_albums",), page_of(_ALBUM)),
}
_FULL_KINDS = ("album", "albums")
_PLAIN_COLUMNS = (
    "album_id string, name string, album_type string, release_date_text string, "
    "release_date_precision string, total_tracks int, label string, popularity int, upc string, "
    "genres array<string>, artists array<struct<artist_id:string,name:string>>, image_url string, "
    "spotify_url string, uri string, extracted_at timestamp, copies int, lines int"
)
_KEPT = (
    "raw_key",
    "line",
    "kind",
    "problem",
    "is_chosen",
    "lacks_items",
    "extracted_at",
)


def album_mentions(lines: DataFrame) -> DataFrame:
    """One row per album object, and at least one per line, with what the table needs."""
    objects = (
        lines.transform(with_entries)
        .select("*", _albums().alias("others"), _lacks_items().alias("lacks_items"))
        .transform(one_row_per_object, _KEPT)
        .transform(with_entry_kind)
    )
    of_song = fn.when(fn.col("entry_kind") == e.SONG, fn.col("content")["album"])
    albums = objects.withColumn("album", fn.coalesce(of_song, fn.col("other"))).withColumn(
        "release_date_text", release_date_text(fn.col("album")["release_date"])
    )
    return albums.select(*_place(), *_quarantine(), *_album_fields()).transform(counted)


PLAIN = PlainRows("tonearm_glue.plain_albums", _PLAIN_COLUMNS, plain_mentions)


def _albums() -> Column:
    one = fn.col("album")["body"]
    return fn.when(
        fn.col("is_chosen"),
        fn.coalesce(
            fn.when(one.isNotNull(), fn.array(one)),
            fn.col("albums")["body"]["albums"],
            fn.col("artist_albums")["body"]["items"],
        ),
    )


def _lacks_items() -> Column:
    kind = fn.col("kind")
    return fn.col("is_chosen") & (
        ((kind == "albums") & fn.col("albums")["body"]["albums"].isNull())
        | ((kind == "artist_albums") & fn.col("artist_albums")["body"]["items"].isNull())
        | ((kind == "album") & fn.col("album")["body"].isNull())
    )


def _place() -> list[Column]:
    is_in_list = fn.col("kind") != "album"
    return [
        fn.col("raw_key"),
        fn.col("line"),
        fn.when(is_in_list, fn.col("at")).alias("entry"),
        fn.lit(0).alias("occurrence"),
        fn.col("is_first"),
        fn.col("is_chosen"),
        fn.col("problem"),
        fn.col("extracted_at"),
    ]


def _quarantine() -> list[Column]:
    """Why an object is refused, and what it is called; NULL for good ones and for no object."""
    album, is_other = fn.col("album"), fn.col("at").isNotNull() & ~fn.col("is_entry")
    reason = (
        fn.when(fn.col("lacks_items"), e.RESPONSE_WITHOUT_ITEMS)
        .when(is_other & album.isNull(), e.NOT_AN_OBJECT)
        .when(album.isNotNull() & text(album["id"]).isNull(), e.ALBUM_WITHOUT_ID)
    )
    return [
        reason.alias("reason_code"),
        fn.when(reason.isNotNull(), fn.coalesce(text(album["uri"]), text(album["name"]))).alias(
            "reason_detail"
        ),
    ]


def _album_fields() -> list[Column]:
    album = fn.col("album")
    date_text = fn.col("release_date_text")
    return [
        text(album["id"]).alias("album_id"),
        text(album["name"]).alias("name"),
        fn.lower(text(album["album_type"])).alias("album_type"),
        date_text,
        release_date_precision(
            album["release_date"], date_text, album["release_date_precision"]
        ).alias("release_date_precision"),
        whole(album["total_tracks"], "int").alias("total_tracks"),
        text(album["label"]).alias("label"),
        whole(album["popularity"], "int").alias("popularity"),
        text(album["external_ids"]["upc"]).alias("upc"),
        list_of_texts(album["genres"]).alias("genres"),
        credits_of(album["artists"]).alias("artists"),
        largest_image(album["images"]).alias("image_url"),
        text(album["external_urls"]["spotify"]).alias("spotify_url"),
        text(album["uri"]).alias("uri"),
        fn.col("kind").isin(*_FULL_KINDS).alias("is_full_object"),
    ]
