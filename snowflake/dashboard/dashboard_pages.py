"""The pages, each a function that asks and draws; none breaks on an empty warehouse."""

from collections.abc import Callable, Mapping, Sequence

import pandas as pd
import streamlit as st

import dashboard_questions as ask
from dashboard_words import (
    MINUTES_A_DAY,
    NOT_AVAILABLE,
    age,
    link,
    page_of,
    place,
    share,
    text,
    value,
)

STALE_MINUTES = 2 * MINUTES_A_DAY
SHOWN_DATES = 10
NO_ROWS = "Nothing here yet: this page fills with the first run that is loaded."


def overview() -> None:
    """How fresh it is, how much there is, what changed, the last runs."""
    runs = ask.rows(ask.RUNS)
    if not runs:
        st.info("No run has been loaded yet. Start one; its data is here some minutes later.")
        return
    _freshness(runs[0])
    (totals,) = ask.rows(ask.TOTALS)
    _metrics(totals)
    st.subheader("Changes between reads")
    _table(_changes_per_date(ask.rows(ask.CHANGES_PER_DATE)[:SHOWN_DATES]))
    st.subheader("Last runs")
    _table([_run(run) for run in runs])


def playlists() -> None:
    """Every playlist as last read, and its size over time."""
    found = ask.rows(ask.PLAYLISTS)
    if not found:
        st.info(NO_ROWS)
        return
    st.subheader("Entries over time")
    sizes = sizes_by_date(ask.rows(ask.SIZES))
    draw = st.line_chart if len(sizes) > 1 else st.scatter_chart
    draw(sizes, x_label="date", y_label="entries")
    st.subheader("Additions per week")
    additions = pd.DataFrame(ask.rows(ask.ADDITIONS))
    if not additions.empty:
        st.bar_chart(additions, x="week_start_date", y="additions", x_label="week from")
    st.subheader("As last read")
    _table([_playlist(row) for row in found])


def changes() -> None:
    """Entry by entry what was added, removed and moved, the newest first."""
    per_date = ask.rows(ask.CHANGES_PER_DATE)
    if not per_date:
        st.info("No change yet: a playlist's first read is its baseline, not a change.")
        return
    _table(_changes_per_date(per_date))
    newest = ask.rows(ask.CHANGES)
    st.subheader(f"The newest {len(newest)}")
    _table([_change(row) for row in newest])


def artists_and_albums() -> None:
    """Who and what fills the playlists, by share of their song entries."""
    _ranking("Artists by share of song entries", ask.rows(ask.ARTISTS), ("followers", "popularity"))
    st.caption("A song with two artists counts for both.")
    _ranking(
        "Albums by share of song entries",
        ask.rows(ask.ALBUMS),
        ("release_date", "label", "popularity"),
    )


def release_years() -> None:
    """Songs by the year their album came out; what has no date is said to have none."""
    found = ask.rows(ask.YEARS)
    if not found:
        st.info(NO_ROWS)
        return
    known = [row for row in found if row["release_year"] is not None]
    if known:
        songs = pd.Series(
            [int(row["songs"]) for row in known], [str(row["release_year"]) for row in known]
        )
        st.bar_chart(songs, x_label="release year", y_label="songs")
    _table(
        [
            {
                "release year": str(row["release_year"] or "not known"),
                "songs": value(row["songs"]),
                "share of songs": share(row["share_of_songs"]),
            }
            for row in found
        ]
    )


def health() -> None:
    """What Spotify still gives, and whether reads add up."""
    presence = ask.rows(ask.PRESENCE)
    if not presence:
        st.info(NO_ROWS)
        return
    unbalanced = ask.rows(ask.UNBALANCED)[0]["reads"]
    disturbed = ask.rows(ask.DISTURBED)[0]["playlists"]
    _metrics({"reads_that_do_not_add_up": unbalanced, "playlists_edited_while_read": disturbed})
    st.subheader("Fields in the newest answers")
    st.caption("A field that no object carries is one Spotify does not give this app.")
    _table([_presence(row) for row in presence])


PAGES: Mapping[str, Callable[[], None]] = {
    "Overview": overview,
    "Playlists over time": playlists,
    "What changed": changes,
    "Artists and albums": artists_and_albums,
    "Release years": release_years,
    "Health of the data": health,
}


