"""`tonearm status`, `run`, `resume`, `redrive`, `receipt`, `report`: a deployed stack's runs."""

import json
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from tonearm.errors import OperatorError
from tonearm.runs.executions import POLL_SECONDS

RED_RUN = 1
INTERRUPTED = 130

StackName = Annotated[str, typer.Option(help="The stack.")]
RunName = Annotated[str, typer.Argument(help="run_id, execution name or ARN; else the newest run.")]
Follow = Annotated[bool, typer.Option(help="Show each state until the end.")]


def add_commands(app: typer.Typer) -> None:
    """Give the command line its commands for runs."""
    for command in (status, run, resume, redrive, receipt, report):
        app.command()(command)


def status(
    name: RunName = "",
    *,
    stack_name: StackName = "tonearm",
    last: Annotated[int, typer.Option(help="How many runs to list.", min=1, max=100)] = 5,
    follow: Annotated[bool, typer.Option("--follow", help="Show each state live.")] = False,
) -> None:
    """What runs, what failed, in which state, and the exact next command; exit code 1 when red."""
    from tonearm.runs import commands

    runs, screen = _opened(stack_name)
    if follow:
        _follow(runs, runs.find(name).execution_arn, screen, is_wanted=True)
        return
    is_well = (
        commands.show_run(runs, runs.find(name), screen)
        if name
        else commands.show_recent(runs, last, screen)
    )
    if not is_well:
        raise typer.Exit(RED_RUN)


def run(
    *,
    source: Annotated[
        list[str] | None,
        typer.Option(help="URL, URI, id, me/playlists or me/tracks; may repeat; else the stack's."),
    ] = None,
    on: Annotated[str, typer.Option("--date", help="File the run under this date.")] = "",
    full: Annotated[bool, typer.Option("--full", help="Read all, changed or not.")] = False,
    enrich: Annotated[str, typer.Option(help="none, albums, artists or all.")] = "",
    stack_name: StackName = "tonearm",
    follow: Follow = True,
) -> None:
    """Start the pipeline and follow it; exit code 1 when it ends red."""
    from tonearm.runs import commands

    run_input = input_of(source or [], on, full, enrich)
    runs, screen = _opened(stack_name)
    _follow(runs, commands.start_run(runs, run_input), screen, is_wanted=follow)


def resume(name: RunName = "", *, stack_name: StackName = "tonearm", follow: Follow = True) -> None:
    """Start again with the input of a red run; exit code 1 when it ends red again.

    Where a person had to help (a login, a permission), an extraction of the same day goes on at
    its page; else the sources are read anew. This is not AWS's redrive: see `tonearm redrive`.
    """
    from tonearm.runs import commands

    runs, screen = _opened(stack_name)
    found = runs.find(name)
    _follow(runs, commands.resume_run(runs, found), screen, is_wanted=follow)


def redrive(
    name: RunName = "", *, stack_name: StackName = "tonearm", follow: Follow = True
) -> None:
    """Let AWS go on with an execution that was aborted or timed out.

    A run that failed by itself has caught its error, recorded it and ended in a Fail state: AWS's
    redrive would repeat that Fail state and nothing else, so it is refused; use `tonearm resume`.
    """
    from tonearm.runs import commands

    runs, screen = _opened(stack_name)
    found = runs.find(name)
    _follow(runs, commands.redrive_run(runs, found), screen, is_wanted=follow)


def receipt(
    name: RunName = "",
    *,
    stack_name: StackName = "tonearm",
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """What a run took (calls, Lambda, transitions, Glue, S3, Snowpipe, dollars), and its ledger."""
    from tonearm.runs.receipts import receipt_of, show_receipt

    runs, screen = _opened(stack_name)
    found = receipt_of(runs, runs.find(name))
    ledger = runs.document(found["run_id"], "ledger")
    if as_json:
        differences = ledger["differences"] if ledger else []
        typer.echo(json.dumps({**found, "differences": differences}, indent=2))
        return
    show_receipt(found, screen)
    if ledger:
        screen.ledger(ledger)


def report(
    name: RunName = "",
    *,
    stack_name: StackName = "tonearm",
    output: Annotated[Path | None, typer.Option(help="The file; else RUN_ID.html here.")] = None,
) -> None:
    """Write one HTML page about a run: flow, ledger, calls, freshness, fields, cost."""
    from tonearm.report.documents import gather
    from tonearm.report.page import write_page

    runs, screen = _opened(stack_name)
    found = runs.find(name)
    page = gather(runs.json_object, found.run_id)
    screen.say(f"written to {write_page(page, output or Path(f'{found.run_id}.html'))}")


def input_of(sources: list[str], on: str, is_full: bool, enrich: str) -> dict[str, Any]:
    """The execution's input that the options ask for.

    Raises:
        OperatorError: a source or the date is none.
    """
    from tonearm.runs.stack_runs import check_sources

    check_sources(sources)
    run_input: dict[str, Any] = {}
    if sources:
        run_input["sources"] = sources
    if on:
        try:
            run_input["logical_date"] = date.fromisoformat(on).isoformat()
        except ValueError as error:
            raise OperatorError(f"--date {on}: no date", "write --date 2026-11-22") from error
    if is_full:
        run_input["force_full"] = True
    if enrich:
        run_input["enrich"] = _known_enrich(enrich)
    return run_input


def _known_enrich(enrich: str) -> str:
    from tonearm.project import use_pipeline_code

    use_pipeline_code()
    from tonearm_pipeline.sources import ENRICH_CHOICES

    if enrich not in ENRICH_CHOICES:
        raise OperatorError(f"--enrich {enrich} is unknown", f"use {', '.join(ENRICH_CHOICES)}")
    return enrich


def _opened(stack_name: str) -> Any:
    from tonearm.runs.stack_runs import StackRuns
    from tonearm.screen import Screen, console
    from tonearm.stack import aws_client

    return StackRuns(aws_client, stack_name), Screen(console())


def _follow(runs: Any, execution_arn: str, screen: Any, *, is_wanted: bool) -> None:
    from tonearm.runs import commands

    if not is_wanted:
        screen.say(f"started {execution_arn}")
        return
    try:
        is_green = commands.follow_run(runs, execution_arn, screen, POLL_SECONDS)
    except KeyboardInterrupt:
        screen.say("not followed any more; the run goes on")
        raise typer.Exit(INTERRUPTED) from None
    if not is_green:
        raise typer.Exit(RED_RUN)
