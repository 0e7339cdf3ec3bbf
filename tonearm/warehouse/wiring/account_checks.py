"""Compares the account with the SQL files."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime

from tonearm.findings import APPLY, Finding, Kind
from tonearm.warehouse.wiring.expected import Wanted, checksum, same_copy
from tonearm.warehouse.wiring.observed import ACCOUNT_KINDS, DATABASE_KINDS, PipeState, Survey
from tonearm.warehouse.wiring.options import Names

# States of SYSTEM$PIPE_STATUS in which a pipe has lost what it refers to and is made again;
# https://docs.snowflake.com/en/sql-reference/functions/system_pipe_status
_LOST = re.compile(r"STOPPED_(?:MISSING_TABLE|STAGE|FILE_FORMAT|NOTIFICATION|CLONED)")
_ALL_OF = re.compile(r"ALL\s+(?P<kinds>[\w ]+?)S\s+IN\s+SCHEMA\s+(?P<schema>\S+)", re.I)
_GRANT = re.compile(
    r"GRANT\s+(?P<privileges>.+?)\s+ON\s+(?P<what>.+?)\s+TO\s+ROLE\s+(?P<role>\S+)\s*$",
    re.I | re.S,
)


def account_findings(wanted: Wanted, survey: Survey, names: Names) -> Iterator[Finding]:
    """Everything in the account that is not as the files say."""
    yield from _files(wanted, survey)
    if not survey.has("DATABASE", names.database):
        total = sum(len(found) for found in wanted.objects.values())
        what = f"database {names.database} is missing, and what belongs to it ({total} objects)"
        yield Finding(Kind.MISSING, what, subject=names.database, action=APPLY)
        return
    yield from _missing(wanted, survey)
    yield from _columns(wanted, survey)
    for name, state in survey.pipes.items():
        yield from _pipe(name, state, wanted, survey)
    yield from _grants(wanted, survey)


def integration_findings(
    survey: Survey, names: Names, values: Mapping[str, str]
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
    yield from _properties(names.storage_integration, survey.storage, storage)
    yield from _properties(names.error_integration, survey.errors, errors)
    yield from _stage(survey, names, location)


def unseen(wanted: Wanted, survey: Survey, names: Names) -> Iterator[str]:
    """What could not be checked, in one line each."""
    if survey.has("DATABASE", names.database):
        for kind in sorted(wanted.objects.keys() - survey.objects.keys()):
            yield f"{kind.lower()} objects: not checked (the account does not list them)"
    hidden = (wanted.of_kind("ROLE") & survey.objects.get("ROLE", frozenset())) - set(survey.grants)
    if hidden:
        yield f"grants of {', '.join(sorted(hidden))}: not checked (the account does not show them)"


def _files(wanted: Wanted, survey: Survey) -> Iterator[Finding]:
    known = {name for name in wanted.files if name in survey.applied}
    if not known:
        statements = sum(file.statements for file in wanted.files.values())
        what = f"{len(wanted.files)} SQL files ({statements} statements) were never applied"
        yield Finding(Kind.SQL, what, subject="*", action="apply them")
        return
    for name, file in wanted.files.items():
        if survey.applied.get(name) != file.checksum:
            how = "has changed since it was applied" if name in known else "was never applied"
            what = f"{name} ({file.statements} statements) {how}"
            yield Finding(Kind.SQL, what, subject=name, action=APPLY)


def _missing(wanted: Wanted, survey: Survey) -> Iterator[Finding]:
    for kind in (*ACCOUNT_KINDS, *DATABASE_KINDS):
        for name in sorted(wanted.of_kind(kind)) if kind in survey.objects else ():
            if not survey.has(kind, name):
                yield Finding(
                    Kind.MISSING, f"{kind.lower()} {name} is missing", subject=name, action=APPLY
                )


def _columns(wanted: Wanted, survey: Survey) -> Iterator[Finding]:
    for table, columns in wanted.columns.items():
        there = survey.columns.get(table, frozenset())
        for column in columns if there else ():
            if column not in there:
                what = f"table {table} has no column {column}"
                action = "add it (rows that are there already have NULL in it)"
                yield Finding(Kind.COLUMN, what, subject=f"{table}.{column}", action=action)


def _pipe(name: str, state: PipeState, wanted: Wanted, survey: Survey) -> Iterator[Finding]:
    again = "pause it, let it drain, make it again, refresh it"
    if is_changed(name, state, wanted, survey):
        what = f"pipe {name} runs another COPY than {wanted.pipes[name].file} says"
        yield Finding(Kind.PIPE_CHANGED, what, subject=name, action=again)
    elif _LOST.match(state.state):
        what = f"pipe {name} is {state.state}: what it refers to is gone or was made anew"
        yield Finding(Kind.PIPE_CHANGED, what, subject=name, action=again)
    elif is_older(state, survey):
        what = f"pipe {name} is older than its stage's storage integration and loads no more"
        yield Finding(Kind.PIPE_CHANGED, what, subject=name, action=again)
    elif state.state == "PAUSED":
        what = f"pipe {name} is paused, {state.pending} files wait"
        yield Finding(Kind.PIPE_PAUSED, what, subject=name, action="resume it")
    elif state.state != "RUNNING":
        fix = f"look at `select system$pipe_status('{name}')`"
        why = f" ({state.error})" if state.error else ""
        yield Finding(Kind.PIPE_STOPPED, f"pipe {name} is {state.state}{why}", fix, subject=name)


def is_changed(name: str, state: PipeState, wanted: Wanted, survey: Survey) -> bool:
    """Whether a pipe's COPY is another one than its file's.

    A pipe that was made from this very file is as it should be, however Snowflake shows it.
    """
    pipe = wanted.pipes[name]
    is_from_this_file = survey.applied.get(pipe.file) == wanted.files[
        pipe.file
    ].checksum and survey.applied.get(pipe_subject(name)) == checksum(state.definition)
    return not is_from_this_file and not same_copy(state.definition, pipe.copy)


def is_older(state: PipeState, survey: Survey) -> bool:
    """Whether a pipe was made before its stage got the integration it has now.

    "If you need to modify any of the cloud parameters of the referenced stage, you must recreate
    the pipe": https://docs.snowflake.com/en/user-guide/data-load-snowpipe-manage
    """
    made_on = survey.storage_made_on
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


def _stage(survey: Survey, names: Names, location: str) -> Iterator[Finding]:
    stage = survey.stage
    if stage is None:
        return
    if stage.url != location:
        fix = f"pause the pipes, `alter stage {names.stage} set url = '{location}'`, resume them"
        what = f"stage {names.stage} reads {stage.url}, not {location}"
        yield Finding(Kind.STAGE, what, fix, subject=names.stage)
    if is_parted(survey, birth_of(survey.storage_made_on), names):
        what = f"stage {names.stage} has lost its integration (it was made anew or is another one)"
        yield Finding(
            Kind.STAGE, what, subject=names.stage, action="join them again, make its pipes again"
        )


def birth_of(made_on: datetime | None) -> str:
    """A checksum of when an integration was made, for the ledger; empty without one."""
    return checksum(str(made_on)) if made_on else ""


def is_parted(survey: Survey, birth: str, names: Names) -> bool:
    """Whether a stage that is there is joined to another integration than this one.

    An account in which nothing was noted yet is taken as it is.
    """
    if survey.stage is None or not birth:
        return False
    noted = survey.applied.get(integration_subject(names), birth)
    return noted != birth or survey.stage.integration != names.storage_integration


def integration_subject(names: Names) -> str:
    """The storage integration's subject in the ledger."""
    return f"integration {names.storage_integration}"


