"""Full albums and artists for left-over calls, from the switch to the warehouse."""

from pathlib import Path

import pytest

from tests.e2e.driving import (
    SONGS,
    document,
    follow,
    forget_the_size_of_the_quota,
    run_id_of,
    serve,
    start,
    steered,
)
from tests.e2e.local_cloud import Cloud
from tests.faults.catalogues import ALBUMS_PER_ARTIST, SONGS_PER_ALBUM

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

ALBUMS = SONGS // SONGS_PER_ALBUM
ARTISTS = ALBUMS // ALBUMS_PER_ARTIST


def test_full_albums_and_artists_reach_the_warehouse(cloud: Cloud, tmp_path: Path) -> None:
    forget_the_size_of_the_quota(cloud)
    with steered(cloud) as fake:
        source = serve(fake, tmp_path, "rich")
        finished = follow(cloud, start(cloud, source, enrich="all"), lambda: None)
        paths = [call["path"].removeprefix("/v1/") for call in fake.calls()]

    assert finished.is_green, finished.cause
    assert sum(path.startswith("albums/") for path in paths) == ALBUMS
    assert sum(path.startswith("artists/") for path in paths) == ARTISTS
    run_id = run_id_of(finished)
    assert document(cloud, run_id, "ledger")["balances"] is True
    [(labelled,)] = cloud.query(
        f"select count(*) from tonearm.landing.albums where run_id = '{run_id}' and label = 'L'"
    )
    assert labelled == ALBUMS
