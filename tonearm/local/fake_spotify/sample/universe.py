"""Every artist, album and song the sample catalogue can hold, built once per seed.

A fixed stock of albums, and one single a week on Fridays, so that there is always new music. Each
thing is made once, so it is only equal to itself, which keeps looking it up cheap.
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from tonearm.local.fake_spotify.ids import VARIOUS_ARTISTS_ID, base62_id
from tonearm.local.fake_spotify.sample import words
from tonearm.local.fake_spotify.sample.draw import Draw
from tonearm.local.fake_spotify.sample.naming import album_name, artist_name, isrc, song_title

ARTIST_COUNT = 130
DISCS_AND_SONGS = ((1,), (2,), (4,), (9,), (10,), (11,), (12,), (14,), (9, 9))
"""How many songs are on each disc of a release."""
LARGEST_SINGLE = 4
FIRST_FRIDAY = date(2019, 1, 4)
"""Weekly singles begin here."""
LAST_FRIDAY = date(2099, 12, 25)
"""Weekly singles end here; days after it still work, without newer music."""


@dataclass(frozen=True, slots=True, eq=False)
class Artist:
    """One made-up artist."""

    artist_id: str
    name: str
    genres: tuple[str, ...] = ()
    popularity: int = 0
    followers: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """One made-up recording; `number` counts from 1 on its disc."""

    track_id: str
    title: str
    artists: tuple[Artist, ...]
    disc: int
    number: int
    duration_ms: int
    is_explicit: bool
    isrc: str
    popularity: int


@dataclass(frozen=True, slots=True, eq=False)
class Album:
    """One made-up release; `released` is the day, `precision` how much of it is told."""

    album_id: str
    name: str
    album_type: str
    artists: tuple[Artist, ...]
    released: date
    precision: str
    label: str
    tracks: tuple[Track, ...]
    popularity: int

    @property
    def release_date(self) -> str:
        """The release date as far as it is told: `1999`, `1999-05` or `1999-05-17`."""
        return self.released.isoformat()[: {"year": 4, "month": 7, "day": 10}[self.precision]]


VARIOUS_ARTISTS = Artist(VARIOUS_ARTISTS_ID, "Various Artists")


@dataclass(frozen=True)
class Universe:
    """All music of one seed that is out on one day, in order of release."""

    artists: tuple[Artist, ...]
    albums: tuple[Album, ...]
    release_days: tuple[date, ...]
    """The release day of each song in `songs`, for searching."""
    songs: tuple[tuple[Album, Track], ...]

    def count_released(self, day: date) -> int:
        """How many of `songs`, from the first, are out on `day`."""
        return bisect_right(self.release_days, day)


@cache
def stock(seed: int) -> tuple[tuple[Artist, ...], tuple[Album, ...]]:
    """The artists of a seed, and their albums without the weekly singles."""
    artists = tuple(_artist(seed, number) for number in range(ARTIST_COUNT))
    albums = [
        _album(seed, artist, number)
        for artist in artists
        for number in range(1 + Draw(seed, "albums of", artist.artist_id).below(3))
    ]
    albums += [_compilation(seed, artists, name) for name in words.COMPILATIONS]
    return artists, tuple(albums)


@cache
def weekly_single(seed: int, friday: date) -> Album:
    """The single that comes out on one Friday."""
    artists, _ = stock(seed)
    draw = Draw(seed, "single", friday)
    lead = draw.pick(artists)
    album_id = base62_id(seed, "single", friday)
    guests = _guests(seed, album_id, 1, 1)
    track = _track(seed, album_id, 1, 1, (lead, *guests))
    return _release(
        seed, album_id, track.title, "single", artists=(lead,), released=friday, tracks=(track,)
    )


def universe(seed: int, day: date) -> Universe:
    """All music of the seed, with the weekly singles that are out on `day`."""
    end = min(max(day, FIRST_FRIDAY), LAST_FRIDAY)
    return _universe_with(seed, (end - FIRST_FRIDAY).days // 7 + 1)


@cache
def _universe_with(seed: int, singles: int) -> Universe:
    artists, albums = stock(seed)
    fridays = (FIRST_FRIDAY + timedelta(weeks=week) for week in range(singles))
    released = sorted(
        (*albums, *(weekly_single(seed, friday) for friday in fridays)),
        key=lambda album: (album.released, album.album_id),
    )
    songs = tuple((album, track) for album in released for track in album.tracks)
    days = tuple(album.released for album, _ in songs)
    return Universe((*artists, VARIOUS_ARTISTS), tuple(released), days, songs)


@cache
def _artist(seed: int, number: int) -> Artist:
    draw = Draw(seed, "artist", number)
    popularity = draw.below(92)
    return Artist(
        artist_id=base62_id(seed, "artist", number),
        name=artist_name(draw, number),
        genres=tuple({draw.pick(words.GENRES): None for _ in range(draw.below(3))}),
        popularity=popularity,
        followers=popularity**3 + draw.below(900),
    )


def _album(seed: int, artist: Artist, number: int) -> Album:
    album_id = base62_id(seed, "album", artist.artist_id, number)
    draw = Draw(seed, "album", album_id)
    discs = draw.pick(DISCS_AND_SONGS)
    tracks = tuple(
        _track(seed, album_id, disc, song, (artist, *_guests(seed, album_id, disc, song)))
        for disc, songs in enumerate(discs, start=1)
        for song in range(1, songs + 1)
    )
    is_single = len(tracks) <= LARGEST_SINGLE
    return _release(
        seed,
        album_id,
        tracks[0].title if is_single else album_name(draw),
        "single" if is_single else "album",
        artists=(artist,),
        released=date(draw.between(1966, 2025), 1, 1) + timedelta(days=draw.below(365)),
        tracks=tracks,
    )


def _compilation(seed: int, artists: tuple[Artist, ...], name: str) -> Album:
    album_id = base62_id(seed, "compilation", name)
    draw = Draw(seed, "compilation", album_id)
    tracks = tuple(
        _track(seed, album_id, 1, number, (Draw(seed, album_id, number).pick(artists),))
        for number in range(1, draw.between(10, 16) + 1)
    )
    released = date(draw.between(1979, 2023), 1, 1) + timedelta(days=draw.below(365))
    return _release(
        seed,
        album_id,
        name,
        "compilation",
        artists=(VARIOUS_ARTISTS,),
        released=released,
        tracks=tracks,
    )


def _release(
    seed: int,
    album_id: str,
    name: str,
    album_type: str,
    *,
    artists: tuple[Artist, ...],
    released: date,
    tracks: tuple[Track, ...],
) -> Album:
    draw = Draw(seed, "release", album_id)
    return Album(
        album_id=album_id,
        name=name,
        album_type=album_type,
        artists=artists,
        released=released,
        precision=_precision(draw, released),
        label=draw.pick(words.LABELS),
        tracks=tracks,
        popularity=draw.below(80),
    )


def _track(seed: int, album_id: str, disc: int, number: int, credits_: tuple[Artist, ...]) -> Track:
    draw = Draw(seed, "track", album_id, disc, number)
    artists = tuple(dict.fromkeys(credits_))
    guests = " & ".join(guest.name for guest in artists[1:])
    name = song_title(draw) + (f" (feat. {guests})" if guests else "")
    return Track(
        track_id=base62_id(seed, "track", album_id, disc, number),
        title=name,
        artists=artists,
        disc=disc,
        number=number,
        duration_ms=draw.between(95_000, 411_000),
        is_explicit=draw.chance(9),
        isrc=isrc(draw),
        popularity=draw.below(85),
    )


def _guests(seed: int, album_id: str, disc: int, song: int) -> tuple[Artist, ...]:
    """Nobody on most songs, one or two others on some."""
    draw = Draw(seed, "guests", album_id, disc, song)
    wanted = draw.pick((0, 0, 0, 0, 0, 0, 0, 1, 1, 2))
    return tuple(_artist(seed, draw.below(ARTIST_COUNT)) for _ in range(wanted))


def _precision(draw: Draw, released: date) -> str:
    if released >= FIRST_FRIDAY:
        return "day"
    return draw.pick(("year", "year", "month", "day", "day", "day", "day", "day"))
