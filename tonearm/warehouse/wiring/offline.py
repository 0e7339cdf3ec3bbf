"""For accounts whose admin runs SQL by hand: the files filled, and what is to be given back."""

from collections.abc import Mapping
from pathlib import Path

from tonearm.errors import OperatorError
from tonearm.findings import Finding, Kind
from tonearm.screen import Screen
from tonearm.stack import Clients, Pace, Stack, read_stack, update_parameters
from tonearm.warehouse.deploy import sql_files, with_defaults
from tonearm.warehouse.keys import KeyPair, new_key_pair
from tonearm.warehouse.statements import fill
from tonearm.warehouse.wiring.aws_side import put_key, read_aws
from tonearm.warehouse.wiring.deploy import Confirm
from tonearm.warehouse.wiring.expected import expected
from tonearm.warehouse.wiring.options import Handshake, Names, Options
from tonearm.warehouse.wiring.parameters import names_for, parameter_changes, sql_values

GUIDE = "GIVE_BACK.txt"


def deploy_by_hand(
    clients: Clients,
    options: Options,
    screen: Screen,
    confirm: Confirm,
    *,
    handshake: Handshake,
    folder: Path | None,
    pace: Pace | None = None,
    is_plan_only: bool = False,
) -> None:
    """Write the SQL for the account's admin, and put what the admin gave back into the stack.

    Args:
        clients: makes AWS clients by service name.
        options: what to wire.
        screen: what the operator sees.
        confirm: asked after the plan.
        handshake: what the admin gave back; empty at first.
        folder: where the SQL goes; None writes none.
        pace: how long to wait for the stack.
        is_plan_only: show the plan and stop.

    Raises:
        OperatorError: AWS cannot be reached, or the folder cannot be written.
    """
    stack = read_stack(clients, options.stack_name)
    key = read_aws(clients, stack).key
    changes = parameter_changes(options, stack, handshake)
    lines = [f"SQL files -> write them to {folder}"] if folder else []
    plan = _plan(stack, changes, has_key=key is not None or folder is None)
    screen.plan(plan, lines)
    if is_plan_only or not (plan or lines) or not confirm():
        return
    if folder:
        names = names_for(options, stack)
        values = sql_values(options, stack, _kept_or_new(clients, stack, key, screen).public_key)
        screen.say(f"{len(write_files(folder, values, names))} SQL files are in {folder}")
    if changes:
        update_parameters(clients, stack, changes, pace or Pace(), screen.say)
    screen.say(_next_step(folder, handshake))


def write_files(folder: Path, values: Mapping[str, str], names: Names) -> list[Path]:
    """The SQL files, filled, and a note on what to give back; the SQL files' paths.

    Raises:
        OperatorError: values are missing, or the folder cannot be written.
    """
    expected(values)  # refuses values that cannot stand in SQL
    known = with_defaults(values)
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for source in sql_files(known):
            target = folder / source.name
            target.write_text(fill(source.read_text(encoding="utf-8"), known))
            written.append(target)
        (folder / GUIDE).write_text(guide(names))
    except OSError as error:
        raise OperatorError(
            f"{folder} cannot be written ({error.strerror})", "name another folder with --sql-only"
        ) from error
    return written


def guide(names: Names) -> str:
    """What the account's admin does with the files."""
    return f"""\
Run the files in the order of their names, as a user who may use accountadmin, for example:

    for file in [0-9]*.sql; do snow sql -f "$file" || break; done

They can be run again: nothing that holds data or history is replaced. An account that is not hosted
on AWS has no integration with Amazon SNS: there leave out the file 06_notification_integration.sql
and the lines `error_integration = ...` of the others. Then look up

    desc integration {names.storage_integration};
        STORAGE_AWS_IAM_USER_ARN          -> --principal-arn
    desc integration {names.error_integration};
        SF_AWS_IAM_USER_ARN               -> --notify-principal-arn
        SF_AWS_EXTERNAL_ID                -> --notify-external-id
    show pipes in schema {names.database}.landing;
        notification_channel (of any row) -> --queue-arn

and give them back; they go into the stack with

    tonearm snowflake deploy --account ORG-ACCOUNT --principal-arn ... --queue-arn ... \\
        --notify-principal-arn ... --notify-external-id ...

which needs no access to Snowflake. Files from before that, up to seven days old, are loaded by
`alter pipe ... refresh` for each pipe.

A pipe whose COPY has changed is not changed by its file (`if not exists`), and one whose stage was
given another storage integration loads no more. Make it again:
    alter pipe NAME set pipe_execution_paused = true;
    select system$pipe_status('NAME');      -- until pendingFileCount is 0
    drop pipe NAME;                         -- then run the pipe's file and 90_grants.sql
    alter pipe NAME refresh;
"""


def _plan(stack: Stack, changes: Mapping[str, str], *, has_key: bool) -> list[Finding]:
    findings = [
        Finding(
            Kind.PARAMETER,
            f"parameter {key}: {stack.parameter(key)!r}",
            subject=key,
            action=f"{value!r}",
        )
        for key, value in changes.items()
    ]
    if not has_key:
        what = "the secret of the private key is empty"
        findings.append(Finding(Kind.KEY, what, subject="secret", action="make a key pair"))
    return findings


def _kept_or_new(clients: Clients, stack: Stack, key: KeyPair | None, screen: Screen) -> KeyPair:
    if key is not None:
        return key
    key = new_key_pair()
    put_key(clients, stack, key)
    screen.say(f"secret: a new key pair ({key.fingerprint})")
    return key


def _next_step(folder: Path | None, handshake: Handshake) -> str:
    if handshake.principal_arn and handshake.queue_arn:
        return (
            "The stack is wired. `alter pipe … refresh` loads files from before, if there are any."
        )
    where = f"{folder / GUIDE}" if folder else "docs/snowflake.md"
    return f"Still needed: --principal-arn and --queue-arn; {where} says where they are shown."
