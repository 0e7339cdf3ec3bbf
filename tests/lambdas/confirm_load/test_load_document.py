from datetime import UTC, datetime
from typing import Any

from confirm_load.load_core import CoreLoad, Refresh, Suspended
from confirm_load.load_document import compose_load, loads_before
from confirm_load.load_status import FileLoad, FileStatus, PublishedFile
from tests.lambdas.tonearm_pipeline.finished_run import ROWS, key_of, published_manifest

SONGS = PublishedFile("songs", key_of("songs"), 6)
ALBUMS = PublishedFile("albums", key_of("albums"), 4)
NOW = datetime(2026, 11, 22, 9, 6, tzinfo=UTC)
CORE = CoreLoad(
    purge_started_at=NOW.isoformat(),
    refresh=Refresh("q-1", NOW.isoformat()),
    suspended=(Suspended("task", "T.OPS.PURGE", "2026-11-20", "", "resume it"),),
)


def document(core: CoreLoad = CORE) -> dict[str, Any]:
    return compose_load(
        published_manifest(),
        status="pending",
        loads=[
            FileLoad(SONGS, FileStatus.LOADED, 6, 6),
            FileLoad(ALBUMS, FileStatus.PENDING, 0, 0),
        ],
        core_rows={"songs": 5},
        core=core,
        repairs=[],
        tries=3,
        asked_at=NOW,
        warehouse_asked_at=None,
    )


def test_the_document_has_files_and_figures_of_every_entity() -> None:
    load = document()

    assert (load["status"], load["tries"], load["attempt"]) == ("pending", 3, 1)
    assert load["entities"]["songs"] == {"loaded": 6, "landing": 6, "warehouse": 5}
    assert load["entities"]["albums"] == {"loaded": 0, "landing": 0, "warehouse": 0}
    assert set(load["entities"]) == set(ROWS)
    assert load["files"][1] == {
        "key": ALBUMS.key,
        "entity": "albums",
        "status": "pending",
        "rows_loaded": 0,
        "rows_in_landing": 0,
        "repeated_rows": 0,
        "first_error": "",
    }


def test_what_is_written_is_read_back() -> None:
    written = document()

    loads = {load.file.entity: load for load in loads_before(published_manifest(), written)}

    assert CoreLoad.from_dict(written["core"]) == CORE
    assert CoreLoad.from_dict(document(CoreLoad())["core"]) == CoreLoad()
    assert loads["songs"] == FileLoad(SONGS, FileStatus.LOADED, 6, 6)
    assert loads["artists"].status is FileStatus.PENDING


def test_without_a_document_no_file_is_loaded() -> None:
    loads = loads_before(published_manifest(), None)

    assert {load.file.entity for load in loads} == set(ROWS)
    assert {load.status for load in loads} == {FileStatus.PENDING}
