import io

import pytest
from botocore.stub import ANY, Stubber

from tests.lambdas.local_aws import BUCKET
from tonearm_pipeline.errors import AwsRefusedError, StorageUnavailableError
from tonearm_pipeline.json_store import JsonStore
from tonearm_pipeline.staged import RangeFile, StagedStore, StoredFile

KEY = "staged/file.parquet"
BODY = bytes(range(200))


@pytest.fixture
def file(store: JsonStore) -> StoredFile:
    store.s3.put_object(Bucket=BUCKET, Key=KEY, Body=BODY)
    return StagedStore(store.s3, BUCKET).list_files("staged/", ".parquet")[0]


def test_a_listing_goes_over_all_pages(store: JsonStore, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(7):
        store.s3.put_object(Bucket=BUCKET, Key=f"staged/{number}.parquet", Body=b"x" * number)
    store.s3.put_object(Bucket=BUCKET, Key="staged/_SUCCESS", Body=b"")
    whole = store.s3.list_objects_v2
    monkeypatch.setattr(store.s3, "list_objects_v2", lambda **wanted: whole(**wanted, MaxKeys=2))

    files = StagedStore(store.s3, BUCKET).list_files("staged/", ".parquet")

    assert [(file.key, file.size) for file in files] == [
        (f"staged/{number}.parquet", number) for number in range(7)
    ]
    assert all(file.etag and '"' not in file.etag for file in files)


def test_a_range_file_reads_like_a_local_one(store: JsonStore, file: StoredFile) -> None:
    ranged = io.BufferedReader(RangeFile(store.s3, BUCKET, file), buffer_size=16)
    local = io.BytesIO(BODY)

    for offset, whence, size in ((0, 0, 10), (-8, 2, 8), (50, 0, 100), (5, 1, 20), (195, 0, 50)):
        assert ranged.seek(offset, whence) == local.seek(offset, whence)
        assert ranged.read(size) == local.read(size)
        assert ranged.tell() == local.tell()
    assert ranged.read() == b""


def test_a_file_that_changes_while_it_is_read_is_no_mixture(
    store: JsonStore, file: StoredFile
) -> None:
    ranged = RangeFile(store.s3, BUCKET, file)
    assert ranged.read(10) == BODY[:10]
    store.s3.put_object(Bucket=BUCKET, Key=KEY, Body=BODY[::-1])

    with pytest.raises(AwsRefusedError, match=r"PreconditionFailed|412"):
        ranged.read(10)


def test_a_throttled_listing_can_be_tried_again(store: JsonStore) -> None:
    with Stubber(store.s3) as stubber:
        stubber.add_client_error(
            "list_objects_v2", "SlowDown", expected_params={"Bucket": BUCKET, "Prefix": ANY}
        )

        with pytest.raises(StorageUnavailableError, match="list staged/: SlowDown"):
            StagedStore(store.s3, BUCKET).list_files("staged/", "")


def test_a_digest_is_over_all_bytes(store: JsonStore, file: StoredFile) -> None:
    expected = "1901da1c9f699b48f6b2636e65cbf73abf99d0441ef67f5c540a42f7051dec6f"

    assert StagedStore(store.s3, BUCKET).sha256(KEY) == expected
