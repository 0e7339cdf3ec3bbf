-- One run's raw parts -> the five tables, as somebody with DuckDB alone would write them: the raw
-- lines are parsed once, into a table in memory. A second run replaces the first one's files.
-- $raw, $manifest and $staged are put in by duckdb_transform.py.
create temp table entries as
with lines as (
    select
        split_part(source, ':', 3) as playlist_id,
        fetched_at::timestamptz as extracted_at,
        body.offset::integer as first_position,
        body.items as items,
    from read_json(
        '$raw',
        format = 'newline_delimited',
        columns = {
            source: 'varchar',
            fetched_at: 'varchar',
            body: '$body'
        }
    )
),

unnested as (
    select
        playlist_id,
        extracted_at,
        first_position + generate_subscripts(items, 1)::integer - 1 as position,
        unnest(items) as entry,
    from lines
),

found as (
    select *, coalesce(entry.item, entry.track) as content from unnested
)

select
    playlist_id,
    extracted_at,
    position,
    nullif(entry.added_at::timestamptz, '1970-01-01T00:00:00Z'::timestamptz) as added_at,
    nullif(entry.added_by.id, '') as added_by_id,
    entry.is_local::boolean as is_local,
    content,
    case
        when content is null then 'unavailable'
        when entry.is_local = 'true' or content.is_local = 'true' then 'local_file'
        when lower(content.type) = 'episode' or content.album.type = 'show' then 'episode'
        when lower(content.type) = 'track' and content.id <> '' then 'song'
        else 'malformed'
    end as entry_kind,
from found;

create macro credits(artists) as [
    {'artist_id': nullif(a.id, ''), 'name': nullif(a.name, '')} for a in artists
];

create macro image(images) as
    images[list_position([i.width::double for i in images], list_max([i.width::double for i in images]))].url;

create macro whole(number) as coalesce(try_cast(number as bigint), try_cast(number as double)::bigint);

copy (
    with best as (
        select content.album.id as album_id, arg_max(content.album, extracted_at) as album, max(extracted_at) as extracted_at
        from entries
        where entry_kind = 'song' and content.album.id <> ''
        group by all
    ),

    named as (
        select
            *,
            nullif(album.release_date, '') as release_date_text,
            lower(nullif(album.release_date_precision, '')) as release_date_precision
        from best
    )

    select
        album_id,
        nullif(album.name, '') as name,
        lower(nullif(album.album_type, '')) as album_type,
        release_date_text,
        release_date_precision,
        case
            when release_date_text like '0000%' then null
            when release_date_precision = 'year' then try_cast(release_date_text[1:4] || '-01-01' as date)
            when release_date_precision = 'month' then try_cast(release_date_text[1:7] || '-01' as date)
            else try_cast(release_date_text as date)
        end as release_date,
        whole(album.total_tracks)::integer as total_tracks,
        nullif(album.label, '') as label,
        whole(album.popularity)::integer as popularity,
        nullif(album.external_ids.upc, '') as upc,
        album.genres as genres,
        credits(album.artists) as artists,
        image(album.images) as image_url,
        nullif(album.external_urls.spotify, '') as spotify_url,
        nullif(album.uri, '') as uri,
        false as is_full_object,
        $lineage,
        extracted_at
    from named
) to '$staged/albums.parquet' (format parquet, compression snappy);

copy (
    with credited as (
        select extracted_at, unnest(list_concat(content.artists, content.album.artists)) as artist
        from entries
        where entry_kind = 'song'
    ),

    best as (
        select artist.id as artist_id, arg_max(artist, extracted_at) as artist, max(extracted_at) as extracted_at
        from credited
        where artist.id <> ''
        group by all
    )

    select
        artist_id,
        nullif(artist.name, '') as name,
        artist.genres as genres,
        whole(artist.popularity)::integer as popularity,
        whole(artist.followers.total) as followers,
        image(artist.images) as image_url,
        nullif(artist.external_urls.spotify, '') as spotify_url,
        nullif(artist.uri, '') as uri,
        false as is_full_object,
        $lineage,
        extracted_at
    from best
) to '$staged/artists.parquet' (format parquet, compression snappy);

copy (
    with best as (
        select content.id as track_id, arg_max(content, extracted_at) as track, max(extracted_at) as extracted_at
        from entries
        where entry_kind = 'song'
        group by all
    )

    select
        track_id,
        nullif(track.name, '') as name,
        nullif(track.album.id, '') as album_id,
        whole(track.disc_number)::integer as disc_number,
        whole(track.track_number)::integer as track_number,
        whole(track.duration_ms) as duration_ms,
        track.explicit::boolean as is_explicit,
        track.is_playable::boolean as is_playable,
        whole(track.popularity)::integer as popularity,
        nullif(track.external_ids.isrc, '') as isrc_text,
        case
            when regexp_full_match(upper(replace(track.external_ids.isrc, '-', '')), '[A-Z0-9]{12}')
                then upper(replace(track.external_ids.isrc, '-', ''))
        end as isrc,
        nullif(track.linked_from.id, '') as linked_from_track_id,
        credits(track.artists) as artists,
        nullif(track.external_urls.spotify, '') as spotify_url,
        nullif(track.uri, '') as uri,
        true as is_full_object,
        $lineage,
        extracted_at
    from best
) to '$staged/songs.parquet' (format parquet, compression snappy);

create temp table listed as
select unnest(playlists, max_depth := 2) from read_json('$manifest');

copy (
    select
        playlist_id,
        position,
        entry_kind,
        case when entry_kind = 'song' then nullif(content.id, '') end as track_id,
        case when entry_kind = 'song' then nullif(content.linked_from.id, '') end as linked_from_track_id,
        case when entry_kind = 'episode' then nullif(content.id, '') end as episode_id,
        nullif(content.name, '') as name,
        case when entry_kind <> 'episode' then credits(content.artists) end as artists,
        nullif(coalesce(content.show.name, content.album.name), '') as album_name,
        whole(content.duration_ms) as duration_ms,
        nullif(content.uri, '') as uri,
        added_at,
        added_by_id,
        is_local,
        listed.snapshot_id,
        listed.is_consistent,
        $lineage,
        extracted_at
    from entries
    inner join listed using (playlist_id)
    where entry_kind <> 'malformed'
) to '$staged/playlist_entries.parquet' (format parquet, compression snappy);

copy (
    with counted as (
        select
            playlist_id,
            count_if(entry_kind = 'song')::integer as songs,
            count_if(entry_kind = 'episode')::integer as episodes,
            count_if(entry_kind = 'local_file')::integer as local_files,
            count_if(entry_kind = 'unavailable')::integer as unavailable,
            count_if(entry_kind = 'malformed')::integer as malformed,
            min(extracted_at) as extracted_at,
        from entries
        group by all
    )

    select
        playlist_id,
        null::varchar as name,
        null::varchar as description,
        null::varchar as owner_id,
        null::varchar as owner_name,
        null::boolean as is_public,
        null::boolean as is_collaborative,
        null::bigint as followers,
        null::varchar as image_url,
        null::varchar as spotify_url,
        null::varchar as uri,
        listed.snapshot_id,
        listed.is_consistent,
        listed.api_total::integer as api_total,
        songs,
        episodes,
        local_files,
        unavailable,
        malformed,
        $lineage,
        extracted_at
    from counted
    inner join listed using (playlist_id)
) to '$staged/playlists.parquet' (format parquet, compression snappy);
