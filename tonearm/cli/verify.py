"""`tonearm verify`: proves on the user's own account what Tonearm relies on."""

import json
from typing import Annotated, Any

import typer

from tonearm.cli.doctor import sides_if_named
from tonearm.cli.snowflake import AdminRole, AdminUser, Connection, KeyFile
from tonearm.errors import OperatorError

HAS_FAILED = 1


def verify(
    *,
    stack_name: Annotated[str, typer.Option(help="The stack to verify.")] = "tonearm",
    source: Annotated[
        list[str] | None,
        typer.Option(help="What the runs read: URL, URI or id; may repeat; else one album."),
    ] = None,
    step: Annotated[
        list[str] | None,
        typer.Option(help="Only this step and what it needs; may repeat."),
    ] = None,
    run_id: Annotated[
        str, typer.Option(help="Look at this run of the past instead of starting one.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    admin_user: AdminUser = "",
    admin_role: AdminRole = "ACCOUNTADMIN",
    private_key_file: KeyFile = None,
    connection: Connection = "",
) -> None:
    """Prove on your own account what Tonearm relies on: a small run, read back from end to end.

    Examines the stack, runs over one album, reads back its files, loads and rows, runs again (which
    must do nothing) and replays. About ten minutes and a few cents. Exit code 1 when anything
    failed. What it prints names no person, account or object of yours.
    """
    from tonearm.screen import console
    from tonearm.stack import aws_client
    from tonearm.verify.verifying import verify as prove

    sides = sides_if_named(stack_name, admin_user, admin_role, private_key_file, connection)
    subject = _subject(aws_client, stack_name, source or [], run_id)
    subject.sides = sides
    screen = console(stderr=as_json)
    with screen.status("verifying …") as status:
        subject.tell = lambda line: status.update(f"{line} …")
        report = prove(subject, _register(), step or [], lambda one: _say(screen, one))
    if as_json:
        typer.echo(json.dumps(report.as_json(), indent=2))
    else:
        report.show(screen)
    if not report.is_well:
        raise typer.Exit(HAS_FAILED)


def _subject(clients: Any, stack_name: str, sources: list[str], run_id: str) -> Any:
    from tonearm.verify.subject import Subject
    from tonearm_pipeline.errors import BadSourceError
    from tonearm_pipeline.sources import parse_sources

    try:
        uris = tuple(one.uri for one in parse_sources(sources)) if sources else ()
    except BadSourceError as error:
        raise OperatorError(str(error), "name a link of Spotify, me/playlists or me/tracks") from (
            error
        )
    subject = Subject(clients, stack_name, run_id=run_id)
    if uris:
        subject.sources = uris
    return subject


def _register() -> Any:
    from tonearm.register import read_register

    return read_register()


def _say(screen: Any, one: Any) -> None:
    line = f"  {one.outcome.verdict:<7} {one.name} ({one.seconds:.1f} s)"
    screen.print(line, highlight=False, markup=False)
