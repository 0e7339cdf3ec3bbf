-- core.playlist_entries and core.songs -> mart.albums_by_share: one row per album with a song that stands in a
-- playlist, with the share of all song entries that are from it; a second run replaces the view.
use role <% database %>_transformer;

create or replace view <% database %>.mart.albums_by_share
copy grants
comment = 'One row per album with a song in a playlist, with the share of song entries from it.'
as
with
song_entries as (
    select
        entries.playlist_id,
        entries.track_id,
        songs.album_id
    from <% database %>.core.playlist_entries as entries
    left join <% database %>.core.songs as songs
        on entries.track_id = songs.track_id
    where entries.entry_kind = 'song' and entries.track_id is not null
),

totals as (
    select count(*) as all_entries
    from song_entries
),

counted as (
    select
        album_id,
        count(*) as entries,
        count(distinct track_id) as songs,
        count(distinct playlist_id) as playlists
    from song_entries
    where album_id is not null
    group by album_id
),

final as (
    select
        counted.album_id,
        albums.name as album_name,
        albums.release_date,
        counted.entries,
        counted.songs,
        counted.playlists,
        round(counted.entries / totals.all_entries, 6) as share_of_entries,
        albums.spotify_url
    from counted
    cross join totals
    left join <% database %>.core.albums as albums
        on counted.album_id = albums.album_id
)

select * from final;
