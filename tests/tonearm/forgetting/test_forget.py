"""Forgetting: every place is emptied and counted, what is not the account's stays."""

import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws
from rich.console import Console

from tests.snowflake.local_account import LocalAccount
from tests.snowflake.reads import a_read, load
from tonearm import stack as stack_module
from tonearm.cli import main
from tonearm.errors import OperatorError
from tonearm.forgetting.forget import Forgotten, forget, holdings_of, refuse_while_running
from tonearm.forgetting.lake import MOST_AT_ONCE, lake_holdings
from tonearm.forgetting.login import login_holding
from tonearm.screen import Screen
from tonearm.stack import Stack
from tonearm.warehouse.wiring.options import Names
from tonearm.warehouse.wiring.session import Account

BUCKET, TABLE, REGION = "lake", "state", "eu-central-1"
NAMES = Names("TONEARM", "TONEARM_WH")
LOGIN = {"client_id": "app", "client_secret": "hush", "refresh_token": "r", "authorized_at": "t"}


def clients(service: str) -> Any:
    return boto3.client(service, region_name=REGION)  # type: ignore[call-overload]


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    """A versioned bucket, a state table, a login and a state machine, all with something in."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        put_objects()
        put_state()
        secret = clients("secretsmanager").create_secret(Name="spotify", SecretString="{}")["ARN"]
        clients("secretsmanager").put_secret_value(SecretId=secret, SecretString=json.dumps(LOGIN))
        machine = clients("stepfunctions").create_state_machine(
            name="pipeline",
            definition='{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}',
            roleArn="arn:aws:iam::123456789012:role/pipeline",
        )["stateMachineArn"]
        outputs = {
            "Bucket": BUCKET,
            "StateTable": TABLE,
            "SpotifySecretArn": secret,
            "StateMachineArn": machine,
        }
        yield Stack("tonearm", "id", "CREATE_COMPLETE", {}, outputs)


def put_objects() -> None:
    s3 = clients("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    for key in ("raw/1/a", "raw/1/a", "runs/1/ledger.json", "curated/albums/x", "assets/code.zip"):
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"x")
    s3.delete_object(Bucket=BUCKET, Key="curated/albums/x")  # leaves a version and a marker


def put_state() -> None:
    dynamodb = clients("dynamodb")
    keys = {"pk": "HASH", "sk": "RANGE"}
    dynamodb.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys.items()],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in keys],
    )
    for at in range(60):
        dynamodb.put_item(TableName=TABLE, Item={"pk": {"S": f"p{at}"}, "sk": {"S": "s"}})


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAccount]:
    account = LocalAccount(tmp_path_factory.mktemp("stage"))
    account.deploy()
    load(account, a_read("2024-05-01", "abc"), a_read("2024-05-02", "ab"))
    yield account
    account.close()


def forgotten(
    stack: Stack, account: Account | None = None, *, confirmed: bool = True
) -> tuple[dict[str, Forgotten], str]:
    text = io.StringIO()
    screen = Screen(Console(file=text, width=200))
    told = forget(holdings_of(clients, stack, account, NAMES), screen, lambda: confirmed)
    return {each.name: each for each in told}, text.getvalue()


def keys_left() -> list[str]:
    versions = clients("s3").list_object_versions(Bucket=BUCKET)
    return [
        item["Key"] for item in [*versions.get("Versions", []), *versions.get("DeleteMarkers", [])]
    ]


def test_every_place_is_emptied_and_the_report_counts_what_was_there(
    stack: Stack, account: LocalAccount
) -> None:
    told, text = forgotten(stack, Account(account.session))

    assert {each.left for each in told.values()} == {0}
    assert told[f"s3://{BUCKET}/raw/"].found == 2  # both versions
    assert told[f"s3://{BUCKET}/curated/"].found == 2  # a version and its delete marker
    assert told[f"state table {TABLE}"].found == 60
    assert told["Spotify login"].found == 1
    assert told["TONEARM.LANDING.PLAYLIST_ENTRIES"].found == 5
    assert told["TONEARM.CORE.SONGS"].found == 3
    assert keys_left() == ["assets/code.zip"]
    assert account.value("select count(*) from tonearm.mart.runs_and_freshness") == 0
    assert "deleting 60: state table" in text


def test_a_second_time_finds_nothing(stack: Stack) -> None:
    forgotten(stack)
    told, text = forgotten(stack)

    assert {(each.found, each.left) for each in told.values()} == {(0, 0)}
    assert "deleting" not in text


def test_nothing_is_deleted_without_a_yes(stack: Stack) -> None:
    told, text = forgotten(stack, confirmed=False)

    assert told == {}
    assert "Nothing was deleted." in text
    assert len(keys_left()) == 6
    assert login_holding(clients("secretsmanager"), stack.output("SpotifySecretArn")).count() == 1


def test_no_version_of_the_secret_keeps_the_token_and_the_apps_id_stays(stack: Stack) -> None:
    forgotten(stack)

    secrets, arn = clients("secretsmanager"), stack.output("SpotifySecretArn")
    for stage in ("AWSCURRENT", "AWSPREVIOUS"):
        text = secrets.get_secret_value(SecretId=arn, VersionStage=stage)["SecretString"]
        assert json.loads(text) == {"client_id": "app", "client_secret": "hush"}


def test_more_objects_than_one_call_deletes_are_all_deleted(stack: Stack) -> None:
    s3 = clients("s3")
    for at in range(MOST_AT_ONCE + 5):
        s3.put_object(Bucket=BUCKET, Key=f"staged/{at}", Body=b"")

    told, _ = forgotten(stack)

    assert told[f"s3://{BUCKET}/staged/"] == Forgotten(
        f"s3://{BUCKET}/staged/", MOST_AT_ONCE + 5, 0
    )


def test_objects_that_may_not_be_deleted_are_named(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3 = clients("s3")
    denied = [{"Key": "raw/1/a", "Code": "AccessDenied"}]
    monkeypatch.setattr(s3, "delete_objects", lambda **_: {"Errors": denied})

    def given(service: str) -> Any:
        return s3 if service == "s3" else clients(service)

    with pytest.raises(OperatorError, match=r"raw/1/a \(AccessDenied\).*s3:DeleteObjectVersion"):
        forget(holdings_of(given, stack, None, NAMES), Screen(Console(quiet=True)), lambda: True)


def test_objects_that_stay_without_an_error_end_it_too(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3 = clients("s3")
    monkeypatch.setattr(s3, "delete_objects", lambda **_: {})

    with pytest.raises(OperatorError, match="raw/1/a stays"):
        lake_holdings(s3, BUCKET)[0].empty()


def test_what_cannot_be_reached_is_one_line(stack: Stack) -> None:
    clients("dynamodb").delete_table(TableName=TABLE)

    with pytest.raises(OperatorError, match="reading the state table state"):
        forgotten(stack)


def test_a_run_that_goes_on_stops_it_all(stack: Stack) -> None:
    refuse_while_running(clients, stack)
    machine = stack.output("StateMachineArn")
    clients("stepfunctions").start_execution(stateMachineArn=machine, name="going-on")

    with pytest.raises(OperatorError, match=r"going-on.*stop-execution"):
        refuse_while_running(clients, stack)


@pytest.fixture
def run(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str]]:
    """`tonearm forget …` on this stack, which no Snowflake account is wired to."""
    monkeypatch.setattr("tonearm.stack.aws_client", clients)
    monkeypatch.setattr(stack_module, "read_stack", lambda *_: stack)
    for name in ("ACCOUNT", "ADMIN_USER", "PRIVATE_KEY_FILE", "HOST", "PORT", "PROTOCOL"):
        monkeypatch.delenv(f"SNOWFLAKE_{name}", raising=False)

    def tonearm(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr("sys.argv", ["tonearm", "forget", *arguments])
        with pytest.raises(SystemExit) as caught:
            main.main()
        captured = capsys.readouterr()
        return int(caught.value.code or 0), captured.out + captured.err

    return tonearm


def test_the_command_deletes_with_yes_and_refuses_without_anybody_to_ask(
    run: Callable[..., tuple[int, str]],
) -> None:
    code, said = run()
    assert (code, said.splitlines()[-1]) == (2, "tonearm: nobody is there to confirm: add --yes")
    assert len(keys_left()) == 6

    code, said = run("--yes")
    assert (code, keys_left()) == (0, ["assets/code.zip"])
    assert "Forgotten" in said


@pytest.mark.parametrize(("typed", "code"), [("tonearm", 0), ("yes", 1), ("", 1)])
def test_it_is_confirmed_by_the_stacks_name_only(
    run: Callable[..., tuple[int, str]], monkeypatch: pytest.MonkeyPatch, typed: str, code: int
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("typer.prompt", lambda _: typed)

    assert run()[0] == code
    assert (keys_left() == ["assets/code.zip"]) == (code == 0)


def test_a_wired_account_needs_an_admin(
    run: Callable[..., tuple[int, str]],
) -> None:
    code, said = run("--account", "ORG-ACCOUNT", "--yes")

    assert (code, len(keys_left())) == (2, 6)
    assert "--admin-user" in said
