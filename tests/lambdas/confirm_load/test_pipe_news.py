"""When the pipes' own words are reason enough to wake a warehouse."""

import json
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest

from confirm_load.pipe_news import PipeNews, is_worth_asking

PUBLISHED = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
PATIENCE = timedelta(minutes=5)


def at(seconds: float) -> datetime:
    return PUBLISHED + timedelta(seconds=seconds)


def pipe(
    ingested: float | None = None, forwarded: float | None = None, pending: int = 0
) -> PipeNews:
    moments = [None if one is None else at(one) for one in (ingested, forwarded)]
    return PipeNews("songs", pending, *moments)


class Case(NamedTuple):
    id: str
    pipes: list[PipeNews]
    asked: float | None
    now: float
    is_worth: bool


CASES = [
    Case("nothing has come yet", [pipe()], None, 20, False),
    Case("loaded, but of a run before", [pipe(ingested=-3600)], None, 20, False),
    Case("files wait", [pipe(ingested=30, pending=1)], None, 40, False),
    Case("all loaded", [pipe(ingested=30), pipe(ingested=31)], None, 40, True),
    Case("one of two loaded", [pipe(ingested=30), pipe()], None, 40, False),
    Case("told of a file that was known already", [pipe(forwarded=10)], None, 80, True),
    Case("told of a file a moment ago", [pipe(forwarded=10)], None, 40, False),
    Case("asked since, nothing new", [pipe(ingested=30)], 40, 100, False),
    Case("asked before the last file came", [pipe(ingested=50)], 40, 60, True),
    Case("nobody was asked for five minutes", [pipe()], None, 300, True),
    Case("asked five minutes ago", [pipe(ingested=30)], 40, 340, True),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_warehouse_is_asked_when_there_may_be_news(case: Case) -> None:
    asked = None if case.asked is None else at(case.asked)

    assert is_worth_asking(case.pipes, PUBLISHED, asked, PATIENCE, at(case.now)) is case.is_worth


def test_a_pipes_status_is_read_as_the_page_writes_it() -> None:
    status = {
        "executionState": "RUNNING",
        "pendingFileCount": 2,
        "lastIngestedTimestamp": "2026-11-22T09:00:30.000Z",
        "lastForwardedMessageTimestamp": "2026-11-22T09:00:10.000Z",
    }

    assert PipeNews.from_json("songs", json.dumps(status)) == pipe(30, 10, pending=2)
    assert PipeNews.from_json("songs", '{"executionState":"RUNNING","pendingFileCount":0}') == (
        pipe()
    )