def stage_link(names: Names) -> str:
    """The statement that joins the stage to the integration again."""
    return f"alter stage {names.stage} set storage_integration = {names.storage_integration}"


def _grants(wanted: Wanted, survey: Survey) -> Iterator[Finding]:
    """The roles that lack grants, as far as the account shows them."""
    needed: dict[str, set[tuple[str, str]]] = {}
    for sql in wanted.grants:
        found = _GRANT.match(sql)
        if found and found["role"].upper() in survey.grants:
            needed.setdefault(found["role"].upper(), set()).update(_pairs(found, wanted))
    for role, pairs in sorted(needed.items()):
        if lacking := sorted(pairs - survey.grants[role]):
            privilege, name = lacking[0]
            more = f" and {len(lacking) - 1} more" if len(lacking) > 1 else ""
            what = f"role {role} lacks {privilege} on {name}{more}"
            yield Finding(Kind.GRANTS, what, subject=role, action=APPLY)


def _pairs(grant: "re.Match[str]", wanted: Wanted) -> Iterator[tuple[str, str]]:
    """Each (privilege, object) of a GRANT; future grants are not objects yet."""
    for privilege in re.split(r"\s*,\s*", " ".join(grant["privileges"].upper().split())):
        for name in _granted_objects(grant["what"], wanted):
            yield privilege, name


def _granted_objects(what: str, wanted: Wanted) -> list[str]:
    if re.match(r"FUTURE\b", what, re.I):
        return []
    if every := _ALL_OF.match(what):
        schema = every["schema"].upper()
        kind = " ".join(every["kinds"].upper().split())
        return [name for name in wanted.of_kind(kind) if name.startswith(f"{schema}.")]
    return [what.rsplit(maxsplit=1)[-1].upper()]
