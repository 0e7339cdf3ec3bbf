"""`tonearm local run`: boots everything, runs the pipeline for each day, shows what came of it."""

import os
import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from tonearm.errors import OperatorError
from tonearm.local import session, tables
from tonearm.local.days import (
    Day,
    DayResult,
    catalogue_summary,
    json_object,
    run_day,
    sample_days,
    serve_day,
    write_report,
)
from tonearm.local.live_login import keep_renewed, live_spotify
from tonearm.local.requirements import check_machine
from tonearm.local.stack import SNOWFLAKE_DATABASE, LocalStack, Ports, Spotify
from tonearm.project import ROOT
from tonearm.report.documents import gather
from tonearm.report.page import write_page
from tonearm.runs.stack_runs import check_sources
from tonearm.screen import Screen

PAGES = ROOT / ".tonearm" / "pages"


@dataclass(frozen=True)
class RunOptions:
    """What the operator asked for."""

    days: tuple[Day, ...] = ()
    is_live: bool = False
    login_file: Path | None = None
    sources: tuple[str, ...] = ()
    report: Path | None = None
    export: Path | None = None
    keep: bool = False
    ports: Mapping[str, int] = field(default_factory=dict)


def run(options: RunOptions, screen: Screen) -> bool:
    """Do the whole session.

    Returns:
        True when every run was green.

    Raises:
        OperatorError: something the operator can put right, before or while it runs.
    """
    started = time.monotonic()
    check_machine()
    check_sources(options.sources)
    _refuse_second_session()
    stack = _new_stack(options)
    try:
        results = _boot_and_run(stack, options, screen)
        is_green = all(result.finished.is_green for result in results)
        _show(stack, results, options, screen)
        if options.keep:
            session.remember(stack)
            for line in session.how_to_reach(stack):
                screen.say(line)
    except BaseException:
        _tear_down(stack)
        raise
    if not options.keep:
        _tear_down(stack)
    screen.say(f"\nTotal time: {time.monotonic() - started:.1f} s")
    return is_green


def _refuse_second_session() -> None:
    if session.remembered() is not None:
        raise OperatorError("a local cloud is still up", "stop it with `uv run tonearm local down`")


def _new_stack(options: RunOptions) -> LocalStack:
    ports = Ports.choose(**options.ports)
    spotify = (
        live_spotify(os.environ, options.login_file)
        if options.is_live
        else Spotify.fake(ports.spotify_url, _fake_arguments(options.days))
    )
    folder = _session_folder(options.keep)
    return LocalStack(folder, ports, spotify)


def _fake_arguments(days: Sequence[Day]) -> tuple[str, ...]:
    first = days[0] if days else None
    if first and first.catalogue:
        return ("--catalogue", str(first.catalogue.resolve()))
    return ()


def _session_folder(keep: bool) -> Path:
    if keep:
        folder = ROOT / ".tonearm" / "kept"
        shutil.rmtree(folder, ignore_errors=True)
        return folder
    return Path(tempfile.mkdtemp(prefix="tonearm-"))


def _boot_and_run(stack: LocalStack, options: RunOptions, screen: Screen) -> list[DayResult]:
    screen.title("Boot and deploy")
    began = time.monotonic()
    stack.start(screen.say)
    screen.say(f"  ready in {time.monotonic() - began:.1f} s")
    try:
        return _run_days(stack, options, screen)
    finally:
        if options.login_file:
            _keep_login(stack, options.login_file, screen)


def _keep_login(stack: LocalStack, login_file: Path, screen: Screen) -> None:
    """Save a new refresh token before the session's own store of secrets is gone."""
    secret_arn = stack.outputs["SpotifySecretArn"]
    try:
        is_new = keep_renewed(stack.client("secretsmanager"), secret_arn, login_file)
    except (BotoCoreError, ClientError) as error:
        # Whatever ended the session is what the operator has to hear of first.
        screen.say(f"  {login_file} may be out of date: {type(error).__name__}")
        return
    if is_new:
        screen.say(f"  Spotify gave a new refresh token: kept in {login_file}")


def _run_days(stack: LocalStack, options: RunOptions, screen: Screen) -> list[DayResult]:
    results = []
    for day in options.days or sample_days(datetime.now(UTC).date()):
        sources = options.sources or _sources_of(stack, day, options.is_live, screen)
        result = run_day(stack, day, sources, screen)
        _show_result(result, screen)
        results.append(result)
        if not result.finished.is_green:
            break
    return results


def _sources_of(stack: LocalStack, day: Day, is_live: bool, screen: Screen) -> Sequence[str]:
    if is_live:
        return ("me/playlists",)
    sources = serve_day(stack, day)
    if day.catalogue:
        _tell_catalogue(stack, screen)
        if not sources:
            raise OperatorError(
                f"{day.catalogue} holds no playlist that can be read",
                "name a folder with recorded Web API playlists",
            )
    return sources


def _tell_catalogue(stack: LocalStack, screen: Screen) -> None:
    for key, value in catalogue_summary(stack).items():
        count = len(value) if isinstance(value, list | dict) else value
        screen.say(f"  catalogue {key}: {count}")


def _show_result(result: DayResult, screen: Screen) -> None:
    if result.ledger:
        screen.ledger(result.ledger)
    if result.failure and result.failure.get("next_command"):
        screen.say(f"  next: {result.failure['next_command']}")


def _show(
    stack: LocalStack, results: Sequence[DayResult], options: RunOptions, screen: Screen
) -> None:
    from tonearm.warehouse.connect import connect

    with connect(stack.warehouse) as connection:
        counted = tables.counts(connection, SNOWFLAKE_DATABASE)
        rows = sorted(counted.items())
        screen.table("Rows in the warehouse", ["table", "rows"], rows)
        tables.show(connection, SNOWFLAKE_DATABASE, screen)
        if options.export:
            written = tables.export(connection, SNOWFLAKE_DATABASE, options.export)
            screen.say(f"exported {len(written)} tables to {options.export}")
    for result in results:
        if result.run_id:
            screen.say(f"page written to {_page(stack, result)}")
    if options.report:
        write_report(options.report, results, counted)
        screen.say(f"report written to {options.report}")


def _page(stack: LocalStack, result: DayResult) -> Path:
    """The run's HTML page, kept after the local cloud is gone."""
    documents = gather(lambda key: json_object(stack, key), result.run_id)
    return write_page(documents, PAGES / f"{result.run_id}.html")


def _tear_down(stack: LocalStack) -> None:
    stack.stop()
    if not _is_wanted(stack.folder):
        shutil.rmtree(stack.folder, ignore_errors=True)


def _is_wanted(folder: Path) -> bool:
    return bool(os.environ.get("TONEARM_KEEP_LOGS")) and folder.exists()
