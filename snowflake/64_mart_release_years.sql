-- core.playlist_entries, core.songs and core.albums -> mart.release_years: one row per release year of the songs
-- that stand in playlists, each song counted once; a second run replaces the view. Songs without a known date are
-- in the row whose year is NULL.
use role <% database %>_transformer;

create or replace view <% database %>.mart.release_years
copy grants
comment = 'One row per release year of the songs in playlists; NULL is not known.'
as
with
songs_in_playlists as (
    select distinct track_id
    from <% database %>.core.playlist_entries
    where entry_kind = 'song' and track_id is not null
),

dated as (
    select
        songs_in_playlists.track_id,
        year(albums.release_date) as release_year
    from songs_in_playlists
    left join <% database %>.core.songs as songs
        on songs_in_playlists.track_id = songs.track_id
    left join <% database %>.core.albums as albums
        on songs.album_id = albums.album_id
),

totals as (
    select count(*) as all_songs
    from dated
),

counted as (
    select
        release_year,
        count(*) as songs
    from dated
    group by release_year
),

final as (
    select
        counted.release_year,
        counted.songs,
        round(counted.songs / totals.all_songs, 6) as share_of_songs
    from counted
    cross join totals
)

select * from final;
