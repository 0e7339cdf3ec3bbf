"""Compares the account with the SQL files."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime

from tonearm.findings import APPLY, Finding, Kind
from tonearm.warehouse.wiring.expected import Expected, checksum, same_copy
from tonearm.warehouse.wiring.observed import ACCOUNT_KINDS, DATABASE_KINDS, Observed, PipeState
from tonearm.warehouse.wiring.options import Names

# States of SYSTEM$PIPE_STATUS in which a pipe has lost what it refers to and is made again;
# https://docs.snowflake.com/en/sql-reference/functions/system_pipe_status
_LOST = re.compile(r"STOPPED_(?:MISSING_TABLE|STAGE|FILE_FORMAT|NOTIFICATION|CLONED)")
_ALL_OF = re.compile(r"ALL\s+(?P<kinds>[\w ]+?)S\s+IN\s+SCHEMA\s+(?P<schema>\S+)", re.I)
_GRANT = re.compile(
    r"GRANT\s+(?P<privileges>.+?)\s+ON\s+(?P<what>.+?)\s+TO\s+ROLE\s+(?P<role>\S+)\s*$",
    re.I | re.S,
)


def account_findings(expected: Expected, observed: Observed, names: Names) -> Iterator[Finding]:
    """Everything in the account that is not as the files say."""
    yield from _files(expected, observed)
    if not observed.has("DATABASE", names.database):
        total = sum(len(found) for found in expected.objects.values())
        what = f"database {names.database} is missing, and what belongs to it ({total} objects)"
        yield Finding(Kind.MISSING, what, subject=names.database, action=APPLY)
        return
    yield from _missing(expected, observed)
    yield from _columns(expected, observed)
    for name, state in observed.pipes.items():
        yield from _pipe(name, state, expected, observed)
    yield from _grants(expected, observed)


def integration_findings(
    observed: Observed, names: Names, values: Mapping[str, str]
) -> Iterator[Finding]:
    """How the integrations and the stage differ from the values the SQL is filled with."""
    location = f"s3://{values['bucket']}/curated/"
    storage = {
        "ENABLED": "true",
        "STORAGE_AWS_ROLE_ARN": values["storage_role_arn"],
        "STORAGE_AWS_EXTERNAL_ID": values["external_id"],
        "STORAGE_ALLOWED_LOCATIONS": location,
    }
    errors = {
        "ENABLED": "true",
        "AWS_SNS_TOPIC_ARN": values["error_topic_arn"],
        "AWS_SNS_ROLE_ARN": values["error_role_arn"],
    }
    yield from _properties(names.storage_integration, observed.storage, storage)
    yield from _properties(names.error_integration, observed.errors, errors)
    yield from _stage(observed, names, location)


def unseen(expected: Expected, observed: Observed, names: Names) -> Iterator[str]:
    """What could not be checked, in one line each."""
    if observed.has("DATABASE", names.database):
        for kind in sorted(expected.objects.keys() - observed.objects.keys()):
            yield f"{kind.lower()} objects: not checked (the account does not list them)"
    hidden = (expected.of_kind("ROLE") & observed.objects.get("ROLE", frozenset())) - set(
        observed.grants
    )
    if hidden:
        yield f"grants of {', '.join(sorted(hidden))}: not checked (the account does not show them)"


def _files(expected: Expected, observed: Observed) -> Iterator[Finding]:
    known = {name for name in expected.files if name in observed.applied}
    if not known:
        statements = sum(file.statements for file in expected.files.values())
        what = f"{len(expected.files)} SQL files ({statements} statements) were never applied"
        yield Finding(Kind.SQL, what, subject="*", action="apply them")
        return
    for name, file in expected.files.items():
        if observed.applied.get(name) != file.checksum:
            how = "has changed since it was applied" if name in known else "was never applied"
            what = f"{name} ({file.statements} statements) {how}"
            yield Finding(Kind.SQL, what, subject=name, action=APPLY)


def _missing(expected: Expected, observed: Observed) -> Iterator[Finding]:
    for kind in (*ACCOUNT_KINDS, *DATABASE_KINDS):
        for name in sorted(expected.of_kind(kind)) if kind in observed.objects else ():
            if not observed.has(kind, name):
                yield Finding(
                    Kind.MISSING, f"{kind.lower()} {name} is missing", subject=name, action=APPLY
                )


def _columns(expected: Expected, observed: Observed) -> Iterator[Finding]:
    for table, columns in expected.columns.items():
        there = observed.columns.get(table, frozenset())
        for column in columns if there else ():
            if column not in there:
                what = f"table {table} has no column {column}"
                action = "add it (rows that are there already have NULL in it)"
                yield Finding(Kind.COLUMN, what, subject=f"{table}.{column}", action=action)


def _pipe(name: str, state: PipeState, expected: Expected, observed: Observed) -> Iterator[Finding]:
    again = "pause it, let it drain, make it again, refresh it"
    if is_changed(name, state, expected, observed):
        what = f"pipe {name} runs another COPY than {expected.pipes[name].file} says"
        yield Finding(Kind.PIPE_CHANGED, what, subject=name, action=again)
    elif _LOST.match(state.state):
        what = f"pipe {name} is {state.state}: what it refers to is gone or was made anew"
        yield Finding(Kind.PIPE_CHANGED, what, subject=name, action=again)
    elif is_older(state, observed):
        what = f"pipe {name} is older than its stage's storage integration and loads no more"
        yield Finding(Kind.PIPE_CHANGED, what, subject=name, action=again)
    elif state.state == "PAUSED":
        what = f"pipe {name} is paused, {state.pending} files wait"
        yield Finding(Kind.PIPE_PAUSED, what, subject=name, action="resume it")
    elif state.state != "RUNNING":
        fix = f"look at `select system$pipe_status('{name}')`"
        why = f" ({state.error})" if state.error else ""
        yield Finding(Kind.PIPE_STOPPED, f"pipe {name} is {state.state}{why}", fix, subject=name)


def is_changed(name: str, state: PipeState, expected: Expected, observed: Observed) -> bool:
    """Whether a pipe's COPY is another one than its file's.

    A pipe that was made from this very file is as it should be, however Snowflake shows it.
    """
    pipe = expected.pipes[name]
    is_from_this_file = observed.applied.get(pipe.file) == expected.files[
        pipe.file
    ].checksum and observed.applied.get(pipe_subject(name)) == checksum(state.definition)
    return not is_from_this_file and not same_copy(state.definition, pipe.copy)


def is_older(state: PipeState, observed: Observed) -> bool:
    """Whether a pipe was made before its stage got the integration it has now.

    "If you need to modify any of the cloud parameters of the referenced stage, you must recreate
    the pipe": https://docs.snowflake.com/en/user-guide/data-load-snowpipe-manage
    """
    made_on = observed.storage_made_on
    return made_on is not None and state.created_on is not None and state.created_on < made_on


def pipe_subject(name: str) -> str:
    """A pipe's subject in the ledger."""
    return f"pipe {name}"


