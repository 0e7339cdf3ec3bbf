"""Names of artists, albums and songs, and the codes of recordings."""

from tonearm.local.fake_spotify.sample import words
from tonearm.local.fake_spotify.sample.draw import Draw


def artist_name(draw: Draw, number: int) -> str:
    """A band, a person, or one of the few whose names are in other scripts."""
    if number < len(words.OTHER_SCRIPTS):
        return words.OTHER_SCRIPTS[number]
    person = f"{draw.pick(words.GIVEN_NAMES)} {draw.pick(words.FAMILY_NAMES)}"
    band = f"The {draw.pick(words.ADJECTIVES)} {draw.pick(words.NOUNS)}"
    place = f"{draw.pick(words.NOUNS)} of {draw.pick(words.PLACES)}"
    return draw.pick((person, person, band, place))


def album_name(draw: Draw) -> str:
    """The name of an album."""
    plain = f"{draw.pick(words.ADJECTIVES)} {draw.pick(words.NOUNS)}"
    scene = f"{draw.pick(words.NOUNS)} {draw.pick(words.MOMENTS)}"
    letters = f"Letters from {draw.pick(words.PLACES)}"
    return draw.pick((plain, scene, letters))


def song_title(draw: Draw) -> str:
    """The name of a song: mostly plain, some with a version, a few that trip up careless code."""
    if draw.chance(2):
        return draw.pick(words.ODD_TITLES)
    if draw.chance(7):
        return draw.pick(words.SONGS_IN_OTHER_SCRIPTS)
    version = draw.pick(words.VERSIONS).format(place=draw.pick(words.PLACES))
    return _plain_title(draw) + (f" - {version}" if draw.chance(12) else "")


def isrc(draw: Draw) -> str:
    """Mostly as the standard writes it; a few in lower case or with hyphens, as on Spotify."""
    country = draw.pick(("GB", "SE", "US", "DE", "FR", "QZ"))
    owner = draw.pick(("LTR", "PLN", "K7C"))
    year, serial = draw.below(100), draw.below(100_000)
    code = f"{country}{owner}{year:02}{serial:05}"
    if draw.chance(2):
        return code.lower()
    return f"{country}-{owner}-{year:02}-{serial:05}" if draw.chance(2) else code


def _plain_title(draw: Draw) -> str:
    thing = f"{draw.pick(words.ADJECTIVES)} {draw.pick(words.NOUNS)}"
    scene = f"{draw.pick(words.PLACES)} {draw.pick(words.MOMENTS)}"
    person = f"Song for {draw.pick(words.GIVEN_NAMES)}"
    mood = f"{draw.pick(words.ADJECTIVES)} {draw.pick(words.MOMENTS)}"
    return draw.pick((thing, scene, person, mood))
