"""How values are written: unknown is "not available", never 0, and names cannot become markup."""

import re
from typing import Any

NOT_AVAILABLE = "not available"
SPOTIFY = "https://open.spotify.com/"
_MARKUP = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:&])")
_URI = re.compile(r"spotify:(track|episode|album|artist|playlist):([A-Za-z0-9]+)")
MINUTES_A_DAY = 24 * 60


def value(found: Any) -> str:
    """A number, date or word as it stands in a table; None is said to be not available."""
    if found is None:
        return NOT_AVAILABLE
    if isinstance(found, bool):
        return "yes" if found else "no"
    if isinstance(found, int):
        return f"{found:,}"
    return text(str(found))


def text(found: str) -> str:
    """A text of somebody else's, without any meaning as markup."""
    return _MARKUP.sub(r"\\\1", " ".join(found.split()))


def share(found: Any) -> str:
    """A share of one as a percentage."""
    return NOT_AVAILABLE if found is None else f"{float(found):.1%}"


def place(found: int | None) -> str:
    """A position, counted from 1 as people do; empty where there is none."""
    return "" if found is None else str(found + 1)


def link(name: str | None, url: str | None) -> str:
    """A name that leads back to Spotify; only Spotify's own pages are linked."""
    words = NOT_AVAILABLE if name is None else text(name)
    if url is None or not url.startswith(SPOTIFY) or re.search(r"[\s()<>]", url):
        return words
    return f"[{words}]({url})"


def page_of(uri: str | None) -> str | None:
    """Spotify's page of a URI; None for one without a page, as a local file's."""
    found = _URI.fullmatch(uri or "")
    return f"{SPOTIFY}{found[1]}/{found[2]}" if found else None


def age(minutes: int) -> str:
    """How long ago, in the largest unit that says something."""
    for unit, length in (("days", MINUTES_A_DAY), ("h", 60)):
        if minutes >= 2 * length:
            return f"{minutes // length} {unit} ago"
    return f"{minutes} min ago"
