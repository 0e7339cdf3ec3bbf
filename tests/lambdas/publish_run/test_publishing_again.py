from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from publish_run.catalog import Catalog
from publish_run.events import PublishRequest
from publish_run.publish import Publishing
from tests.lambdas.local_aws import BUCKET, FakeClock
from tests.lambdas.publish_run.conftest import DATABASE, publishing_over
from tests.lambdas.publish_run.staged_run import (
    DATE,
    RUN_ID,
    StagedRun,
    all_objects,
    published,
)
from tonearm_glue.contract import ENTITIES
from tonearm_pipeline.errors import (
    AuditError,
)
from tonearm_pipeline.json_store import JsonStore
from tonearm_pipeline.state.table import StateTable

MANIFEST = f"runs/{RUN_ID}/manifest.json"
ENTRIES = "playlist_entries"


def run_it(publishing: Publishing, run: StagedRun) -> dict[str, Any]:
    return publishing.run(PublishRequest.from_event(run.event())).as_event()


class Killed(BaseException):
    """The function's process ends here."""


class MortalS3:
    """An S3 client whose process dies before its n-th write, or just after it."""

    def __init__(self, s3: Any, dies_at: int, *, after: bool) -> None:
        self._s3 = s3
        self._dies_at = dies_at
        self._after = after
        self.written: list[str] = []

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._s3, name)
        return self._mortal(method) if name in {"copy_object", "put_object"} else method

    def _mortal(self, method: Any) -> Any:
        def call(**arguments: Any) -> Any:
            if len(self.written) == self._dies_at and not self._after:
                raise Killed
            answer = method(**arguments)
            self.written.append(arguments["Key"])
            if len(self.written) > self._dies_at and self._after:
                raise Killed
            return answer

        return call


class QuietCatalog(Catalog):
    """Remembers what it was asked to register; can die at it."""

    def __init__(self, *, dies: bool = False) -> None:
        super().__init__(DATABASE, BUCKET)
        self._dies = dies
        self.registered: list[str] = []

    def register(self, entities: Sequence[str], snapshot_date: str) -> None:
        if self._dies:
            raise Killed
        self.registered += entities


def publishing_through(s3: Any, table: StateTable, clock: FakeClock) -> Publishing:
    return publishing_over(JsonStore(s3, BUCKET), table, clock, catalog=QuietCatalog())


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("dies_at", range(7))
def test_dying_at_any_write_and_starting_again_ends_in_the_same_objects(
    store: JsonStore,
    table: StateTable,
    clock: FakeClock,
    dies_at: int,
    after: bool,
) -> None:
    run = StagedRun.small()
    run.write(store)
    untouched = all_objects(store)
    mortal = MortalS3(store.s3, dies_at, after=after)
    dying = publishing_through(mortal, table, clock)

    with pytest.raises(Killed):
        run_it(dying, run)
    immortal = MortalS3(store.s3, 99, after=False)
    again = publishing_through(immortal, table, clock)
    answer = run_it(again, run)

    writes = Counter([*mortal.written, *immortal.written])
    assert answer["files"] == 5
    assert set(writes.values()) == {1}, "a second write would be a second event"
    assert len(writes) == 7
    files = run.files()
    names = {key: key.split("/")[1] for key in published(store) if key.startswith("curated/")}
    for key, name in names.items():
        assert (
            published(store)[key] == files[f"staged/{RUN_ID}/1/{name}/part-00000-x.snappy.parquet"]
        )
    assert len(names) == 5
    assert {key: body for key, body in all_objects(store).items() if key in untouched} == untouched


def test_dying_in_the_catalog_and_starting_again_commits(
    store: JsonStore, table: StateTable, clock: FakeClock
) -> None:
    run = StagedRun.small()
    run.write(store)
    dying = publishing_over(store, table, clock, catalog=QuietCatalog(dies=True))

    with pytest.raises(Killed):
        run_it(dying, run)
    assert store.get(MANIFEST) is None
    catalog = QuietCatalog()
    answer = run_it(publishing_over(store, table, clock, catalog=catalog), run)

    assert answer["published_key"] == MANIFEST
    assert catalog.registered == [entity.name for entity in ENTITIES]


def test_publishing_again_changes_nothing(
    publishing: Publishing, store: JsonStore, clock: FakeClock
) -> None:
    run = StagedRun.small()
    run.write(store)
    first = run_it(publishing, run)
    before = all_objects(store)

    clock.move(minutes=5)
    second = run_it(publishing, run)

    assert second == first
    assert all_objects(store) == before


def test_a_name_that_holds_something_else_stops_the_publish(
    publishing: Publishing, store: JsonStore
) -> None:
    run = StagedRun.small()
    run.write(store)
    key = f"curated/songs/snapshot_date={DATE}/songs-{RUN_ID}-00000.parquet"
    store.s3.put_object(Bucket=BUCKET, Key=key, Body=b"something else")

    with pytest.raises(AuditError, match=f"publish {key}: object"):
        run_it(publishing, run)

    assert published(store) == {key: b"something else"}
    assert store.get(MANIFEST) is None


def test_a_file_left_by_an_earlier_try_with_more_files_stops_the_publish(
    publishing: Publishing, store: JsonStore
) -> None:
    run = StagedRun.small()
    run.write(store)
    key = f"curated/songs/snapshot_date={DATE}/songs-{RUN_ID}-00001.parquet"
    store.s3.put_object(Bucket=BUCKET, Key=key, Body=b"left over")

    with pytest.raises(AuditError, match="expected none"):
        run_it(publishing, run)

    assert list(published(store)) == [key]


def test_a_copy_whose_etag_differs_is_known_by_its_source_or_its_bytes(
    publishing: Publishing, store: JsonStore
) -> None:
    # With SSE-KMS a copy has another ETag than its source; a multipart upload shows the same here.
    run = StagedRun.small()
    run.write(store)
    source = f"staged/{RUN_ID}/1/songs/part-00000-x.snappy.parquet"
    key = f"curated/songs/snapshot_date={DATE}/songs-{RUN_ID}-00000.parquet"
    body = run.files()[source]
    upload = store.s3.create_multipart_upload(Bucket=BUCKET, Key=key)["UploadId"]
    part = store.s3.upload_part(Bucket=BUCKET, Key=key, UploadId=upload, PartNumber=1, Body=body)
    store.s3.complete_multipart_upload(
        Bucket=BUCKET,
        Key=key,
        UploadId=upload,
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]},
    )
    etag = store.s3.head_object(Bucket=BUCKET, Key=key)["ETag"]
    assert etag != store.s3.head_object(Bucket=BUCKET, Key=source)["ETag"]

    run_it(publishing, run)

    assert store.s3.head_object(Bucket=BUCKET, Key=key)["ETag"] == etag


def test_a_new_attempt_gets_its_own_names_and_takes_over_the_manifest(
    publishing: Publishing, store: JsonStore
) -> None:
    first, second = StagedRun.small(attempt=1), StagedRun.small(attempt=2)
    first.write(store)
    run_it(publishing, first)
    second.write(store)

    run_it(publishing, second)

    keys = [key for key in published(store) if key.startswith("curated/songs/")]
    folder = f"curated/songs/snapshot_date={DATE}"
    assert keys == [
        f"{folder}/songs-{RUN_ID}-00000.parquet",
        f"{folder}/songs-{RUN_ID}.2-00000.parquet",
    ]
    manifest = store.get(MANIFEST)
    assert manifest is not None
    assert manifest["attempt"] == 2
    with pytest.raises(AuditError, match="attempt 2 is published, attempt 1 is older"):
        run_it(publishing, first)
