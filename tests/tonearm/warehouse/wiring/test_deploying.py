"""The first deploy, the second, and what is between: plan, refusal, key, rotation, loads."""

import json
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tests.snowflake.landing_rows import an_album
from tests.snowflake.local_account import parquet
from tests.tonearm.warehouse.wiring.drifts import parameter
from tests.tonearm.warehouse.wiring.local_sides import QUEUE, LocalSides, Outcome
from tonearm.errors import OperatorError
from tonearm.warehouse.wiring.findings import Kind
from tonearm.warehouse.wiring.keys import key_pair_of
from tonearm_glue.contract import ALBUMS

PRINCIPAL = "arn:aws:iam::000000000000:user/local-snowflake"
PIPE = "TONEARM.LANDING.ALBUMS_PIPE"
LEDGER = "select subject, checksum from tonearm.ops.applied_sql"
ALBUM_KEY = "curated/albums/snapshot_date=2024-05-01/albums-20240501T060000Z-abcdef-00000.parquet"


def album_rows(sides: LocalSides) -> list[tuple[str, str]]:
    rows = sides.rows("select distinct album_id, source_file from tonearm.landing.albums")
    return [(row["album_id"], row["source_file"]) for row in rows]


class Story(NamedTuple):
    """A stack and an account of this module's own, and what its first calls said."""

    sides: LocalSides
    planned: Outcome
    refused: Outcome
    events_before: int
    events_after_refusal: int
    secret_after_refusal: str
    first: Outcome


