from dataclasses import replace
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient

from publish_run import catalog
from publish_run.catalog import Catalog, hive_columns
from tests.contract.template_reader import resources
from tests.lambdas.local_aws import BUCKET
from tonearm_glue import contract
from tonearm_glue.contract import ALBUMS, PLAYLIST_ENTRIES, Column, Kind

DATABASE = "music"


@pytest.fixture
def music(aws: None) -> Catalog:
    boto3.client("glue").create_database(DatabaseInput={"Name": DATABASE})
    return Catalog(DATABASE, BUCKET)


def columns(table: str) -> list[str]:
    found = boto3.client("glue").get_table(DatabaseName=DATABASE, Name=table)["Table"]
    return [column["Name"] for column in found["StorageDescriptor"]["Columns"]]


def test_columns_have_the_types_athena_reads() -> None:
    found = hive_columns(PLAYLIST_ENTRIES)

    assert found["position"] == "int"
    assert found["duration_ms"] == "bigint"
    assert found["added_at"] == "timestamp"
    assert found["is_local"] == "boolean"
    assert found["artists"] == "array<struct<artist_id:string,name:string>>"
    assert hive_columns(ALBUMS)["release_date"] == "date"
    assert hive_columns(ALBUMS)["genres"] == "array<string>"


def test_the_partition_column_is_not_named_twice() -> None:
    assert "snapshot_date" not in hive_columns(ALBUMS)


def test_registering_again_changes_nothing(music: Catalog) -> None:
    music.register(["albums"], "2026-11-22")
    glue = boto3.client("glue")
    before = glue.get_table(DatabaseName=DATABASE, Name="albums")["Table"]

    music.register(["albums"], "2026-11-22")

    assert glue.get_table(DatabaseName=DATABASE, Name="albums")["Table"] == before
    partitions = glue.get_partitions(DatabaseName=DATABASE, TableName="albums")["Partitions"]
    assert [partition["Values"] for partition in partitions] == [["2026-11-22"]]


def test_another_day_is_another_partition(music: Catalog) -> None:
    music.register(["albums"], "2026-11-22")
    music.register(["albums"], "2026-11-23")

    glue = boto3.client("glue")
    partitions = glue.get_partitions(DatabaseName=DATABASE, TableName="albums")["Partitions"]
    assert sorted(partition["Values"][0] for partition in partitions) == [
        "2026-11-22",
        "2026-11-23",
    ]


def test_a_column_added_to_the_contract_is_added_to_the_table(
    music: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    music.register(["albums"], "2026-11-22")
    wider = replace(ALBUMS, columns=(*ALBUMS.columns, Column("mood", Kind.TEXT, "How it feels.")))
    monkeypatch.setattr(catalog, "entity_named", lambda name: wider)

    music.register(["albums"], "2026-11-23")

    assert columns("albums") == [*hive_columns(ALBUMS), "mood"]
    glue = boto3.client("glue")
    partitions = glue.get_partitions(DatabaseName=DATABASE, TableName="albums")["Partitions"]
    assert len(partitions) == 2, "widening must not lose partitions"


def test_the_function_may_call_what_the_layers_library_calls_and_no_more(
    music: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new table, the same again, and a wider one."""
    called: set[str] = set()
    call: Any = vars(BaseClient)["_make_api_call"]

    def noting(client: Any, operation: str, arguments: Any) -> Any:
        called.add(f"{client.meta.service_model.service_name}:{operation}")
        return call(client, operation, arguments)

    monkeypatch.setattr(BaseClient, "_make_api_call", noting)
    music.register(["albums"], "2026-11-22")
    music.register(["albums"], "2026-11-22")
    wider = replace(ALBUMS, columns=(*ALBUMS.columns, Column("mood", Kind.TEXT, "How it feels.")))
    monkeypatch.setattr(catalog, "entity_named", lambda name: wider)
    music.register(["albums"], "2026-11-23")

    policies = resources("AWS::Serverless::Function")["PublishRunFunction"]["Policies"]
    statements = [one for policy in policies for one in policy["Statement"]]
    allowed = {name for one in statements for name in one["Action"] if name[:5] == "glue:"}
    assert called == allowed


def test_each_column_carries_its_meaning(music: Catalog) -> None:
    music.register(["albums"], "2026-11-22")

    found = boto3.client("glue").get_table(DatabaseName=DATABASE, Name="albums")["Table"]
    comments = {
        column["Name"]: column["Comment"] for column in found["StorageDescriptor"]["Columns"]
    }
    meanings = {column.name: column.meaning for column in contract.ALBUMS.columns}
    assert comments["total_tracks"] == meanings["total_tracks"]
