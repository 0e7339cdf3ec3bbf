"""A past run transformed again: by the same code, by changed code, and published."""

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

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
from tests.e2e.replays import JOBS, PURGE, changed_rules, fresh_load, timeless
from tests.faults.catalogues import SONGS_PER_ALBUM
from tonearm.local.stack import STACK_NAME
from tonearm.replay.comparing import TableDifference
from tonearm.replay.replaying import ReplayOptions, replay
from tonearm.runs import executions
from tonearm.screen import Screen
from tonearm_pipeline.json_store import JsonStore
from tonearm_pipeline.keys import raw_manifest_key

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1800)]

ENTITIES = ("albums", "artists", "songs", "playlist_entries", "playlists")
# Two deliberate changes: the song at place 7 is refused, the first song of each album is explicit.
REFUSED_AT = 7
NEW_RULES = {
    "tonearm_glue/entries.py": (
        'text(content["id"]).isNull(), TRACK_WITHOUT_ID',
        '(text(content["id"]).isNull() | content["name"].endswith(" song 7")), TRACK_WITHOUT_ID',
    ),
    "tonearm_glue/song_mentions.py": (
        'flag(track["explicit"])',
        '((track["track_number"] == "1") | flag(track["explicit"]))',
    ),
}
FIRST_SONGS = SONGS // SONGS_PER_ALBUM


@pytest.fixture(scope="module")
def run_id(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A run over one list of 180 songs."""
    forget_the_size_of_the_quota(cloud)
    with steered(cloud) as fake:
        source = serve(fake, tmp_path_factory.mktemp("account"), "replayed")
        finished = follow(cloud, start(cloud, source), lambda: None)
    assert finished.is_green, finished.cause
    return run_id_of(finished)


def replayed(
    cloud: Cloud, run_id: str, *, is_publishing: bool = False
) -> tuple[dict[str, TableDifference], str]:
    """What the command finds per table, and what it prints."""
    text = io.StringIO()
    options = ReplayOptions(STACK_NAME, run_id, is_publishing=is_publishing)
    screen = Screen(Console(file=text, width=160))
    found = replay(replace(options, poll_seconds=0.2), cloud.stack.client, screen)
    assert found is not None, text.getvalue()
    return {one.table: one for one in found[0].differences}, text.getvalue()


def test_a_replay_of_unchanged_code_finds_no_difference(
    cloud: Cloud, run_id: str, tmp_path: Path
) -> None:
    before = timeless(cloud.export(tmp_path / "before"))
    published = cloud.keys("curated/")

    found, printed = replayed(cloud, run_id)

    assert set(found) == set(ENTITIES)
    assert all(one.is_equal for one in found.values()), printed
    assert found["songs"].rows == SONGS
    assert "replay: 1 run(s), 0 differences" in printed
    # Nothing was published: no file, no row.
    assert cloud.keys("curated/") == published
    assert timeless(cloud.export(tmp_path / "after")) == before


def test_a_large_runs_python_workers_give_the_same_tables(cloud: Cloud, run_id: str) -> None:
    """They get the jobs' package from the job alone; any size is large here."""
    before = {run["Id"] for run in cloud.job_runs()}

    with changed_rules(
        cloud, {"tonearm_glue/plain.py": ("FROM_BYTES = 4 << 20", "FROM_BYTES = 0")}
    ):
        found, printed = replayed(cloud, run_id)

    assert all(one.is_equal for one in found.values()), printed
    told = [
        line for run in cloud.job_runs() if run["Id"] not in before for line in _told(cloud, run)
    ]
    left = [line["lines"] for line in told if line["event"] == "lines_left_to_spark"]
    store = JsonStore(cloud.stack.client("s3"), cloud.stack.outputs["Bucket"])
    raw = store.get(raw_manifest_key(run_id))
    assert raw is not None
    assert len(left) == len(JOBS)
    assert max(left) < sum(part["lines"] for part in raw["parts"])


def _told(cloud: Cloud, job_run: dict[str, Any]) -> list[dict[str, Any]]:
    """The events that a job run printed."""
    logs = cloud.stack.client("logs").get_log_events(
        logGroupName="/tonearm/tonearm-local/glue/output", logStreamName=f"{job_run['Id']}-driver"
    )
    texts = [event["message"] for event in logs["events"]]
    return [json.loads(text) for text in texts if text.startswith('{"event"')]


def test_a_changed_rule_shows_its_rows_and_publishing_equals_a_fresh_load(
    cloud: Cloud, run_id: str, tmp_path: Path
) -> None:
    first_attempt = [key for key in cloud.keys("curated/") if run_id in key]

    with changed_rules(cloud, NEW_RULES):
        found, printed = replayed(cloud, run_id, is_publishing=True)

    songs, entries, playlists = (found[name] for name in ENTITIES[2:])
    assert found["albums"].is_equal
    assert found["artists"].is_equal
    assert (songs.added, songs.removed, songs.changed) == (0, 1, FIRST_SONGS)
    assert songs.columns == {"is_explicit": FIRST_SONGS}
    assert (entries.added, entries.removed, entries.changed) == (0, 1, 0)
    assert entries.removed_keys[0][2] == REFUSED_AT
    assert playlists.columns == {"songs": 1, "malformed": 1}
    assert found["quarantine of playlist_entries"].added == 1
    assert "load by the pipe: the files are new" in printed
    assert "5 of 5 files loaded" in printed

    manifest = document(cloud, run_id, "manifest")
    assert document(cloud, run_id, "ledger")["balances"] is True
    # One attempt lies in S3, so no reader of it counts a row twice.
    now_there = [key for key in cloud.keys("curated/") if run_id in key]
    assert len(now_there) == len(first_attempt) == len(ENTITIES)
    assert all(f"{run_id}.{manifest['attempt']}-" in key for key in now_there)
    [(explicit, rows)] = cloud.query(
        f"select count_if(is_explicit), count(*) from tonearm.core.songs where run_id = '{run_id}'"
    )
    assert (explicit, rows) == (FIRST_SONGS, SONGS - 1)
    cloud.query(PURGE)
    assert timeless(cloud.export(tmp_path / "kept")) == fresh_load(cloud, tmp_path / "fresh")

    # Taking the rule back: exactly the same rows, the other way round.
    found, printed = replayed(cloud, run_id, is_publishing=True)

    assert (found["songs"].added, found["songs"].changed) == (1, FIRST_SONGS)
    assert found["quarantine of playlist_entries"].removed == 1
    assert timeless(cloud.export(tmp_path / "back")) == fresh_load(cloud, tmp_path / "again")
    # Equal to what is published now: nothing new is made, what is there is confirmed.
    attempt = document(cloud, run_id, "manifest")["attempt"]
    found, printed = replayed(cloud, run_id, is_publishing=True)
    assert all(one.is_equal for one in found.values()), printed
    assert f"nothing new to load: attempt {attempt} stays" in printed
    assert document(cloud, run_id, "manifest")["attempt"] == attempt


def test_a_run_that_does_not_exist_is_red_and_named(cloud: Cloud) -> None:
    machine = cloud.stack.outputs["StateMachineArn"]
    stepfunctions = cloud.stack.client("stepfunctions")
    replay_input = {"replay": {"run_id": "20200101T000000Z-abcdef", "publish": False}}

    arn = executions.start(stepfunctions, machine, "replay-of-nothing", replay_input)
    finished = executions.follow(stepfunctions, arn, lambda _: None)

    assert finished.error == "BadEventError"
    assert "raw/20200101T000000Z-abcdef/manifest.json" in finished.cause
