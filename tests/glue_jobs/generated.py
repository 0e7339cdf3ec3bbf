"""Made-up responses: every recorded oddity, and some that were not, mixed by a seeded die."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.glue_jobs.raw_files import RawRun, raw_line

Json = Any

_PARTS = 3
_MOMENTS = ("2024-05-11T06:00:00.000001Z", "2024-05-11T06:00:00Z", "2024-05-11T08:30:00+02:00")
_NAMES = (
    *("One", "Été", "東京", "أسياد الصوت", "☆🎵", 'a "b" \\ | c', " spaced ", "1234", "Аригато"),
    *("", "line\nbreak", "tab\there", "\u2028", "null", "{}"),
)
_BORDERS = [
    border + beyond for border in (1 << 31, -(1 << 31), 1 << 63, -(1 << 63)) for beyond in (-1, 0)
]
_NUMBERS = (
    *(0, 1, 7, 55, 210000.0, 3.0, 3.5, "12", "12.0", "many", "", -1, 3_000_000_000, 1 << 60),
    *(form(border) for border in _BORDERS for form in (int, float, str)),
    *(1e19, -1e19, "1e400", "12d", " 12 "),
)
_DATES: tuple[Json, ...] = (
    *("2016-01-01", "1983", "1962-02", "0000", "0000-00-00", "", "2023-02-29", "2024-02-29"),
    *("2021-13", "soon", 1999, {"year": 1983, "month": None, "day": None}),
    *({"year": 1971, "month": 8, "day": 9.0}, {"year": 1971, "month": 2, "day": 31}, {}),
)
_ADDED = (
    *("2021-02-26T14:30:31Z", "1970-01-01T00:00:00Z", "2021-02-26T14:30:31.25Z", "2021-02-26"),
    *("2021-02-26T14:30:31+02:00", "2021-02-30T00:00:00Z", "yesterday", "", 5),
)
_CODES = ("USUG12002597", "uscgh1260174", "GB-AYE-69-00531", "short", "", 12)
_FLAGS = (True, False, "true", "false", "maybe", 1)
_WIDTHS = (64, 640, 300.0, "640")
_WRONG: tuple[Json, ...] = (True, 5, "text", [], ["a", None], {"a": 1})


@dataclass(frozen=True)
class Pools:
    """The values that the die chooses from, per kind of field."""

    names: tuple[Json, ...] = _NAMES
    numbers: tuple[Json, ...] = _NUMBERS
    dates: tuple[Json, ...] = _DATES
    added: tuple[Json, ...] = _ADDED
    codes: tuple[Json, ...] = _CODES
    flags: tuple[Json, ...] = _FLAGS
    widths: tuple[Json, ...] = _WIDTHS


PLAIN_POOLS = Pools(
    numbers=(0, 1, 7, 55, 210000.0, 3.0, None),
    dates=("2016-01-01", "1983", "1962-02", "0000", "2023-02-29", None),
    codes=("USUG12002597", "uscgh1260174", "GB-AYE-69-00531", "short", "", None),
    added=("2021-02-26T14:30:31Z", "1970-01-01T00:00:00Z", "2021-02-26", "yesterday", "", None),
    flags=(True, False, None),
    widths=(64, 640, 300.0, None),
)
"""Values of their usual types alone."""


def generated_run(responses: int, seed: int = 4, pools: Pools | None = None) -> RawRun:
    """A run over this many made-up responses; every second one also holds values of wrong types."""
    run, lines, random = RawRun(), [], Random(seed)
    for number in range(responses):
        make = _Maker(random, pools or Pools(), is_odd=number % 2 == 1)
        kind, body = make.response()
        source = f"spotify:playlist:{number:022d}"
        path = f"albums/{number:022d}/tracks" if kind == "album_tracks" else kind
        fields = {
            "params": {"offset": make.one(None, 0, 50, "100")},
            "fetched_at": make.one(*_MOMENTS),
            "path": path,
        }
        lines.append(raw_line(kind, body, source, **fields))
        if number % 9 == 8:
            run.superseded.append({"source": source, "read": 1})
        if number % 7 != 6:
            run.add_playlist(f"{number:022d}", source, number, is_consistent=number % 5 != 0)
    for part in range(_PARTS):
        run.add_part(lines[part::_PARTS])
    return run


def pages_of_one_entry(entries: int, seed: int = 4) -> RawRun:
    """A run of so many entries on a page each, of values of their usual types, mixed with nulls."""
    run, maker = RawRun(), _Maker(Random(seed), PLAIN_POOLS, is_odd=False)
    lines = []
    for number in range(entries):
        source = f"spotify:playlist:{number:022d}"
        body = {"items": [maker.entry()], "offset": maker.one(0, 50, 50.0, None)}
        moment = maker.one(*_MOMENTS)
        lines.append(raw_line("playlist_items", body, source, fetched_at=moment))
        run.add_playlist(f"{number:022d}", source, 1)
    for first in range(0, entries, 1 + entries // _PARTS):
        run.add_part(lines[first : first + 1 + entries // _PARTS])
    return run


class _Maker:
    """Makes objects that now and then lack a field or say null and, when odd, hold wrong types."""

    def __init__(self, random: Random, pools: Pools, *, is_odd: bool) -> None:
        self._random = random
        self._pools = pools
        self._is_odd = is_odd

    def one(self, *right: Json) -> Json:
        """One of these."""
        return self._random.choice(right)

    def now_and_then(self, share: float = 0.04) -> bool:
        """True once in a while."""
        return self._random.random() < share

    def maybe(self, right: Json) -> Json:
        """This, but for the odd null or wrong type."""
        if self._is_odd and self.now_and_then(0.02):
            return self.one(*_WRONG)
        return None if self.now_and_then() else right

    def value(self, *right: Json) -> Json:
        """One of these, but for the odd null or wrong type."""
        return self.maybe(self.one(*right))

    def thing(self, **fields: Json) -> Json:
        """An object that may lack a field."""
        return {name: value for name, value in fields.items() if not self.now_and_then()}

    def list_of(self, make: Callable[[], Json], most: int = 5) -> Json:
        """A list with the odd null in it."""
        return [self.maybe(make()) for _ in range(self._random.randint(0, most))]

    def response(self) -> tuple[str, Json]:
        """A kind of response and its body."""
        bodies: dict[str, Callable[[], Json]] = {
            "playlist_items": lambda: self.page(self.entry, 12),
            "saved_tracks": lambda: self.page(self.entry, 12),
            "playlist": self.playlist,
            "album": lambda: self.maybe(self.album()),
            "album_tracks": lambda: self.page(self.track),
            "albums": lambda: self.thing(albums=self.maybe(self.list_of(self.album))),
            "artist_albums": lambda: self.page(self.album),
            "artist": lambda: self.maybe(self.artist()),
            "artists": lambda: self.thing(artists=self.maybe(self.list_of(self.artist))),
        }
        kind = self.one(*("playlist_items",) * 6, *("playlist",) * 3, *bodies)
        return kind, bodies[kind]()

    def page(self, make: Callable[[], Json], most: int = 5) -> Json:
        """A page of a list."""
        return self.thing(
            items=self.maybe(self.list_of(make, most)), offset=self.value(0, 50, "50", 50.0)
        )

    def identified(self, prefix: str, ids: int, **fields: Json) -> Json:
        """An object that nearly always has an id, of few, so that objects meet again."""
        return self.thing(id=self.value(*(f"{prefix}{n}" for n in range(ids))), **fields)

    def addresses(self) -> dict[str, Json]:
        """Where an object is shown."""
        image = lambda: self.thing(  # noqa: E731
            url=self.one("u1", "u2", "u3", ""), width=self.value(*self._pools.widths)
        )
        return {
            "external_urls": self.maybe(self.thing(spotify=self.value("https://o/1", ""))),
            "images": self.maybe(self.list_of(image)),
            "uri": self.value("spotify:thing:1", ""),
        }

    def credited(self) -> Json:
        """Credits of a track or album."""
        return self.maybe(
            self.list_of(lambda: self.identified("artist", 40, name=self.value(*self._pools.names)))
        )

    def artist(self) -> Json:
        """A full artist."""
        return self.identified(
            "artist",
            40,
            name=self.value(*self._pools.names),
            genres=self.maybe(self.list_of(lambda: self.one("rock", "", "日本"))),
            popularity=self.value(*self._pools.numbers),
            followers=self.maybe(self.thing(total=self.value(*self._pools.numbers))),
            **self.addresses(),
        )

    def album(self) -> Json:
        """An album with a page of tracks."""
        return {**self.plain_album(), "tracks": self.maybe(self.page(self.track))}

    def plain_album(self) -> Json:
        """An album."""
        return self.identified(
            "album",
            60,
            name=self.value(*self._pools.names),
            album_type=self.value("album", "ALBUM", "compilation", ""),
            release_date=self.value(*self._pools.dates),
            release_date_precision=self.value("year", "month", "day", "DAY", ""),
            total_tracks=self.value(*self._pools.numbers),
            label=self.value("Label", ""),
            popularity=self.value(*self._pools.numbers),
            external_ids=self.maybe(self.thing(upc=self.value("00602", ""))),
            genres=self.maybe(self.list_of(lambda: self.one("rock", "", "日本"))),
            artists=self.credited(),
            **self.addresses(),
        )

    def track(self, **fields: Json) -> Json:
        """A track as an album holds it, or with an album of its own among `fields`."""
        uri = self.value(*("spotify:track:1",) * 20, "spotify:local:a:b:c:1", "spotify:episode:1")
        facts = {
            **{name: self.value(*self._pools.flags) for name in ("explicit", "is_playable")},
            **{name: self.value(*self._pools.numbers) for name in ("duration_ms", "popularity")},
            **{name: self.value(*self._pools.numbers) for name in ("disc_number", "track_number")},
            "type": self.value(*("track",) * 20, "TRACK", "episode", "ad"),
            "is_local": self.value(*(False,) * 20, True),
            "external_ids": self.maybe(self.thing(isrc=self.value(*self._pools.codes))),
            "linked_from": self.maybe(self.thing(id=self.value("track90", "track91"))),
            "artists": self.credited(),
            "track": True,
            "episode": False,
        }
        named = {**self.addresses(), "uri": uri, "name": self.value(*self._pools.names)}
        return self.identified("track", 90, **named, **facts, **fields)

    def content(self) -> Json:
        """What an entry holds: mostly a track, else an episode or a local file."""
        draw = self._random.random()
        if draw < 0.05:
            return self.track(show=self.thing(name="A show"))
        if draw < 0.1:
            return self.track(album={"id": "show1", "type": "show", "name": "A show"})
        album = self.maybe(self.plain_album())
        if draw < 0.15:
            local = {"id": None, "uri": "spotify:local:A:B:C:9", "is_local": True}
            return {**self.track(album=album), **local}
        return self.track(album=album)

    def entry(self) -> Json:
        """A playlist entry in one of its shapes."""
        around = self.thing(
            added_at=self.value(*self._pools.added),
            added_by=self.maybe(self.thing(id=self.value("someone", ""))),
            is_local=self.value(*(False,) * 20, True, "true"),
        )
        content, boolean = self.content(), self.one(True, False)
        shapes: tuple[Json, ...] = (
            *({"track": content}, {"item": content}) * 8,
            {"item": content, "track": self.content()},
            {"item": content, "track": boolean},
            {"item": boolean, "track": content},
            {"item": boolean, "track": None},
            {"track": None},
            {"item": None},
            {"item": boolean},
            {},
        )
        return {**around, **self.one(*shapes)}

    def playlist(self) -> Json:
        """A whole playlist with its first page under its new name, its old one, or both."""
        new, old = self.page(self.entry, 12), self.page(self.entry, 12)
        pages = self.one({"items": new}, {"tracks": old}, {"items": new, "tracks": old})
        if self.now_and_then():
            pages = {"items": {"href": "h", "total": 3}, "tracks": old}
        return self.thing(
            **pages,
            name=self.value(*self._pools.names),
            description=self.value("", "<a href=x>y</a> &amp;"),
            public=self.value(*self._pools.flags),
            collaborative=self.value(*self._pools.flags),
            owner=self.maybe(
                self.thing(id=self.value("me", ""), display_name=self.value(*self._pools.names))
            ),
            followers=self.maybe(self.thing(total=self.value(*self._pools.numbers))),
            **self.addresses(),
        )
