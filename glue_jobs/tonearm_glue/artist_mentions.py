"""The artists job's one pass over raw: every credit on a track or album, every artist object."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as fn

from tonearm_glue import entries as e
from tonearm_glue.lines import Body
from tonearm_glue.objects import (
    album_shape,
    one_row_per_object,
    playlist_bodies,
    with_entries,
    with_entry_kind,
)
from tonearm_glue.plain import PlainRows
from tonearm_glue.schemas import IMAGES, KIND_FIELDS, URLS, array, page_of, struct, texts
from tonearm_glue.values import largest_image, text, whole
from tonearm_glue.values import texts as list_of_texts
from tonearm_glue.winners import counted, plain_mentions

_ARTIST = struct(
    **texts("id", "name", "popularity", "uri"),
    external_urls=URLS,
    genres=array("string"),
    followers=struct(**texts("total")),
    images=IMAGES,
)
_ARTISTS = array(_ARTIST)
_TRACK = struct(**KIND_FIELDS, artists=_ARTISTS, album=struct(**texts("type"), artists=_ARTISTS))
_ALBUM = album_shape(_TRACK, artists=_ARTISTS)
BODIES = {
    **playlist_bodies(_TRACK),
    "album": Body(("album",), _ALBUM),
    "album_tracks": Body(("album_tracks",), page_of(_TRACK)),
    "albums": Body(("albums",), struct(albums=array(_ALBUM))),
    "artist_albums": Body(("artist_albums",), page_of(struct(artists=_ARTISTS))),
    "artist": Body(("artist",), _ARTIST),
    "artists": Body(("artists",), struct(artists=_ARTISTS)),
}
_FULL_KINDS = ("artist", "artists")
_PLAIN_COLUMNS = (
    "artist_id string, name string, genres array<string>, popularity int, followers bigint, "
    "image_url string, spotify_url string, uri string, extracted_at timestamp, copies int, "
    "lines int"
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


def artist_mentions(lines: DataFrame) -> DataFrame:
    """One row per credit or artist object, and at least one per line, with what the table needs."""
    objects = (
        lines.transform(with_entries)
        .select("*", _others().alias("others"), _lacks_items().alias("lacks_items"))
        .transform(one_row_per_object, _KEPT)
        .transform(with_entry_kind)
    )
    named = fn.coalesce(
        fn.when(fn.col("entry_kind") == e.SONG, _of_track_and_album(fn.col("content"))),
        fn.col("other")["artists"],
    )
    place = fn.when(fn.col("is_entry"), fn.col("at")).otherwise(fn.col("other")["entry"])
    artists = objects.select(
        *_KEPT,
        "is_first",
        place.alias("entry"),
        fn.posexplode_outer(named).alias("occurrence", "artist"),
    )
    return artists.select(*_place(), *_quarantine(), *_artist_fields()).transform(counted)


PLAIN = PlainRows("tonearm_glue.plain_artists", _PLAIN_COLUMNS, plain_mentions)


def _others() -> Column:
    """Lists of artists outside playlists, each with its place in the response."""
    album, albums = fn.col("album")["body"], fn.col("albums")["body"]["albums"]
    one, several = fn.col("artist")["body"], fn.col("artists")["body"]["artists"]
    of_album = fn.concat(
        fn.array(_named(fn.lit(None), album["artists"])),
        fn.coalesce(fn.transform(album["tracks"]["items"], _named_on_track), fn.array()),
    )
    return fn.when(
        fn.col("is_chosen"),
        fn.coalesce(
            fn.when(album.isNotNull(), of_album),
            fn.transform(fn.col("album_tracks")["body"]["items"], _named_on_track),
            fn.transform(albums, lambda album, at: _named(at, _of_album_and_tracks(album))),
            fn.transform(
                fn.col("artist_albums")["body"]["items"],
                lambda album, at: _named(at, album["artists"]),
            ),
            fn.when(one.isNotNull(), fn.array(_named(fn.lit(None), fn.array(one)))),
            fn.transform(several, lambda artist, at: _named(at, fn.array(artist))),
        ),
    )


def _named(entry: Column, artists: Column) -> Column:
    return fn.struct(entry.cast("int").alias("entry"), artists.alias("artists"))


def _named_on_track(track: Column, entry: Column) -> Column:
    return _named(entry, _of_song(track))


def _of_song(track: Column) -> Column:
    """Credits of an album's track, if it is a song."""
    kind = e.kind_of_content(track, fn.lit(None).cast("string"))
    return fn.when(track.isNotNull() & (kind == e.SONG), track["artists"])


def _of_track_and_album(track: Column) -> Column:
    return fn.concat(_or_none(track["artists"]), _or_none(track["album"]["artists"]))


def _of_album_and_tracks(album: Column) -> Column:
    on_tracks = fn.transform(
        _or_none(album["tracks"]["items"]), lambda track: _or_none(_of_song(track))
    )
    return fn.concat(_or_none(album["artists"]), fn.flatten(on_tracks))


def _or_none(values: Column) -> Column:
    return fn.coalesce(values, fn.array())


def _lacks_items() -> Column:
    kind = fn.col("kind")
    return fn.col("is_chosen") & (
        ((kind == "artists") & fn.col("artists")["body"]["artists"].isNull())
        | ((kind == "artist") & fn.col("artist")["body"].isNull())
    )


def _place() -> list[Column]:
    is_first = fn.col("is_first") & (fn.coalesce(fn.col("occurrence"), fn.lit(0)) == 0)
    return [
        fn.col("raw_key"),
        fn.col("line"),
        fn.col("entry"),
        fn.coalesce(fn.col("occurrence"), fn.lit(0)).alias("occurrence"),
        is_first.alias("is_first"),
        fn.col("is_chosen"),
        fn.col("problem"),
        fn.col("extracted_at"),
    ]


def _quarantine() -> list[Column]:
    """Why an artist is refused, and what it is called; NULL for good ones and for no object."""
    artist = fn.col("artist")
    reason = fn.when(fn.col("lacks_items"), e.RESPONSE_WITHOUT_ITEMS).when(
        fn.col("occurrence").isNotNull(),
        fn.when(artist.isNull(), e.NOT_AN_OBJECT).when(
            text(artist["id"]).isNull(), e.ARTIST_WITHOUT_ID
        ),
    )
    return [
        reason.alias("reason_code"),
        fn.when(reason.isNotNull(), fn.coalesce(text(artist["uri"]), text(artist["name"]))).alias(
            "reason_detail"
        ),
    ]


def _artist_fields() -> list[Column]:
    artist = fn.col("artist")
    return [
        text(artist["id"]).alias("artist_id"),
        text(artist["name"]).alias("name"),
        list_of_texts(artist["genres"]).alias("genres"),
        whole(artist["popularity"], "int").alias("popularity"),
        whole(artist["followers"]["total"], "bigint").alias("followers"),
        largest_image(artist["images"]).alias("image_url"),
        text(artist["external_urls"]["spotify"]).alias("spotify_url"),
        text(artist["uri"]).alias("uri"),
        fn.col("kind").isin(*_FULL_KINDS).alias("is_full_object"),
    ]