def _properties(
    name: str, found: Mapping[str, str], values: Mapping[str, str]
) -> Iterator[Finding]:
    for key, value in values.items():
        if key in found and not _same(found[key], value):
            what = f"integration {name}: {key} is {found[key]!r}, not {value!r}"
            yield Finding(Kind.INTEGRATION, what, subject=name, action="set it")


def _same(one: str, other: str) -> bool:
    return one == other or one.lower() == other.lower() == "true"


def _stage(observed: Observed, names: Names, location: str) -> Iterator[Finding]:
    stage = observed.stage
    if stage is None:
        return
    if stage.url != location:
        fix = f"pause the pipes, `alter stage {names.stage} set url = '{location}'`, resume them"
        what = f"stage {names.stage} reads {stage.url}, not {location}"
        yield Finding(Kind.STAGE, what, fix, subject=names.stage)
    if is_detached(observed, created_on_checksum(observed.storage_made_on), names):
        what = f"stage {names.stage} has lost its integration (it was made anew or is another one)"
        yield Finding(
            Kind.STAGE, what, subject=names.stage, action="join them again, make its pipes again"
        )


def created_on_checksum(made_on: datetime | None) -> str:
    """A checksum of when an integration was made, for the ledger; empty without one."""
    return checksum(str(made_on)) if made_on else ""


def is_detached(observed: Observed, created_on: str, names: Names) -> bool:
    """Whether a stage that is there is joined to another integration than this one.

    An account in which nothing was noted yet is taken as it is.
    """
    if observed.stage is None or not created_on:
        return False
    noted = observed.applied.get(integration_subject(names), created_on)
    return noted != created_on or observed.stage.integration != names.storage_integration


def integration_subject(names: Names) -> str:
    """The storage integration's subject in the ledger."""
    return f"integration {names.storage_integration}"


def stage_link(names: Names) -> str:
    """The statement that joins the stage to the integration again."""
    return f"alter stage {names.stage} set storage_integration = {names.storage_integration}"


def _grants(expected: Expected, observed: Observed) -> Iterator[Finding]:
    """The roles that lack grants, as far as the account shows them."""
    needed: dict[str, set[tuple[str, str]]] = {}
    for sql in expected.grants:
        found = _GRANT.match(sql)
        if found and found["role"].upper() in observed.grants:
            needed.setdefault(found["role"].upper(), set()).update(_pairs(found, expected))
    for role, pairs in sorted(needed.items()):
        if lacking := sorted(pairs - observed.grants[role]):
            privilege, name = lacking[0]
            more = f" and {len(lacking) - 1} more" if len(lacking) > 1 else ""
            what = f"role {role} lacks {privilege} on {name}{more}"
            yield Finding(Kind.GRANTS, what, subject=role, action=APPLY)


def _pairs(grant: "re.Match[str]", expected: Expected) -> Iterator[tuple[str, str]]:
    """Each (privilege, object) of a GRANT; future grants are not objects yet."""
    for privilege in re.split(r"\s*,\s*", " ".join(grant["privileges"].upper().split())):
        for name in _granted_objects(grant["what"], expected):
            yield privilege, name


def _granted_objects(what: str, expected: Expected) -> list[str]:
    if re.match(r"FUTURE\b", what, re.I):
        return []
    if every := _ALL_OF.match(what):
        schema = every["schema"].upper()
        kind = " ".join(every["kinds"].upper().split())
        return [name for name in expected.of_kind(kind) if name.startswith(f"{schema}.")]
    return [what.rsplit(maxsplit=1)[-1].upper()]
