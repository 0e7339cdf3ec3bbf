"""The operator's command line."""

import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from tonearm.cli.doctor import doctor
from tonearm.cli.forget import forget
from tonearm.cli.local import local_app
from tonearm.cli.runs import add_commands
from tonearm.cli.snowflake import snowflake_app
from tonearm.cli.verify import verify
from tonearm.errors import OperatorError

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.add_typer(local_app, name="local")
app.add_typer(snowflake_app, name="snowflake")
add_commands(app)
app.command()(doctor)
app.command()(verify)
app.command("forget")(forget)

BAD_INPUT = 2
RED_RUN = 1


@app.callback()
def tonearm() -> None:
    """Keep the playlists, albums, artists and songs of a Spotify account in Snowflake."""


@app.command("login")
def login(
    client_id: Annotated[str, typer.Option(envvar="SPOTIFY_CLIENT_ID", prompt=True)],
    client_secret: Annotated[
        str, typer.Option(envvar="SPOTIFY_CLIENT_SECRET", prompt=True, hide_input=True)
    ],
    stack_name: Annotated[str, typer.Option(help="The stack that gets the login.")] = "tonearm",
    file: Annotated[
        Path | None, typer.Option(help="Write to this file (mode 0600) instead of a stack.")
    ] = None,
    port: Annotated[
        int, typer.Option(help="Port of the redirect URI http://127.0.0.1:PORT")
    ] = 8888,
    accounts_url: Annotated[
        str, typer.Option(help="Spotify's accounts service; another one only for tests.")
    ] = "https://accounts.spotify.com",
) -> None:
    """Log in to Spotify and keep the login where the stack's functions read it."""
    from tonearm import login as flow
    from tonearm.stack import aws_client, read_stack

    secret_arn = "" if file else read_stack(aws_client, stack_name).output("SpotifySecretArn")
    spotify_app = flow.App(client_id, client_secret, port, accounts_url.rstrip("/"))
    typer.echo(f"The app's redirect URI must be {spotify_app.redirect_uri}")

    def show(url: str) -> None:
        typer.echo(f"Open this page if your browser does not: {url}")
        flow.open_browser(url)

    secret = flow.log_in(spotify_app, show)
    if file:
        flow.keep_in_file(file, secret)
    else:
        flow.keep_in_stack(aws_client("secretsmanager"), secret_arn, secret)
    typer.echo(f"Logged in at {secret['authorized_at']}; good for six months from then.")


@app.command("replay")
def replay(
    first: Annotated[
        str, typer.Option("--from", help="YYYY-MM-DD: runs for this date and later ones.")
    ] = "",
    last: Annotated[
        str, typer.Option("--to", help="YYYY-MM-DD: runs for this date and earlier ones.")
    ] = "",
    run_id: Annotated[str, typer.Option(help="This one run.")] = "",
    publish: Annotated[
        bool, typer.Option("--publish", help="Publish what differs, and load it.")
    ] = False,
    stack_name: Annotated[
        str, typer.Option(help="The stack; a kept local cloud's is tonearm-local.")
    ] = "tonearm",
) -> None:
    """Transform past runs again with today's code and show what differs, per table."""
    if bool(run_id) == bool(first or last):
        raise OperatorError(
            "replay needs --run-id, or --from and --to", "name one run or some dates, not both"
        )
    from tonearm.replay.replaying import ReplayOptions
    from tonearm.replay.replaying import replay as replay_runs
    from tonearm.screen import Screen, console
    from tonearm.stack import aws_client

    dates = (_parse_date("--from", first), _parse_date("--to", last))
    options = ReplayOptions(stack_name, run_id, *dates, is_publishing=publish)
    if replay_runs(options, aws_client, Screen(console())) is None:
        raise typer.Exit(RED_RUN)


def _parse_date(option: str, text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise OperatorError(f"{option} {text} is no date", "write it as 2024-05-02") from error


def main() -> None:
    """Run the command line; an operator's error is one line and exit code 2."""
    try:
        app(standalone_mode=True)
    except OperatorError as error:
        sys.stderr.write(f"tonearm: {error}\n")
        raise SystemExit(BAD_INPUT) from None


if __name__ == "__main__":
    main()
