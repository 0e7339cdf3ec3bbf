import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from tonearm_pipeline.errors import AwsRefusedError, StorageUnavailableError
from tonearm_pipeline.json_store import JsonStore, storage_errors
from tonearm_pipeline.state.table import StateTable


def test_a_refused_object_names_action_resource_and_reason(store: JsonStore) -> None:
    with Stubber(store.s3) as stubber:
        stubber.add_client_error("put_object", "AccessDenied", "no identity-based policy allows it")

        with pytest.raises(AwsRefusedError) as caught:
            store.put("runs/r1/ledger.json", {})

    assert str(caught.value) == (
        "write s3://tonearm-test/runs/r1/ledger.json: PutObject was refused (AccessDenied): "
        "no identity-based policy allows it"
    )


def test_a_bucket_that_is_not_there_is_refused_by_name(aws: None) -> None:
    nowhere = JsonStore(boto3.client("s3"), "tonearm-nowhere")

    with pytest.raises(AwsRefusedError, match=r"s3://tonearm-nowhere/key: GetObject.*NoSuchBucket"):
        nowhere.get("key")


def test_a_table_that_is_not_there_is_refused_by_name(aws: None) -> None:
    nowhere = StateTable(boto3.client("dynamodb"), "no-table")

    with pytest.raises(AwsRefusedError, match="read quota in table no-table: GetItem was refused"):
        nowhere.get("quota", "limit")


@pytest.mark.parametrize("code", ["SlowDown", "ThrottlingException", "InternalError"])
def test_what_another_try_may_cure_is_told_apart(code: str) -> None:
    with pytest.raises(StorageUnavailableError, match=f"read x: {code}"), storage_errors("read x"):
        raise ClientError({"Error": {"Code": code}}, "GetObject")


def test_a_condition_that_fails_is_an_answer_and_no_error(table: StateTable) -> None:
    table.put({"pk": "a", "sk": "b"})

    assert table.put_if({"pk": "a", "sk": "b"}, "attribute_not_exists(pk)") is False