def sizes_by_date(reads: Sequence[ask.Row]) -> pd.DataFrame:
    """One row per date, one column per playlist; a list that was not read is as it was before."""
    ids_of: dict[str, set[str]] = {}
    for read in reads:
        ids_of.setdefault(read["name"] or NOT_AVAILABLE, set()).add(read["playlist_id"])
    labelled = [
        {
            "date": read["snapshot_date"],
            "entries": read["api_total"],
            "playlist": _label(read["name"] or NOT_AVAILABLE, read["playlist_id"], ids_of),
        }
        for read in reads
    ]
    frame = pd.DataFrame(labelled, columns=["date", "entries", "playlist"])
    return frame.pivot(index="date", columns="playlist", values="entries").ffill()


def _label(name: str, playlist_id: str, ids_of: Mapping[str, set[str]]) -> str:
    return name if len(ids_of[name]) == 1 else f"{name} ({playlist_id})"


def _freshness(newest: ask.Row) -> None:
    minutes = int(newest["minutes_since_load"])
    said = f"Newest data: run {text(newest['run_id'])}, loaded {age(minutes)}."
    if minutes > STALE_MINUTES:
        st.warning(f"{said} The schedule may be off, or runs fail: see the stack's alarms.")
    else:
        st.success(said)


def _run(run: ask.Row) -> dict[str, str]:
    counts = ("playlists", "playlist_entries", "songs", "albums", "artists")
    return {
        "run": value(run["run_id"]),
        "date": str(run["snapshot_date"]),
        "attempt": value(run["attempt"]),
        **{_words(name): value(run[name]) for name in counts},
        "loaded at": f"{run['last_loaded_at']:%Y-%m-%d %H:%M} UTC",
    }


def _metrics(numbers: Mapping[str, int]) -> None:
    for column, (name, number) in zip(st.columns(len(numbers)), numbers.items(), strict=True):
        column.metric(_words(name), value(int(number)))


def _words(name: str) -> str:
    return name.replace("_", " ")


def _table(rows: Sequence[Mapping[str, str]]) -> None:
    """A table whose first column heads its rows; a line of words where there is none."""
    if not rows:
        st.write("None.")
        return
    frame = pd.DataFrame(rows)
    st.table(frame.set_index(frame.columns[0]))


def _ranking(title: str, rows: Sequence[ask.Row], optional: Sequence[str]) -> None:
    st.subheader(title)
    if not rows:
        st.info(NO_ROWS)
        return
    _table(
        [
            {
                "name": link(row["name"], row["spotify_url"]),
                "entries": value(row["entries"]),
                "songs": value(row["songs"]),
                "playlists": value(row["playlists"]),
                "share": share(row["share_of_entries"]),
                **{_words(name): value(row[name]) for name in optional},
            }
            for row in rows
        ]
    )


def _changes_per_date(rows: Sequence[ask.Row]) -> list[dict[str, str]]:
    return [
        {
            "date": str(row["snapshot_date"]),
            **{word: value(int(row[word])) for word in ("added", "removed", "moved")},
        }
        for row in rows
    ]


def _change(row: ask.Row) -> dict[str, str]:
    return {
        "date": str(row["snapshot_date"]),
        "playlist": value(row["playlist_name"]),
        "change": row["change"],
        "entry": link(row["name"], page_of(row["uri"])),
        "artists": value(row["artists"]),
        "from": place(row["old_position"]),
        "to": place(row["new_position"]),
    }


def _playlist(row: ask.Row) -> dict[str, str]:
    numbers = ("songs", "episodes", "local_files", "unavailable", "followers")
    return {
        "playlist": link(row["name"], row["spotify_url"]),
        "entries": value(row["api_total"]),
        **{_words(name): value(row[name]) for name in numbers},
        "last read": str(row["snapshot_date"]),
    }


def _presence(row: ask.Row) -> dict[str, str]:
    is_given = bool(row["present"])
    return {
        "entity": value(row["entity"]),
        "field": value(row["field"]),
        "objects": value(row["objects"]),
        "carry it": value(row["present"] if is_given else None),
        "share": share(row["share_present"] if is_given else None),
    }
