-- core.playlist_entries -> mart.newest_songs: one row per song that stands in a playlist, with the last time it
-- was added to any; a second run replaces the view. Order by added_at desc for the newest; NULL where no playlist
-- says when.
use role <% database %>_transformer;

create or replace view <% database %>.mart.newest_songs
copy grants
comment = 'One row per song in a playlist, with when it was last added to any.'
as
with
songs_in_playlists as (
    select
        track_id,
        max(added_at) as added_at,
        min(added_at) as first_added_at,
        count(distinct playlist_id) as playlists
    from <% database %>.core.playlist_entries
    where entry_kind = 'song' and track_id is not null
    group by track_id
),

artist_names as (
    select
        track_id,
        nullif(listagg(artist_name, ', ') within group (order by credit_order), '') as artists
    from <% database %>.core.song_artists
    group by track_id
),

final as (
    select
        songs_in_playlists.track_id,
        songs.name,
        artist_names.artists,
        albums.name as album_name,
        albums.release_date,
        songs_in_playlists.added_at,
        songs_in_playlists.first_added_at,
        songs_in_playlists.playlists,
        songs.spotify_url
    from songs_in_playlists
    left join <% database %>.core.songs as songs
        on songs_in_playlists.track_id = songs.track_id
    left join <% database %>.core.albums as albums
        on songs.album_id = albums.album_id
    left join artist_names
        on songs_in_playlists.track_id = artist_names.track_id
)

select * from final;
