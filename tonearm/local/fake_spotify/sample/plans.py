"""The playlists of the sample account: how big they are and how often they are edited."""

from dataclasses import dataclass
from datetime import date, timedelta

from tonearm.local.fake_spotify.catalogue import Access
from tonearm.local.fake_spotify.objects import USER_ID

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)
"""The sample account exists between these days."""
ALWAYS = date.min
FOREVER = date.max
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class Plan:
    """How one playlist comes about.

    Every `period_days` there is one edit; each adds `adds` songs on average, and a song stays for
    `stays_edits` edits on average (0: it stays for good). About `adds * stays_edits` songs are in
    it. Without `adds` there are no edits, only what is pinned.
    """

    key: str
    name: str
    adds: int
    period_days: int
    stays_edits: int
    description: str = ""
    access: Access = Access.OWN
    owner_id: str = USER_ID
    owner_name: str = "Listener One"
    is_public: bool = False
    opens: date = ALWAYS
    """No edit is made before this day."""
    closes: date = FOREVER
    """No edit is made after this day."""
    is_newest_first: bool = False
    is_fresh: bool = False
    """True: only music of the last months is added."""
    is_emptied: bool = False
    """True: every other edit empties it."""
    is_replaced: bool = False
    """True: Spotify's own list; a refresh replaces all of it, and its snapshot id never rests."""
    moves_percent: int = 6
    """How many of a hundred songs are moved to the top some edits after they came."""
    pinned: tuple[str, ...] = ()
    """Odd entries that stand at its head for good, by the names `oddities` gives them."""


FIXED = (
    Plan("everything", "Everything I keep", 4, 3, 80, pinned=("local_file",)),
    Plan("road", "Long road north 🛣️", 3, 5, 60, "Windows down.", is_public=True),
    Plan("focus", "Fokus & Stille", 3, 8, 37, pinned=("no_isrc",)),
    Plan("kitchen", 'The "kitchen" disco', 3, 12, 25, is_newest_first=True, is_public=True),
    Plan("rain", "雨の日 / rainy days ", 2, 20, 30, "For the window seat"),
    Plan(
        "wedding",
        "Ida + Tomás, 17.08.2019",
        5,
        10,
        0,
        opens=date(2019, 5, 20),
        closes=date(2019, 8, 17),
    ),
    Plan(
        "odds",
        "Odds & ends",
        1,
        30,
        12,
        "Whatever does not fit anywhere else",
        pinned=(
            "song_twice",
            "episode_0",
            "local_file",
            "local_file_without_album",
            "unavailable",
            "tombstone",
            "song_twice",
            "relinked",
            "album_without_name",
            "episode_1",
            "unavailable",
            "restricted",
        ),
    ),
    Plan(
        "podcasts",
        "Read me to sleep",
        0,
        1,
        0,
        pinned=tuple(f"episode_{number}" for number in range(2, 9)),
    ),
    Plan("one", "one song", 0, 1, 0, pinned=("song_once",)),
    Plan("queue", "Tonight's queue", 6, 1, 1, "Emptied every other day", is_emptied=True),
    Plan(
        "band",
        "Band practice",
        2,
        4,
        14,
        access=Access.COLLABORATIVE,
        owner_id="nils.fjordby",
        owner_name="Nils",
    ),
    Plan(
        "neighbour",
        "Harbour FM weekly",
        4,
        7,
        15,
        access=Access.FOREIGN,
        owner_id="harbour.fm",
        owner_name="Harbour FM",
        is_public=True,
    ),
    Plan(
        "editorial",
        "Fresh Friday",
        50,
        7,
        1,
        "The newest songs, every Friday",
        access=Access.FOREIGN,
        owner_id="spotify",
        owner_name="Spotify",
        is_public=True,
        is_fresh=True,
        is_replaced=True,
    ),
)
SAVED = Plan("saved", "Liked Songs", 2, 2, 75, is_newest_first=True)


def plans_on(day: date) -> tuple[Plan, ...]:
    """The playlists the account has on `day`, in the order `me/playlists` lists them."""
    return (*FIXED[:2], _commute(day), *_monthly(day), *FIXED[2:])


def _commute(day: date) -> Plan:
    """Edited and renamed every day."""
    return Plan("commute", f"{WEEKDAYS[day.weekday()]} commute", 2, 1, 15, moves_percent=50)


def _monthly(day: date) -> tuple[Plan, ...]:
    """This month's finds, begun on the first, and last month's; older ones are gone."""
    first = day.replace(day=1)
    return _finds(first), _finds((first - timedelta(days=1)).replace(day=1))


def _finds(first: date) -> Plan:
    next_month = (first + timedelta(days=31)).replace(day=1)
    return Plan(
        f"finds-{first:%Y-%m}",
        f"Found in {first:%B %Y}",
        2,
        2,
        0,
        opens=first,
        closes=next_month - timedelta(days=1),
        is_fresh=True,
    )
