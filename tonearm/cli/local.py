"""`tonearm local …`: the whole pipeline on this machine."""

from pathlib import Path
from typing import Annotated

import typer

from tonearm.errors import OperatorError

local_app = typer.Typer(no_args_is_help=True, help="The whole pipeline on this machine.")

RED_RUN = 1


@local_app.command("run")
def local_run(
    catalogue: Annotated[
        Path | None, typer.Option(help="Serve recorded Web API JSON from this folder tree.")
    ] = None,
    day: Annotated[
        list[str] | None,
        typer.Option(help="DATE=DIR: a run for that date with that folder; may repeat, in order."),
    ] = None,
    spotify: Annotated[str, typer.Option(help="`fake`, or `live` for the real Web API.")] = "fake",
    login_file: Annotated[
        Path | None, typer.Option(help="The login for `live`, as `login --file` wrote it.")
    ] = None,
    source: Annotated[
        list[str] | None,
        typer.Option(help="What to read: URL, URI, id, me/playlists or me/tracks; may repeat."),
    ] = None,
    report: Annotated[Path | None, typer.Option(help="Write the session as JSON.")] = None,
    export: Annotated[
        Path | None, typer.Option(help="Write every core and mart table as CSV into this folder.")
    ] = None,
    keep: Annotated[bool, typer.Option(help="Leave the local cloud up afterwards.")] = False,
    aws_port: Annotated[int, typer.Option(help="Port of the local AWS; 0 takes a free one.")] = 0,
    snowflake_port: Annotated[int, typer.Option(help="Port of the local Snowflake.")] = 0,
    spotify_port: Annotated[int, typer.Option(help="Port of the fake Spotify.")] = 0,
) -> None:
    """Boot the local services, deploy the template, run the pipeline, show the tables."""
    from tonearm.local.days import parse_days
    from tonearm.local.run import RunOptions, run
    from tonearm.screen import Screen, console

    options = RunOptions(
        days=parse_days(catalogue, day or []),
        is_live=_is_live(spotify, login_file),
        login_file=login_file,
        sources=tuple(source or ()),
        report=report,
        export=export,
        keep=keep,
        ports={"aws": aws_port, "snowflake": snowflake_port, "spotify": spotify_port},
    )
    if not run(options, Screen(console())):
        raise typer.Exit(RED_RUN)


@local_app.command("dashboard")
def local_dashboard(
    port: Annotated[int, typer.Option(help="Port of the dashboard.")] = 8501,
) -> None:
    """Show the tables of a local cloud that was left up with --keep in a browser."""
    from tonearm.local import dashboard

    dashboard.serve(port)


@local_app.command("down")
def local_down() -> None:
    """Stop a local cloud that was left up with --keep."""
    from tonearm.local import session

    found = session.remembered()
    if found is None:
        raise OperatorError("no local cloud is up", "`uv run tonearm local run --keep` leaves one")
    session.stop(found)
    typer.echo(f"stopped {', '.join(found.pids)}")


def _is_live(spotify: str, login_file: Path | None) -> bool:
    if spotify not in ("fake", "live"):
        raise OperatorError(f"--spotify {spotify} is unknown", "use `fake` or `live`")
    if login_file and spotify != "live":
        raise OperatorError("--login-file is for the real Web API", "add `--spotify live`")
    return spotify == "live"
