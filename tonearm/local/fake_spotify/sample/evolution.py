"""Which songs stand in a playlist on a day: a pure function of seed, plan and day, for any day.

A playlist's life is a numbered series of edits. Every song knows the edit that brings it, how many
edits it stays and whether one of them moves it to the top, so the list after edit N needs only the
few edits before it, however far from the beginning the day is.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from tonearm.local.fake_spotify.sample.draw import Draw
from tonearm.local.fake_spotify.sample.plans import ALWAYS, Plan
from tonearm.local.fake_spotify.sample.universe import Album, Track, Universe

FIRST_EDIT_DAY = date(2008, 10, 7).toordinal()
"""Edits are counted from here; earlier days have negative numbers."""
DAYS_TO_FRIDAY = 3
FRESH_SONGS = 120
STRIDE = 611_953
"""A prime far from any number of songs: following songs are far apart and rarely repeat."""
EARLIEST_SECOND, LATEST_SECOND = 5 * 60, 5 * 3600


@dataclass(frozen=True, slots=True)
class Slot:
    """One song in a playlist: what it is, when it came, where it stands."""

    album: Album
    track: Track
    added_at: datetime
    order: tuple[int, int, int]
    draw: int
    """A number of its own, for whatever else must be chosen for it."""


@dataclass(frozen=True)
class Course:
    """The course of one playlist's edits under one seed."""

    seed: int
    plan: Plan
    music: Universe

    def last_edit(self, day: date) -> int:
        """The number of the newest edit made until `day`."""
        ordinal = min(day, self.plan.closes).toordinal()
        number = (ordinal - FIRST_EDIT_DAY) // self.plan.period_days
        return number if self._edit_ordinal(number) <= ordinal else number - 1

    def version(self, day: date) -> int:
        """How many versions the playlist has had until `day`, the first one empty."""
        return max(self.last_edit(day) - self._edits_before(), 0) + 1 if self.plan.adds else 1

    def slots_on(self, day: date) -> list[Slot]:
        """The songs in their order on `day`, without what is pinned."""
        if not self.plan.adds:
            return []
        newest = self.last_edit(day)
        oldest = self._edits_before() + 1
        if self.plan.stays_edits:
            oldest = newest - self._longest_stay + 1
        slots = [
            slot for edit in range(oldest, newest + 1) for slot in self._slots_of_edit(edit, newest)
        ]
        return sorted(slots, key=lambda slot: slot.order)

    def _edits_before(self) -> int:
        """The number of the newest edit before the playlist opened; its own come after it."""
        if self.plan.opens == ALWAYS:
            return -1
        return self.last_edit(self.plan.opens - timedelta(days=1))

    def _slots_of_edit(self, edit: int, newest: int) -> list[Slot]:
        draw = Draw(self.seed, "edit", self.plan.key, edit)
        day = date.fromordinal(self._edit_ordinal(edit))
        begun = datetime.combine(day, time(), UTC) + timedelta(
            seconds=draw.between(EARLIEST_SECOND, LATEST_SECOND)
        )
        pause = 0 if self.plan.is_replaced or draw.chance(30) else draw.between(9, 80)
        slots = (
            self._slot(edit, place, newest, begun + timedelta(seconds=pause * place))
            for place in range(self._songs_added(edit, draw))
        )
        return [slot for slot in slots if slot]

    def _songs_added(self, edit: int, draw: Draw) -> int:
        if self.plan.is_replaced:
            return self.plan.adds
        if self.plan.is_emptied and edit % 2 == 0:
            return 0
        return draw.between(1, 2 * self.plan.adds - 1)

    def _slot(self, edit: int, place: int, newest: int, added_at: datetime) -> Slot | None:
        draw = Draw(self.seed, "slot", self.plan.key, edit, place)
        stay = self._stay(draw)
        if stay and newest >= edit + stay:
            return None
        is_moved = draw.chance(self.plan.moves_percent)
        moved = edit + draw.between(1, max(stay - 1, 1)) if is_moved else None
        album, track = self._song(edit, place, added_at.date())
        order = self._order(edit, place, moved if moved and moved <= newest else None)
        return Slot(album, track, added_at, order, draw.below(1000))

    def _order(self, edit: int, place: int, moved: int | None) -> tuple[int, int, int]:
        """Moved songs stand at the top, the last moved first; the others in order of coming."""
        if self.plan.is_newest_first:
            return (0, -(moved or edit), place)
        return (0, -moved, place) if moved else (1, edit, place)

    def _stay(self, draw: Draw) -> int:
        plan = self.plan
        if plan.is_emptied or plan.is_replaced or not plan.stays_edits:
            return plan.stays_edits
        return draw.between(plan.stays_edits - plan.stays_edits // 2, self._longest_stay)

    @property
    def _longest_stay(self) -> int:
        return self.plan.stays_edits + self.plan.stays_edits // 2

    def _song(self, edit: int, place: int, day: date) -> tuple[Album, Track]:
        """A song that was out when it was added (or the oldest there is)."""
        released = max(self.music.count_released(day), 1)
        oldest = max(released - FRESH_SONGS, 0) if self.plan.is_fresh else 0
        start = Draw(self.seed, "songs of", self.plan.key).below(STRIDE)
        running = edit * (2 * self.plan.adds) + place
        return self.music.songs[oldest + (start + running * STRIDE) % (released - oldest)]

    def _edit_ordinal(self, edit: int) -> int:
        start = FIRST_EDIT_DAY + edit * self.plan.period_days
        if self.plan.is_replaced:
            return start + DAYS_TO_FRIDAY
        draw = Draw(self.seed, "edit day", self.plan.key, edit)
        return start + draw.below(self.plan.period_days)
