"""The first deploy, the second, and what is between: plan, refusal, key, rotation, loads."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.snowflake.landing_rows import an_album
from tests.snowflake.local_account import parquet
from tests.tonearm.warehouse.wiring.drifts import parameter
from tests.tonearm.warehouse.wiring.local_sides import QUEUE, LocalSides, Outcome
from tonearm.errors import OperatorError
from tonearm.warehouse.keys import key_pair_of
from tonearm.warehouse.wiring import inspect_sides, place
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
    # Those of this test: the one that joins the stage again has a third.
    found = [row for row in sorted(album_rows(apart)) if row[0] != "album-3"]
    assert found == [("album-1", ALBUM_KEY), ("album-2", second)]
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


def test_a_stage_joined_again_gets_new_pipes_and_no_file_is_lost_or_doubled(
    story: Story,
) -> None:
    apart = story.sides
    before = {row["name"]: row["created_on"] for row in apart.rows("show pipes in account")}
    apart.run("drop integration tonearm_s3")
    third = ALBUM_KEY.replace("00000", "00002")
    apart.put_file(third, parquet(ALBUMS, [an_album(album_id="album-3")]))

    outcome = apart.deploy()

    assert "storage integration TONEARM_S3 is missing -> apply the SQL" in outcome.text
    assert outcome.findings == [], outcome.text
    after = {row["name"]: row["created_on"] for row in apart.rows("show pipes in account")}
    assert before.keys() == after.keys()
    assert all(after[name] > before[name] for name in before)
    assert ("album-3", third) in album_rows(apart)
    rows = apart.rows("select album_id, count(*) as n from tonearm.core.albums group by album_id")
    assert {row["n"] for row in rows} == {1}
    assert apart.deploy().text.startswith("Nothing to change.")


def test_pipes_whose_stage_was_joined_by_hand_are_made_again(story: Story) -> None:
    """Somebody made the integration anew and joined the stage, and left the pipes as they were."""
    apart = story.sides
    settings = apart.rows("desc integration tonearm_s3")
    told = {row["property"]: row["property_value"] for row in settings}
    apart.run(
        "create or replace storage integration tonearm_s3 type = external_stage enabled = true"
        f" storage_provider = 's3' storage_aws_role_arn = '{told['STORAGE_AWS_ROLE_ARN']}'"
        f" storage_aws_external_id = '{told['STORAGE_AWS_EXTERNAL_ID']}'"
        f" storage_allowed_locations = ('{told['STORAGE_ALLOWED_LOCATIONS']}')",
        "alter stage tonearm.landing.curated set storage_integration = tonearm_s3",
    )

    named = apart.status()
    healed = apart.deploy()

    assert f"pipe-changed: pipe {PIPE} is STOPPED_STAGE_ALTERED" in named.text
    assert healed.findings == [], healed.text
    assert apart.status().findings == []


def test_a_quota_is_set_changed_kept_and_taken_away(story: Story) -> None:
    apart = story.sides
    monitors = "show resource monitors like 'TONEARM_QUOTA'"

    def quota() -> list[str]:
        return [str(row["credit_quota"]) for row in apart.rows(monitors)]

    outcomes = [apart.deploy(credit_quota=5)]
    seen = [quota()]
    assert apart.rows("show warehouses like 'TONEARM_WH'")[0]["resource_monitor"] == "TONEARM_QUOTA"
    for expected in (None, 10, 0, None):
        outcomes.append(apart.deploy(credit_quota=expected))
        seen.append(quota())

    assert seen == [["5"], ["5"], ["10"], [], []]
    assert all(outcome.findings == [] for outcome in outcomes)
    unchanged = [outcome.text.startswith("Nothing to change.") for outcome in outcomes]
    assert unchanged == [False, True, False, False, True]


def test_an_account_outside_aws_is_told_first_and_served_without_error_notifications(
    local_sides: LocalSides, tmp_path: Path
) -> None:
    region = ("--region", "AZURE_WESTEUROPE")
    azure = local_sides.apart(tmp_path, "tonearm-azure", *region)
    try:
        planned, outcome, again = azure.deploy(is_plan_only=True), azure.deploy(), azure.status()
        integrations = azure.rows("show integrations")
        pipes = azure.rows("show pipes in account")
    finally:
        azure.stop()

    note = "Note: the account is in AZURE_WESTEUROPE: only accounts hosted on AWS can tell"
    assert note in planned.text
    assert "SnowflakeNotify" not in planned.text
    assert outcome.findings == again.findings == [], outcome.text
    assert [row["name"] for row in integrations] == ["TONEARM_S3"]
    assert {row["error_integration"] for row in pipes} == {None}


@pytest.mark.parametrize("region", ["AWS_US_GOV_WEST_1", "AZURE_USGOVVIRGINIA", "AWS_CN_NORTH_1"])
def test_a_region_apart_is_refused_before_anything_is_changed(
    wired: LocalSides, monkeypatch: pytest.MonkeyPatch, region: str
) -> None:
    monkeypatch.setattr(place, "_region", lambda _: region)

    with pytest.raises(OperatorError, match=f"{region}: government regions and China are not"):
        wired.deploy()


def test_one_deploy_signs_in_once(apart: LocalSides, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each login may ask a person to look at a browser or a phone."""
    logins: list[str] = []
    opened: Any = vars(inspect_sides)["connect"]

    def connecting(settings: Any) -> Any:
        logins.append(settings.user)
        return opened(settings)

    monkeypatch.setattr(inspect_sides, "connect", connecting)

    apart.deploy()

    assert logins == ["ADMIN"]


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