@pytest.fixture(scope="module")
def story(local_sides: LocalSides, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    sides = local_sides.apart(tmp_path_factory.mktemp("story"), "tonearm-story")
    try:
        sides.put_file(ALBUM_KEY, parquet(ALBUMS, [an_album()]))
        before = sides.events()
        planned, refused = sides.deploy(is_plan_only=True), sides.deploy(answer=False)
        after, secret = sides.events(), sides.secret()
        yield Story(sides, planned, refused, before, after, secret, sides.deploy())
    finally:
        sides.stop()


def test_a_plan_names_every_change_and_makes_none(story: Story) -> None:
    assert "SQL files" in story.planned.text
    assert "the secret of the private key is empty -> make a key pair" in story.planned.text
    assert "SnowpipeQueueArn is not known before the SQL is applied" in story.planned.text
    assert "Applying" not in story.planned.text
    assert "Nothing was changed." in story.refused.text
    assert story.events_after_refusal == story.events_before
    assert story.secret_after_refusal == ""


def test_a_first_deploy_wires_both_sides(story: Story) -> None:
    assert story.first.findings == [], story.first.text
    stack = story.sides.stack
    assert stack.parameter("SnowflakeAccount") == "LOCAL-TEST"
    assert stack.parameter("SnowflakePrincipalArn") == PRINCIPAL
    assert stack.parameter("SnowpipeQueueArn") == QUEUE
    own_id = f"tonearm-{stack.stack_id.rsplit('/', 1)[-1]}"
    assert stack.parameter("SnowflakeExternalId") == own_id
    (row,) = [
        row
        for row in story.sides.rows("desc integration tonearm_s3")
        if row["property"] == "STORAGE_AWS_EXTERNAL_ID"
    ]
    assert row["property_value"] == own_id
    assert story.sides.accepts(story.sides.secret())


def test_a_file_from_before_the_first_deploy_is_loaded(story: Story) -> None:
    assert ("album-1", ALBUM_KEY) in album_rows(story.sides)
    assert "listed the bucket and opened a file" in story.first.text


def test_the_trust_is_in_place_before_the_stage_is_made(story: Story) -> None:
    lines = story.first.text.splitlines()

    updates = [at for at, line in enumerate(lines) if "UPDATE_COMPLETE" in line]
    stage = next(at for at, line in enumerate(lines) if "20_landing_albums.sql" in line)
    assert len(updates) == 2
    assert updates[0] < stage < updates[1]


def test_a_second_deploy_changes_nothing(wired: LocalSides) -> None:
    events, ledger, key = wired.events(), wired.rows(LEDGER), wired.secret()
    integration = wired.rows("show integrations like 'TONEARM_S3'")
    pipes = wired.rows("show pipes in database tonearm")

    outcome = wired.deploy(answer=False)  # nobody is asked

    assert outcome.findings == []
    assert outcome.text.startswith("Nothing to change.")
    assert wired.events() == events
    assert wired.rows(LEDGER) == ledger
    assert wired.secret() == key
    assert wired.rows("show integrations like 'TONEARM_S3'") == integration
    assert wired.rows("show pipes in database tonearm") == pipes


def test_a_changed_pipe_loses_no_file_and_keeps_its_rows(story: Story) -> None:
    apart = story.sides
    copy = apart.rows("show pipes in database tonearm")[0]["definition"]
    apart.run(
        f"drop pipe {PIPE}",
        f"create pipe {PIPE} auto_ingest = true as {copy.replace('.*[.]parquet', '.*x[.]parquet')}",
    )
    second = ALBUM_KEY.replace("00000", "00001")
    apart.put_file(second, parquet(ALBUMS, [an_album(album_id="album-2")]))

    outcome = apart.deploy()

    assert outcome.kinds == set()
    assert "pause it, let it drain, make it again, refresh it" in outcome.text
    assert sorted(album_rows(apart)) == [("album-1", ALBUM_KEY), ("album-2", second)]
    shown = apart.rows("show pipes in database tonearm")[0]
    assert (shown["name"], shown["definition"]) == ("ALBUMS_PIPE", copy)
    assert apart.deploy().text.startswith("Nothing to change.")


def test_a_rotated_key_replaces_the_old_one_everywhere(story: Story) -> None:
    apart = story.sides
    old = apart.secret()

    outcome = apart.deploy(rotate_key=True)

    assert outcome.findings == [], outcome.text
    new = apart.secret()
    assert key_pair_of(new.encode()).fingerprint in outcome.text
    assert new != old
    assert apart.accepts(new)
    assert not apart.accepts(old)
    assert "PRIVATE KEY" not in outcome.text


def test_an_integration_made_anew_parts_it_from_the_stage(apart: LocalSides) -> None:
    apart.deploy()
    apart.run("drop integration tonearm_s3")

    outcome = apart.deploy()

    assert "storage integration TONEARM_S3 is missing -> apply the SQL" in outcome.text
    if outcome.findings:  # the local server may not know this ALTER STAGE
        assert outcome.kinds == {Kind.STAGE}
        assert (
            "fix: run `alter stage TONEARM.LANDING.CURATED set storage_integration = TONEARM_S3`"
            in outcome.text
        )
    status = apart.rows(f"select system$pipe_status('{PIPE}') as status")[0]["status"]
    assert json.loads(status)["executionState"] == "RUNNING"


def test_a_stack_update_that_fails_says_why(wired: LocalSides) -> None:
    nowhere = "arn:aws:sqs:us-east-1:000000000000:nowhere"

    with pytest.raises(OperatorError) as caught:
        parameter("SnowpipeQueueArn", nowhere)(wired)

    assert "UPDATE_ROLLBACK_COMPLETE: Bucket: " in str(caught.value)


def test_a_refused_statement_names_its_file_and_the_next_call_goes_on(wired: LocalSides) -> None:
    wired.run(
        "drop view tonearm.mart.newest_songs", "create table tonearm.mart.newest_songs (x int)"
    )

    with pytest.raises(OperatorError) as caught:
        wired.deploy()

    assert "61_mart_newest_songs.sql, statement 2" in str(caught.value)
    assert "run the command again: what is done stays" in str(caught.value)
    wired.run("drop table tonearm.mart.newest_songs")
    assert wired.deploy().findings == []
