"""Account-level objects are kept and checked by name."""

from pathlib import Path

import pytest
from snowflake.connector.errors import ProgrammingError

from tests.snowflake.local_account import BUCKET, LocalAccount


def described(account: LocalAccount, name: str) -> dict[str, str]:
    rows = account.rows(f"desc integration {name}")
    return {row["property"]: row["property_value"] for row in rows}


def test_a_storage_integration_tells_principal_and_our_external_id(account: LocalAccount) -> None:
    """https://docs.snowflake.com/en/sql-reference/sql/desc-integration."""
    told = described(account, "s3_int")

    assert told["STORAGE_AWS_EXTERNAL_ID"] == "ours"
    assert told["STORAGE_AWS_IAM_USER_ARN"].startswith("arn:aws:iam::")
    assert told["ENABLED"] == "true"


def test_an_integration_without_an_external_id_gets_one(account: LocalAccount) -> None:
    account.run("create storage integration other type = external_stage enabled = false")

    assert described(account, "other")["STORAGE_AWS_EXTERNAL_ID"].startswith("LOCAL_SFCRole=")


def test_altering_keeps_what_is_not_named(account: LocalAccount) -> None:
    """https://docs.snowflake.com/en/sql-reference/sql/alter-storage-integration."""
    account.run("alter integration s3_int set enabled = false")

    told = described(account, "s3_int")
    assert (told["ENABLED"], told["STORAGE_AWS_EXTERNAL_ID"]) == ("false", "ours")


def test_a_notification_integration_tells_topic_and_principal(account: LocalAccount) -> None:
    """https://docs.snowflake.com/en/user-guide/data-load-snowpipe-errors-sns."""
    told = described(account, "errors_int")

    assert told["AWS_SNS_TOPIC_ARN"] == "arn:topic"
    assert told["SF_AWS_IAM_USER_ARN"].startswith("arn:aws:iam::")


def test_a_test_read_says_what_s3_says(account: LocalAccount) -> None:
    """https://docs.snowflake.com/en/sql-reference/functions/system_validate_storage_integration."""
    account.files.put("in/t/a.txt", b"x")
    call = "select system$validate_storage_integration('s3_int', '{}', '{}', '{}')"

    reading = account.value(call.format(f"s3://{BUCKET}/in/", "t/a.txt", "read"))
    gone = account.value(call.format(f"s3://{BUCKET}/in/", "t/b.txt", "read"))
    below = account.value(call.format(f"s3://{BUCKET}/in/t/", "a.txt", "read"))
    outside = account.value(call.format(f"s3://{BUCKET}/raw/", "a.txt", "list"))

    assert '"status": "success"' in reading
    assert '"status": "failure"' in gone
    assert "not allowed" in outside
    assert "not allowed" in below


def test_a_stage_is_joined_to_another_integration_that_allows_its_place(
    account: LocalAccount,
) -> None:
    account.run(
        "create storage integration wide type = external_stage storage_provider = 's3' enabled ="
        f" true storage_aws_role_arn = 'r' storage_allowed_locations = ('s3://{BUCKET}/')"
    )
    account.run(
        "create storage integration narrow type = external_stage storage_provider = 's3' enabled ="
        " true storage_aws_role_arn = 'r' storage_allowed_locations = ('s3://elsewhere/')"
    )

    account.run("alter stage db.s.files set storage_integration = wide")

    (stage,) = account.rows("show stages like 'FILES' in schema db.s")
    assert stage["storage_integration"] == "WIDE"
    with pytest.raises(ProgrammingError, match="is not allowed by integration 'NARROW'"):
        account.run("alter stage db.s.files set storage_integration = narrow")


def test_a_resource_monitor_is_kept_and_a_warehouse_wants_one_that_is_there(
    account: LocalAccount,
) -> None:
    account.run(
        "create resource monitor q with credit_quota = 5 triggers on 100 percent do suspend"
    )
    account.run("alter resource monitor q set credit_quota = 7")

    (monitor,) = account.rows("show resource monitors like 'Q'")

    assert monitor["credit_quota"] == "7"
    with pytest.raises(ProgrammingError, match="'NONE_SUCH' does not exist"):
        account.run("alter warehouse wh set resource_monitor = none_such")


def test_an_account_outside_aws_takes_no_sns_integration(tmp_path: Path) -> None:
    account = LocalAccount(tmp_path, region="AZURE_WESTEUROPE")

    assert account.value("select current_region()") == "AZURE_WESTEUROPE"
    with pytest.raises(ProgrammingError, match="limited to accounts hosted on AWS"):
        account.run(
            "create notification integration n enabled = true type = queue direction = outbound"
            " notification_provider = aws_sns aws_sns_topic_arn = 't' aws_sns_role_arn = 'r'"
        )
    account.close()


@pytest.mark.parametrize(
    ("sql", "problem"),
    [
        ("grant usage on database db to role nobody", "'NOBODY' does not exist"),
        ("grant role loader to user nobody", "'NOBODY' does not exist"),
        ("use role nobody", "'NOBODY' does not exist"),
        ("use warehouse nothing", "'NOTHING' does not exist"),
        ("alter warehouse nothing set auto_suspend = 60", "'NOTHING' does not exist"),
        ("drop role nobody", "'NOBODY' does not exist"),
        ("create role loader", "already exists"),
        ("desc integration nothing", "'NOTHING' does not exist"),
        ("create stage db.s.x url = 's3://b/' storage_integration = no", "'NO' does not exist"),
        ("create stage db.s.x url = 's3://b/' storage_integration = s3_int", "is not allowed"),
        ("create database db", "already exists"),
        ("grant monitor on all pipes in schema db.s to role loader", "Bulk grants on pipes"),
        ("grant monitor on future pipes in schema db.s to role loader", "Bulk grants on pipes"),
    ],
)
def test_a_wrong_name_is_an_error_as_on_a_real_account(
    account: LocalAccount, sql: str, problem: str
) -> None:
    with pytest.raises(ProgrammingError, match=problem):
        account.run(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "grant usage on database db to role loader",
        "revoke usage on database db from role loader",
        "grant select on future tables in schema db.s to role sysadmin",
        "create role if not exists loader comment = 'again'",
        "drop role if exists nobody",
        "alter user if exists nobody set comment = 'x'",
        "use role loader",
        "use warehouse wh",
        "alter session set query_tag = 'x'",
        "create database if not exists db",
        "list @db.s.files/t/",
    ],
)
def test_what_the_project_uses_is_taken(account: LocalAccount, sql: str) -> None:
    account.run(sql)


def test_the_session_knows_its_role_and_warehouse(account: LocalAccount) -> None:
    account.run("use role loader")
    account.run("use warehouse wh")

    (row,) = account.rows("select current_role() as r, current_warehouse() as w")
    assert tuple(row.values()) == ("LOADER", "WH")


def test_objects_are_listed(account: LocalAccount) -> None:
    assert "LOADER" in [row["name"] for row in account.rows("show roles")]
    assert [row["name"] for row in account.rows("show warehouses")] == ["WH"]
    assert [row["name"] for row in account.rows("show storage integrations")] == ["S3_INT"]
    assert len(account.rows("show integrations like '%_int'")) == 2
    (stage,) = account.rows("show stages in account")
    assert (stage["url"], stage["storage_integration"]) == (f"s3://{BUCKET}/in/", "S3_INT")
