-- Landing tables -> mart.field_presence: one row per date, entity and optional field, with how many of the objects
-- seen that day carried it; a second run replaces the view. What Spotify no longer gives shows as a share that
-- falls to zero, never as a value of zero.
use role <% database %>_transformer;

create or replace view <% database %>.mart.field_presence
copy grants
comment = 'One row per date, entity and optional field: in how many objects it was present.'
as
with
albums_counted as (
    select
        albums.snapshot_date,
        count(distinct albums.album_id) as objects,
        count(distinct iff(albums.name is not null, albums.album_id, null)) as has_name,
        count(distinct iff(albums.release_date is not null, albums.album_id, null)) as has_release_date,
        count(distinct iff(albums.total_tracks is not null, albums.album_id, null)) as has_total_tracks,
        count(distinct iff(albums.label is not null, albums.album_id, null)) as has_label,
        count(distinct iff(albums.popularity is not null, albums.album_id, null)) as has_popularity,
        count(distinct iff(albums.upc is not null, albums.album_id, null)) as has_upc,
        count(distinct iff(albums.image_url is not null, albums.album_id, null)) as has_image_url
    from <% database %>.landing.albums as albums
    inner join <% database %>.core.run_attempts as run_attempts
        on
            albums.run_id = run_attempts.run_id
            and albums.attempt = run_attempts.attempt
    group by albums.snapshot_date
),

artists_counted as (
    select
        artists.snapshot_date,
        count(distinct artists.artist_id) as objects,
        count(distinct iff(artists.name is not null, artists.artist_id, null)) as has_name,
        count(distinct iff(artists.genres is not null, artists.artist_id, null)) as has_genres,
        count(distinct iff(artists.popularity is not null, artists.artist_id, null)) as has_popularity,
        count(distinct iff(artists.followers is not null, artists.artist_id, null)) as has_followers,
        count(distinct iff(artists.image_url is not null, artists.artist_id, null)) as has_image_url
    from <% database %>.landing.artists as artists
    inner join <% database %>.core.run_attempts as run_attempts
        on
            artists.run_id = run_attempts.run_id
            and artists.attempt = run_attempts.attempt
    group by artists.snapshot_date
),

songs_counted as (
    select
        songs.snapshot_date,
        count(distinct songs.track_id) as objects,
        count(distinct iff(songs.name is not null, songs.track_id, null)) as has_name,
        count(distinct iff(songs.duration_ms is not null, songs.track_id, null)) as has_duration_ms,
        count(distinct iff(songs.is_playable is not null, songs.track_id, null)) as has_is_playable,
        count(distinct iff(songs.popularity is not null, songs.track_id, null)) as has_popularity,
        count(distinct iff(songs.isrc is not null, songs.track_id, null)) as has_isrc
    from <% database %>.landing.songs as songs
    inner join <% database %>.core.run_attempts as run_attempts
        on
            songs.run_id = run_attempts.run_id
            and songs.attempt = run_attempts.attempt
    group by songs.snapshot_date
),

playlists_counted as (
    select
        playlists.snapshot_date,
        count(distinct playlists.playlist_id) as objects,
        count(distinct iff(playlists.name is not null, playlists.playlist_id, null)) as has_name,
        count(distinct iff(playlists.description is not null, playlists.playlist_id, null)) as has_description,
        count(distinct iff(playlists.owner_name is not null, playlists.playlist_id, null)) as has_owner_name,
        count(distinct iff(playlists.followers is not null, playlists.playlist_id, null)) as has_followers,
        count(distinct iff(playlists.image_url is not null, playlists.playlist_id, null)) as has_image_url
    from <% database %>.landing.playlists as playlists
    inner join <% database %>.core.run_attempts as run_attempts
        on
            playlists.run_id = run_attempts.run_id
            and playlists.attempt = run_attempts.attempt
    group by playlists.snapshot_date
),

fields as (
    select
        snapshot_date,
        'albums' as entity,
        'name' as field,
        objects,
        has_name as present
    from albums_counted
    union all
    select
        snapshot_date,
        'albums' as entity,
        'release_date' as field,
        objects,
        has_release_date as present
    from albums_counted
    union all
    select
        snapshot_date,
        'albums' as entity,
        'total_tracks' as field,
        objects,
        has_total_tracks as present
    from albums_counted
    union all
    select
        snapshot_date,
        'albums' as entity,
        'label' as field,
        objects,
        has_label as present
    from albums_counted
    union all
    select
        snapshot_date,
        'albums' as entity,
        'popularity' as field,
        objects,
        has_popularity as present
    from albums_counted
    union all
    select
        snapshot_date,
        'albums' as entity,
        'upc' as field,
        objects,
        has_upc as present
    from albums_counted
    union all
    select
        snapshot_date,
        'albums' as entity,
        'image_url' as field,
        objects,
        has_image_url as present
    from albums_counted
    union all
    select
        snapshot_date,
        'artists' as entity,
        'name' as field,
        objects,
        has_name as present
    from artists_counted
    union all
    select
        snapshot_date,
        'artists' as entity,
        'genres' as field,
        objects,
        has_genres as present
    from artists_counted
    union all
    select
        snapshot_date,
        'artists' as entity,
        'popularity' as field,
        objects,
        has_popularity as present
    from artists_counted
    union all
    select
        snapshot_date,
        'artists' as entity,
        'followers' as field,
        objects,
        has_followers as present
    from artists_counted
    union all
    select
        snapshot_date,
        'artists' as entity,
        'image_url' as field,
        objects,
        has_image_url as present
    from artists_counted
    union all
    select
        snapshot_date,
        'songs' as entity,
        'name' as field,
        objects,
        has_name as present
    from songs_counted
    union all
    select
        snapshot_date,
        'songs' as entity,
        'duration_ms' as field,
        objects,
        has_duration_ms as present
    from songs_counted
    union all
    select
        snapshot_date,
        'songs' as entity,
        'is_playable' as field,
        objects,
        has_is_playable as present
    from songs_counted
    union all
    select
        snapshot_date,
        'songs' as entity,
        'popularity' as field,
        objects,
        has_popularity as present
    from songs_counted
    union all
    select
        snapshot_date,
        'songs' as entity,
        'isrc' as field,
        objects,
        has_isrc as present
    from songs_counted
    union all
    select
        snapshot_date,
        'playlists' as entity,
        'name' as field,
        objects,
        has_name as present
    from playlists_counted
    union all
    select
        snapshot_date,
        'playlists' as entity,
        'description' as field,
        objects,
        has_description as present
    from playlists_counted
    union all
    select
        snapshot_date,
        'playlists' as entity,
        'owner_name' as field,
        objects,
        has_owner_name as present
    from playlists_counted
    union all
    select
        snapshot_date,
        'playlists' as entity,
        'followers' as field,
        objects,
        has_followers as present
    from playlists_counted
    union all
    select
        snapshot_date,
        'playlists' as entity,
        'image_url' as field,
        objects,
        has_image_url as present
    from playlists_counted
),

final as (
    select
        snapshot_date,
        entity,
        field,
        objects,
        present,
        round(present / objects, 6) as share_present
    from fields
)

select * from final;
