"""The sample account on one day, as the endpoints ask for it."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, cached_property
from typing import Any, overload

from tonearm.local.fake_spotify.catalogue import Access, Playlist, SavedTracks
from tonearm.local.fake_spotify.ids import base62_id, snapshot_id
from tonearm.local.fake_spotify.objects import USER_ID, Json, identity, owner, user_reference
from tonearm.local.fake_spotify.sample import oddities, render
from tonearm.local.fake_spotify.sample.draw import Draw
from tonearm.local.fake_spotify.sample.evolution import Course, Slot
from tonearm.local.fake_spotify.sample.plans import SAVED, Plan, plans_on
from tonearm.local.fake_spotify.sample.universe import Album, Track, Universe, universe

BANDMATES = (USER_ID, "nils.fjordby", "maren_k")


class Lazily(Sequence[Any]):
    """Entries that are put together when they are looked at: a day costs only what is read."""

    def __init__(self, parts: Sequence[Any], render_part: Callable[[Any], Any]) -> None:
        self._parts = parts
        self._render = render_part

    def __len__(self) -> int:
        return len(self._parts)

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> list[Any]: ...
    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return [self._render(part) for part in self._parts[index]]
        return self._render(self._parts[index])


class SampleCatalogue:
    """The sample account as it stands on `day`; the same seed and day always give the same."""

    is_recorded = False

    def __init__(self, seed: int, day: date) -> None:
        self.seed = seed
        self.day = day
        self._music: Universe = universe(seed, day)
        self._rendered: dict[str, Json] = {}

    @cached_property
    def playlists(self) -> dict[str, Playlist]:
        """Every playlist of the account by id."""
        made = (self._playlist(plan) for plan in plans_on(self.day))
        return {playlist.playlist_id: playlist for playlist in made}

    @property
    def my_playlist_ids(self) -> Sequence[str]:
        """All of them: own, shared and followed."""
        return tuple(self.playlists)

    @cached_property
    def saved_tracks(self) -> SavedTracks:
        """The liked songs, newest first."""
        slots = Course(self.seed, SAVED, self._music).slots_on(self.day)
        newest_first = sorted(slots, key=lambda slot: slot.added_at, reverse=True)
        return SavedTracks(Lazily(newest_first, self._saved_entry))

    def track(self, track_id: str) -> Json | None:
        """A song as `tracks/{id}` gives it."""
        found = self._tracks_by_id.get(track_id)
        return self._song(*found) if found else self._odd_tracks.get(track_id)

    def artist(self, artist_id: str) -> Json | None:
        """An artist as `artists/{id}` gives it."""
        found = (a for a in self._music.artists if a.artist_id == artist_id)
        return next((render.artist_object(artist, self.day) for artist in found), None)

    def album(self, album_id: str) -> Json | None:
        """An album as `albums/{id}` gives it, without its page of songs."""
        album = self._albums_by_id.get(album_id)
        return render.album_object(album, self.day) if album else None

    def album_tracks(self, album_id: str) -> Sequence[Any] | None:
        """The songs of an album, as the album lists them."""
        album = self._albums_by_id.get(album_id)
        return [render.simplified_track(track) for track in album.tracks] if album else None

    def artist_albums(self, artist_id: str) -> Sequence[Any] | None:
        """An artist's releases and those they appear on, the newest first."""
        if self.artist(artist_id) is None:
            return None
        released = [album for album in self._music.albums if album.released <= self.day]
        grouped = ((_album_group(album, artist_id), album) for album in reversed(released))
        return [
            {"album_group": group, **render.simplified_album(album)}
            for group, album in grouped
            if group
        ]

    def summary(self) -> Json:
        """What the account holds on this day."""
        held = self.playlists.values()
        return {
            "kind": "sample",
            "seed": self.seed,
            "day": self.day.isoformat(),
            "playlists": [
                {
                    "playlist_id": playlist.playlist_id,
                    "name": playlist.meta["name"],
                    "access": playlist.access.value,
                    "entries": playlist.total,
                }
                for playlist in held
            ],
            "entries": sum(playlist.total for playlist in held),
            "saved_tracks": len(self.saved_tracks.entries),
            "albums": len(self._music.albums),
            "artists": len(self._music.artists),
            "tracks": len(self._music.songs),
        }

    @cached_property
    def _tracks_by_id(self) -> dict[str, tuple[Album, Track]]:
        return {track.track_id: (album, track) for album, track in self._music.songs}

    @cached_property
    def _albums_by_id(self) -> dict[str, Album]:
        return {album.album_id: album for album in self._music.albums}

    @cached_property
    def _odd_tracks(self) -> dict[str, Json]:
        return oddities.odd_tracks(self.seed, self.day)

    def _song(self, album: Album, track: Track) -> Json:
        if track.track_id not in self._rendered:
            self._rendered[track.track_id] = render.track_object(album, track, self.day)
        return self._rendered[track.track_id]

    def _playlist(self, plan: Plan) -> Playlist:
        course = Course(self.seed, plan, self._music)
        parts = [*plan.pinned, *course.slots_on(self.day)]
        return Playlist(
            meta=_playlist_meta(self.seed, plan, course.version(self.day)),
            entries=Lazily(parts, lambda part: self._entry(plan, part)),
            access=plan.access,
            follows_mode=True,
            is_restless=plan.is_replaced,
        )

    def _entry(self, plan: Plan, part: Slot | str) -> Json:
        if isinstance(part, str):
            item = oddities.odd_item(self.seed, part, self.day)
            is_local, added_at = oddities.is_local(part), _pinned_at(self.seed, plan, part)
        else:
            item = self._song(part.album, part.track)
            is_local, added_at = False, part.added_at
        if item and item["type"] == "track" and not is_local:
            item = {**item, "episode": False, "track": True}
        return {
            "added_at": _timestamp(added_at),
            "added_by": user_reference(_added_by(plan, part)),
            "is_local": is_local,
            "primary_color": None,
            "track": item,
            "video_thumbnail": {"url": None},
        }

    def _saved_entry(self, slot: Slot) -> Json:
        return {"added_at": _timestamp(slot.added_at), "track": self._song(slot.album, slot.track)}


