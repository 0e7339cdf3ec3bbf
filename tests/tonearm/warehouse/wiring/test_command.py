"""The command line: exit codes, one-line errors, the admin's key, SQL for somebody else."""

import json
import os
import subprocess
import sys
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
from tests.tonearm.warehouse.connection_home import connections_in
from tests.tonearm.warehouse.wiring.local_sides import QUEUE, LocalSides
from tonearm.cli import main
from tonearm.warehouse.keys import new_key_pair
from tonearm.warehouse.statements import statements_in
from tonearm.warehouse.wiring.aws_side import read_aws, trusts

PIPE = "TONEARM.LANDING.SONGS_PIPE"
PRINCIPAL = "arn:aws:iam::000000000000:user/theirs"

type Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(
    local_sides: LocalSides,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """`tonearm snowflake …` with this AWS: exit code, output, errors."""
    monkeypatch.setattr("tonearm.stack.aws_client", local_sides.clients)
    for name in ("ACCOUNT", "ADMIN_USER", "PRIVATE_KEY_FILE", "HOST", "PORT", "PROTOCOL"):
        monkeypatch.delenv(f"SNOWFLAKE_{name}", raising=False)
    monkeypatch.setenv("COLUMNS", "300")
    connections_in(tmp_path / "no-home", monkeypatch, connections="")

    def tonearm(*arguments: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["tonearm", "snowflake", *map(str, arguments)])
        with pytest.raises(SystemExit) as caught:
            main.main()
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


@pytest.fixture
def home(local_sides: LocalSides, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Connection files: `local` signs in here, as the admin with a key."""
    (tmp_path / "key.p8").write_bytes(local_sides.admin_key.private_pem)
    local = f"""[local]
account = "local_test"
user = "ADMIN"
private_key_file = "{tmp_path / "key.p8"}"
host = "127.0.0.1"
port = {local_sides.snowflake_port}
protocol = "http"
[elsewhere]
account = "ORG-ELSEWHERE"
[nowhere]
user = "ME"
"""
    connections_in(tmp_path, monkeypatch, local, 'default_connection_name = "local"\n')
    return tmp_path


def test_a_named_connection_signs_in_and_so_does_the_default_one(
    wired: LocalSides, run: Run, home: Path
) -> None:
    stack = ["--stack-name", wired.stack_name]

    code, out, err = run("status", *stack, "--connection", "local")
    assert (code, err) == (0, "")
    assert "0 findings." in out

    code, out, err = run("status", *stack)
    assert code == 0
    assert err == "signing in with local, the default connection\n"


class Contradiction(NamedTuple):
    """Options that say two things at once: words of the one line they give."""

    id: str
    arguments: list[str]
    says: str


CONTRADICTIONS = [
    Contradiction("user", ["--admin-user", "ME"], "both say who signs in: give one of them"),
    Contradiction("key", ["--private-key-file", "k.p8"], "both say who signs in"),
    Contradiction("host", ["--host", "127.0.0.1"], "both say where the account is"),
    Contradiction("account", ["--account", "ORG-X"], "--account is ORG-X, connection local signs"),
    Contradiction("unknown", ["--connection", "x"], "(known: elsewhere, local, nowhere)"),
    Contradiction("bare", ["--connection", "nowhere"], "connection nowhere names no account"),
]


@pytest.mark.parametrize("case", CONTRADICTIONS, ids=[case.id for case in CONTRADICTIONS])
def test_options_that_contradict_a_connection_are_refused_before_the_stack_is_read(
    run: Run, home: Path, case: Contradiction
) -> None:
    code, out, err = run(
        "status", "--stack-name", "no-such-stack", "--connection", "local", *case.arguments
    )

    assert (code, out) == (2, "")
    assert case.says in err
    assert len(err.strip().splitlines()) == 1


def test_a_connection_to_another_account_than_the_stacks_is_refused(
    wired: LocalSides, run: Run, home: Path
) -> None:
    stack = ["--stack-name", wired.stack_name]

    code, _, err = run("status", *stack, "--connection", "elsewhere")

    assert code == 2
    assert "is wired to LOCAL-TEST, connection elsewhere signs in to ORG-ELSEWHERE" in err
    assert "--account ORG-ELSEWHERE" in err


def test_the_files_are_those_of_snowflake_home(home: Path, tmp_path: Path) -> None:
    """In a process of its own: the connector looks for its folder when it is imported."""
    command = [sys.executable, "-m", "tonearm.cli.main", "snowflake", "status", "--connection", "x"]
    environment = {**os.environ, "SNOWFLAKE_HOME": str(home)}

    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert "there is no connection x (known: elsewhere, local, nowhere)" in done.stderr
    assert str(home / "connections.toml") in done.stderr


class Refused(NamedTuple):
    """A call that cannot work: what is added to the options, and words of the one line it gives."""

    id: str
    arguments: list[str]
    says: str


REFUSED = [
    Refused("no-admin", ["--admin-user", ""], "no admin is named: give --connection NAME, or"),
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
