"""Messages of S3, and the pipes a file belongs to."""

import json
from typing import Any

import pytest

from tonearm.local.snowpipe.events import created_urls
from tonearm.local.snowpipe.routes import routes_of

STAGES = {"DB.S.FILES": "s3://bucket/in/"}


def an_event(key: str, name: str = "ObjectCreated:Put") -> dict[str, Any]:
    return {"eventName": name, "s3": {"bucket": {"name": "bucket"}, "object": {"key": key}}}


def a_pipe(path: str = "t/", pattern: str = "", **overrides: Any) -> dict[str, Any]:
    clause = f" pattern = '{pattern}'" if pattern else ""
    return {
        "database_name": "DB",
        "schema_name": "S",
        "name": "P",
        "notification_channel": "arn:queue",
        "definition": f"copy into t from @files/{path}{clause}"
        " file_format = (type = parquet) match_by_column_name = case_insensitive",
        **overrides,
    }


def test_keys_are_decoded() -> None:
    body = json.dumps({"Records": [an_event("a/p+a%2Brt%3D%C3%A9.parquet")]})

    assert created_urls(body) == ["s3://bucket/a/p a+rt=é.parquet"]


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "bucket"}),
        json.dumps({"Records": [an_event("a", "ObjectRemoved:Delete")]}),
        json.dumps({"Records": []}),
        json.dumps([1]),
        "no json",
    ],
)
def test_what_tells_of_no_new_object_is_let_go(body: str) -> None:
    assert created_urls(body) == []


@pytest.mark.parametrize("name", ["ObjectCreated:Put", "s3:ObjectCreated:CompleteMultipartUpload"])
def test_every_way_of_creating_counts(name: str) -> None:
    assert created_urls(json.dumps({"Records": [an_event("a", name)]})) == ["s3://bucket/a"]


def test_a_route_is_stage_path_and_pattern() -> None:
    """https://docs.snowflake.com/en/sql-reference/sql/create-pipe#usage-notes."""
    (route,) = routes_of([a_pipe(pattern="day=.*[.]parquet")], STAGES)

    assert route.pipe == '"DB"."S"."P"'
    assert route.takes("s3://bucket/in/t/day=1/a.parquet")
    assert not route.takes("s3://bucket/in/t/a.parquet")
    assert not route.takes("s3://bucket/in/u/day=1/a.parquet")
    assert not route.takes("s3://other/in/t/day=1/a.parquet")


def test_a_stage_without_a_closing_slash_and_a_pipe_without_a_path() -> None:
    (route,) = routes_of([a_pipe(path="")], {"DB.S.FILES": "s3://bucket/in"})

    assert route.takes("s3://bucket/in/t/a.csv")


def test_a_pipe_without_a_channel_or_a_stage_gets_no_files() -> None:
    assert routes_of([a_pipe(notification_channel=None)], STAGES) == []
    assert routes_of([a_pipe()], {}) == []