@cache
def sample_on(seed: int, day: date) -> SampleCatalogue:
    """The sample account of a day; days asked for again are kept."""
    return SampleCatalogue(seed, day)


def _playlist_meta(seed: int, plan: Plan, version: int) -> Json:
    playlist_id = playlist_id_of(seed, plan)
    return {
        "collaborative": plan.access is Access.COLLABORATIVE,
        "description": plan.description,
        "followers": {"href": None, "total": Draw(seed, "followers", plan.key).below(400)},
        "images": render.images(f"{playlist_id} {version}", "ab67706c")[:1],
        "name": plan.name,
        "owner": owner(plan.owner_id, plan.owner_name),
        "primary_color": None,
        "public": plan.is_public,
        "snapshot_id": snapshot_id(version, seed, plan.key, version),
        **identity("playlist", playlist_id),
    }


def playlist_id_of(seed: int, plan: Plan) -> str:
    """The id of a sample playlist; Spotify's own begin as Spotify's do."""
    made = base62_id(seed, "playlist", plan.key)
    return f"37i9dQZF1DX{made[11:]}" if plan.is_replaced else made


def _album_group(album: Album, artist_id: str) -> str | None:
    if any(artist.artist_id == artist_id for artist in album.artists):
        return album.album_type
    appears = any(a.artist_id == artist_id for track in album.tracks for a in track.artists)
    return "appears_on" if appears else None


def _added_by(plan: Plan, part: Slot | str) -> str:
    if plan.is_replaced:
        return ""
    if plan.access is Access.COLLABORATIVE and isinstance(part, Slot):
        return BANDMATES[part.draw % len(BANDMATES)]
    return plan.owner_id


def _pinned_at(seed: int, plan: Plan, name: str) -> datetime:
    """The same name has the same second: a song pinned twice was added twice at once."""
    draw = Draw(seed, "pinned", plan.key, name)
    day = oddities.SINCE + timedelta(days=draw.below(900))
    return datetime.combine(day, time(), UTC) + timedelta(seconds=draw.below(86_400))


def _timestamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
