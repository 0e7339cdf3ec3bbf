"""The SQL of every page, and how an answer is fetched; names are completed by the session."""

from typing import Any

import streamlit as st
from snowflake.connector.errors import Error

SECONDS_KEPT = 60

Row = dict[str, Any]

RUNS = """
select
    run_id, snapshot_date, attempt, playlists, playlist_entries, songs, albums, artists,
    convert_timezone('UTC', last_loaded_at) as last_loaded_at, minutes_since_load
from mart.runs_and_freshness
order by last_loaded_at desc, run_id desc
limit 10
"""
TOTALS = """
select
    (select count(*) from core.playlists) as playlists,
    (select count(*) from core.playlist_entries) as playlist_entries,
    (select count(*) from core.songs) as songs,
    (select count(*) from core.albums) as albums,
    (select count(*) from core.artists) as artists
"""
CHANGES_PER_DATE = """
select
    snapshot_date,
    count_if(change = 'added') as added,
    count_if(change = 'removed') as removed,
    count_if(change = 'moved') as moved
from mart.playlist_changes
group by snapshot_date
order by snapshot_date desc
"""
CHANGES = """
select
    snapshot_date, playlist_name, change, name, artists, uri, old_position, new_position
from mart.playlist_changes
order by
    snapshot_date desc,
    case change when 'added' then 0 when 'removed' then 1 else 2 end,
    playlist_name, new_position, old_position, uri
limit 100
"""
PLAYLISTS = """
select
    name, spotify_url, api_total, songs, episodes, local_files, unavailable, malformed, followers,
    snapshot_date, is_consistent
from core.playlists
order by api_total desc, name, playlist_id
"""
SIZES = """
select
    reads.snapshot_date, playlists.name, reads.playlist_id, reads.api_total
from core.playlist_reads as reads
inner join core.playlists as playlists
    on reads.playlist_id = playlists.playlist_id
order by reads.snapshot_date, reads.playlist_id
"""
ADDITIONS = """
select week_start_date, sum(additions) as additions
from mart.additions_per_week
group by week_start_date
order by week_start_date
"""
ARTISTS = """
select
    shares.artist_name as name, shares.spotify_url, shares.entries, shares.songs,
    shares.playlists, shares.share_of_entries, artists.followers, artists.popularity
from mart.artists_by_share as shares
left join core.artists as artists
    on shares.artist_id = artists.artist_id
order by shares.entries desc, shares.artist_name, shares.artist_id
limit 20
"""
ALBUMS = """
select
    shares.album_name as name, shares.spotify_url, shares.entries, shares.songs,
    shares.playlists, shares.share_of_entries, shares.release_date, albums.label,
    albums.popularity
from mart.albums_by_share as shares
left join core.albums as albums
    on shares.album_id = albums.album_id
order by shares.entries desc, shares.album_name, shares.album_id
limit 20
"""
YEARS = """
select release_year, songs, share_of_songs
from mart.release_years
order by release_year nulls last
"""
PRESENCE = """
select entity, field, objects, present, share_present
from mart.field_presence
where snapshot_date = (select max(snapshot_date) from mart.field_presence)
order by entity, field
"""
UNBALANCED = """
select count(*) as reads
from core.playlist_reads
where api_total <> songs + episodes + local_files + unavailable + malformed
"""
DISTURBED = "select count(*) as playlists from core.playlists where is_consistent = false"


@st.cache_data(ttl=SECONDS_KEPT, show_spinner=False)
def rows(sql: str) -> list[Row]:
    """The rows of a question, column names in lower case; a NULL stays None.

    Raises:
        Error: Snowflake refused it twice, the second time on a fresh connection.
    """
    connection = st.connection("snowflake")
    try:
        return _fetched(connection, sql)
    except Error:  # a session that was idle for hours has ended
        connection.reset()
        return _fetched(connection, sql)


def _fetched(connection: Any, sql: str) -> list[Row]:
    cursor = connection.cursor()
    cursor.execute(sql)
    names = [column[0].lower() for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
