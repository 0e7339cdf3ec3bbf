-- core.playlist_entries and core.song_artists -> mart.artists_by_share: one row per artist credited on a song that
-- stands in a playlist, with the share of all song entries that credit the artist; a second run replaces the view.
-- A song with two artists counts for both, so shares add up to more than one.
use role <% database %>_transformer;

create or replace view <% database %>.mart.artists_by_share
copy grants
comment = 'One row per artist on a song in a playlist, with the share of song entries crediting the artist.'
as
with
song_entries as (
    select
        playlist_id,
        position,
        track_id
    from <% database %>.core.playlist_entries
    where entry_kind = 'song' and track_id is not null
),

credited as (
    select distinct
        song_entries.playlist_id,
        song_entries.position,
        song_entries.track_id,
        song_artists.artist_id
    from song_entries
    inner join <% database %>.core.song_artists as song_artists
        on song_entries.track_id = song_artists.track_id
),

totals as (
    select count(*) as all_entries
    from song_entries
),

counted as (
    select
        artist_id,
        count(*) as entries,
        count(distinct track_id) as songs,
        count(distinct playlist_id) as playlists
    from credited
    group by artist_id
),

final as (
    select
        counted.artist_id,
        artists.name as artist_name,
        counted.entries,
        counted.songs,
        counted.playlists,
        round(counted.entries / totals.all_entries, 6) as share_of_entries,
        artists.spotify_url
    from counted
    cross join totals
    left join <% database %>.core.artists as artists
        on counted.artist_id = artists.artist_id
)

select * from final;
