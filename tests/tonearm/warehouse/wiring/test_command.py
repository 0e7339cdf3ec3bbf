"""The command line: exit codes, one-line errors, the admin's key, SQL for somebody else."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from tests.snowflake.local_account import LocalAccount
from tests.tonearm.warehouse.wiring.local_sides import QUEUE, LocalSides
from tonearm import cli, stacks
from tonearm.warehouse.statements import statements_in
from tonearm.warehouse.wiring.aws_side import read_aws, trusts
from tonearm.warehouse.wiring.keys import new_key_pair

PIPE = "TONEARM.LANDING.SONGS_PIPE"
PRINCIPAL = "arn:aws:iam::000000000000:user/theirs"

type Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(
    local_sides: LocalSides, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """`tonearm snowflake …` with this AWS: exit code, output, errors."""
    monkeypatch.setattr(stacks, "aws_client", local_sides.clients)
    for name in ("ACCOUNT", "ADMIN_USER", "PRIVATE_KEY_FILE", "HOST", "PORT", "PROTOCOL"):
        monkeypatch.delenv(f"SNOWFLAKE_{name}", raising=False)
    monkeypatch.setenv("COLUMNS", "300")

    def tonearm(*arguments: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["tonearm", "snowflake", *map(str, arguments)])
        with pytest.raises(SystemExit) as caught:
            cli.main()
        captured = capsys.readouterr()
        return int(caught.value.code or 0), captured.out, captured.err

    return tonearm


@pytest.fixture
def admin(local_sides: LocalSides, tmp_path: Path) -> list[str]:
    """The options of the admin; account and address come from the stack once it is wired."""
    key = tmp_path / "admin.pem"
    key.write_bytes(local_sides.admin_key.private_pem)
    return [
        "--stack-name",
        local_sides.stack_name,
        "--admin-user",
        "ADMIN",
        "--private-key-file",
        str(key),
    ]


def test_the_exit_code_tells_drift(wired: LocalSides, run: Run, admin: list[str]) -> None:
    assert run("status", *admin)[0] == 0
    wired.run(f"alter pipe {PIPE} set pipe_execution_paused = true")

    code, out, _ = run("status", *admin)
    assert code == 1
    assert f"pipe-paused: pipe {PIPE} is paused, 0 files wait; fix: run `tonearm" in out

    code, out, _ = run("deploy", *admin, "--plan-only")
    assert code == 0
    assert f"pipe {PIPE} is paused, 0 files wait -> resume it" in out

    code, out, _ = run("deploy", *admin, "--yes")
    assert code == 0
    assert "0 findings." in out


def test_an_encrypted_key_needs_its_passphrase(
    wired: LocalSides, run: Run, admin: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = Path(admin[-1])
    key = load_pem_private_key(path.read_bytes(), None)
    path.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"word"))
    )

    code, _, err = run("status", *admin)
    assert code == 2
    assert "passphrase in SNOWFLAKE_PRIVATE_KEY_PASSPHRASE" in err

    monkeypatch.setenv("SNOWFLAKE_PRIVATE_KEY_PASSPHRASE", "word")
    assert run("status", *admin)[0] == 0


class Refused(NamedTuple):
    """A call that cannot work: what is added to the options, and words of the one line it gives."""

    id: str
    arguments: list[str]
    says: str


REFUSED = [
    Refused("no-admin", ["--admin-user", ""], "no admin is named: give --admin-user"),
    Refused("no-key-file", ["--private-key-file", "nowhere.pem"], "nowhere.pem cannot be read"),
    Refused("no-stack", ["--stack-name", "nowhere"], "stack nowhere cannot be read"),
    Refused("unsafe-name", ["--database", "a; drop"], "'A; DROP' is not an identifier"),
]


@pytest.mark.parametrize("case", REFUSED, ids=[case.id for case in REFUSED])
def test_what_cannot_work_is_one_line(
    wired: LocalSides, run: Run, admin: list[str], case: Refused
) -> None:
    code, out, err = run("status", *admin, *case.arguments)

    assert code == 2
    assert case.says in err
    assert len(err.strip().splitlines()) == 1
    assert "Traceback" not in out + err


def test_nobody_to_confirm_is_an_error(wired: LocalSides, run: Run, admin: list[str]) -> None:
    wired.run(f"alter pipe {PIPE} set pipe_execution_paused = true")

    code, out, err = run("deploy", *admin)

    assert code == 2
    assert "is paused" in out
    assert "add --yes, or --plan-only" in err


def test_a_refused_admin_is_told_what_to_check(
    wired: LocalSides, run: Run, admin: list[str], tmp_path: Path
) -> None:
    other = tmp_path / "other.pem"
    other.write_bytes(new_key_pair().private_pem)

    code, _, err = run(
        "status", *admin, "--admin-user", "TONEARM_SERVICE", "--private-key-file", other
    )

    assert code == 2
    assert "Snowflake does not let TONEARM_SERVICE@LOCAL-TEST in" in err
    assert "alter user TONEARM_SERVICE set rsa_public_key" in err


def test_a_stack_without_account_needs_one(
    local_sides: LocalSides, run: Run, admin: list[str]
) -> None:
    bare = LocalSides(local_sides.aws_port, 0, "tonearm-bare")
    bare.create_stack()

    code, _, err = run("status", *admin, "--stack-name", bare.stack_name)

    assert code == 2
    assert "no Snowflake account is named: give --account" in err


def test_sql_for_somebody_else_and_what_they_give_back(
    local_sides: LocalSides, run: Run, tmp_path: Path
) -> None:
    stack = LocalSides(local_sides.aws_port, 0, "tonearm-by-hand")
    stack.create_stack()
    folder = tmp_path / "sql"
    name = ["--stack-name", stack.stack_name, "--account", "THEIRS"]

    code, out, _ = run("deploy", *name, "--sql-only", folder, "--yes")
    assert code == 0
    assert "Still needed: --principal-arn and --queue-arn" in out
    assert "--principal-arn" in (folder / "GIVE_BACK.txt").read_text()
    assert "PRIVATE" not in "".join(path.read_text() for path in folder.iterdir())

    account = LocalAccount(tmp_path / "stage")
    for path in sorted(folder.glob("*.sql")):
        for statement in statements_in(path.read_text()):
            account.run(statement)
    integration = {
        row["property"]: row["property_value"]
        for row in account.rows("desc integration tonearm_s3")
    }
    account.close()
    assert integration["STORAGE_AWS_ROLE_ARN"] == stack.stack.output("SnowflakeReadRoleArn")

    given = ["--principal-arn", PRINCIPAL, "--queue-arn", QUEUE]
    code, out, _ = run("deploy", *name, *given, "--yes")
    assert code == 0
    assert "The stack is wired." in out
    policy = read_aws(stack.clients, stack.stack).read_trust
    assert policy is not None
    assert trusts(policy, PRINCIPAL, integration["STORAGE_AWS_EXTERNAL_ID"]), json.dumps(policy)
    key = stack.secret()
    assert run("deploy", *name, "--sql-only", folder, "--yes")[0] == 0
    assert stack.secret() == key
