from tonearm_pipeline.state.last_good import LastGoodRun
from tonearm_pipeline.state.table import StateTable

OLDER = "20261121T090000Z-aaaaaa"
NEWER = "20261122T090000Z-aaaaaa"


def test_there_is_none_before_the_first_good_run(table: StateTable) -> None:
    assert LastGoodRun(table).published_key() is None


def test_the_newest_run_is_remembered(table: StateTable) -> None:
    last = LastGoodRun(table)

    assert last.remember(OLDER, "older.json")
    assert last.remember(NEWER, "newer.json")
    assert last.published_key() == "newer.json"


def test_an_older_run_that_ends_late_does_not_take_its_place(table: StateTable) -> None:
    last = LastGoodRun(table)
    last.remember(NEWER, "newer.json")

    assert not last.remember(OLDER, "older.json")
    assert last.published_key() == "newer.json"


def test_the_same_run_may_be_recorded_again(table: StateTable) -> None:
    last = LastGoodRun(table)
    last.remember(NEWER, "first.json")

    assert last.remember(NEWER, "second.json")
    assert last.published_key() == "second.json"
