"""What Snowpipe did with the run's files, and whether it goes on listening."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from tonearm.verify.outcomes import Fault, Outcome, judged, left_open
from tonearm.verify.signing_in import database_of, signed_in
from tonearm.verify.subject import Subject
from tonearm.warehouse.wiring.session import Account
from tonearm_glue.contract import ENTITIES
from tonearm_pipeline.clock import utc_moment

_WIRE: Final = "tonearm snowflake deploy"
_LOADED: Final = "loaded"
# COPY_HISTORY answers for 14 days: https://docs.snowflake.com/en/sql-reference/functions/copy_history
_HISTORY_HOURS: Final = 14 * 24 - 1


def check_snowpipe(subject: Subject) -> Outcome:
    """Each pipe runs, and listens to the queue that the bucket tells."""
    with signed_in(subject) as account:
        database = database_of(subject)
        faults: list[Fault] = []
        for entity in ENTITIES:
            pipe = f"{database}.LANDING.{entity.name.upper()}_PIPE"
            status = json.loads(account.value(f"select system$pipe_status('{pipe}')"))
            faults += _pipe_faults(subject, entity.name, status)
    return judged(f"{len(ENTITIES)} pipes run and listen to the stack's queue", faults)


def check_load_history(subject: Subject) -> Outcome:
    """Snowpipe loaded each file of the run once, whole, and was told of it by the bucket."""
    if (hours := _hours(subject)) > _HISTORY_HOURS:
        return left_open("the load history keeps 14 days, and the run is older")
    load = subject.runs.document(subject.seen_run.run_id, "load") or {}
    files = subject.published_files
    faults = [*_repair_faults(subject, load)]
    with signed_in(subject) as account:
        for entity, file in files:
            faults += _history_faults(
                subject, _history(subject, account, entity, file, hours), file
            )
    return judged(f"{len(files)} files loaded once each, by their events", faults)


def _pipe_faults(subject: Subject, entity: str, status: Mapping[str, Any]) -> Iterator[Fault]:
    state = str(status["executionState"])
    if state != "RUNNING":
        what = f"the pipe of {entity} is {state}, so nothing is loaded"
        yield Fault(what, subject.command(_WIRE))
    if error := status.get("error") or status.get("fault"):
        yield Fault(f"the pipe of {entity} says: {error}", subject.command(_WIRE))
    queue = subject.stack.parameter("SnowpipeQueueArn")
    channel = status.get("notificationChannelName")
    if channel and channel != queue:
        what = f"the pipe of {entity} listens to another queue than the bucket tells"
        yield Fault(what, subject.command(_WIRE))


def _repair_faults(subject: Subject, load: Mapping[str, Any]) -> Iterator[Fault]:
    entities = sorted({repair["entity"] for repair in load.get("repairs", [])})
    if entities:
        what = f"Snowpipe was not told of the new files of {', '.join(entities)}"
        yield Fault(f"{what}; ConfirmLoad had to ask for them", subject.command(_WIRE))


def _history(
    subject: Subject, account: Account, entity: str, file: Mapping[str, Any], hours: int
) -> list[dict[str, Any]]:
    database = database_of(subject)
    return account.rows(
        "select status, row_count, first_error_message"  # noqa: S608 - names of our own
        f" from table({database}.information_schema.copy_history("
        f"table_name => '{database}.LANDING.{entity.upper()}',"
        f" start_time => dateadd('hour', -{hours}, current_timestamp())))"
        f" where file_name like '%{_name(file)}'"
    )


def _history_faults(
    subject: Subject, rows: list[dict[str, Any]], file: Mapping[str, Any]
) -> Iterator[Fault]:
    name = _name(file)
    loaded = [row for row in rows if str(row["status"]).lower() == _LOADED]
    again = subject.command(f"tonearm resume {subject.seen_run.run_id}")
    if not rows:
        yield Fault(f"the load history has no line of {name}", subject.command(_WIRE))
    elif not loaded:
        why = rows[0]["first_error_message"] or rows[0]["status"]
        yield Fault(f"{name} was not loaded: {why}", again)
    elif len(loaded) > 1:
        what = f"{name} was loaded {len(loaded)} times; core counts its rows once"
        yield Fault(what, "tell the project: Snowpipe must load a file once")
    elif int(loaded[0]["row_count"]) != file["rows"]:
        what = f"{name} has {file['rows']} rows, {loaded[0]['row_count']} were loaded"
        yield Fault(what, again)


def _name(file: Mapping[str, Any]) -> str:
    return str(file["key"]).rsplit("/", 1)[-1]


def _hours(subject: Subject) -> int:
    """How far back the history is asked for: to before the files were published."""
    age = datetime.now(UTC) - utc_moment(subject.manifest["published_at"])
    return int(age.total_seconds() // 3600) + 2
