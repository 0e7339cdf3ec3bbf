"""What the observed account is compared with: pure functions over answers a real account gives."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest

from tests.snowflake.local_account import VALUES
from tonearm.findings import Finding, Kind
from tonearm.warehouse.deploy import DEFAULTS, SQL_DIR
from tonearm.warehouse.wiring.account_checks import (
    account_findings,
    integration_findings,
    is_changed,
    is_detached,
    unseen,
)
from tonearm.warehouse.wiring.expected import Expected, checksum, expected, same_copy
from tonearm.warehouse.wiring.observed import (
    ACCOUNT_KINDS,
    DATABASE_KINDS,
    Observed,
    PipeState,
    StageState,
)
from tonearm.warehouse.wiring.options import Names

NAMES = Names(DEFAULTS["database"], DEFAULTS["warehouse"])
PIPE = "TONEARM.LANDING.SONGS_PIPE"
BORN = datetime(2026, 11, 1, tzinfo=UTC)
LOCATION = f"s3://{VALUES['bucket']}/curated/"


@cache
def files() -> Expected:
    return expected(VALUES)


def an_account(**overrides: Any) -> Observed:
    """An account that is as the files say."""
    values: dict[str, Any] = {
        "objects": files().objects,
        "columns": {table: frozenset(columns) for table, columns in files().columns.items()},
        "pipes": {name: a_pipe(name) for name in files().pipes},
        "storage": {
            "ENABLED": "true",
            "STORAGE_AWS_ROLE_ARN": VALUES["storage_role_arn"],
            "STORAGE_AWS_EXTERNAL_ID": VALUES["external_id"],
            "STORAGE_ALLOWED_LOCATIONS": LOCATION,
        },
        "storage_made_on": BORN,
        "errors": {
            "ENABLED": "true",
            "AWS_SNS_TOPIC_ARN": VALUES["error_topic_arn"],
            "AWS_SNS_ROLE_ARN": VALUES["error_role_arn"],
        },
        "stage": StageState(LOCATION, "TONEARM_S3"),
        "key_fingerprints": (),
        "scheduled": (),
        "dynamic_tables": {},
        "applied": {name: file.checksum for name, file in files().files.items()},
        "grants": {},
    }
    return Observed(**values | overrides)


def a_pipe(name: str = PIPE, **overrides: Any) -> PipeState:
    state = PipeState(files().pipes[name].copy, "arn:queue", "RUNNING", 0)
    return replace(state, **overrides)


def findings(observed: Observed) -> list[Finding]:
    return [
        *account_findings(files(), observed, NAMES),
        *integration_findings(observed, NAMES, VALUES),
    ]


def test_an_account_as_the_files_say_has_no_findings() -> None:
    assert findings(an_account()) == []


def test_the_names_the_wiring_uses_are_those_the_files_create() -> None:
    created = {name for names in files().objects.values() for name in names}

    assert created >= {
        NAMES.storage_integration,
        NAMES.error_integration,
        NAMES.service_user,
        NAMES.loader_role,
        NAMES.stage,
        NAMES.warehouse,
        NAMES.database,
    }
    assert NAMES.ledger.rsplit(".", 1)[0] in files().of_kind("SCHEMA")


def test_every_kind_the_files_create_is_looked_for() -> None:
    assert set(files().objects) <= set(ACCOUNT_KINDS) | set(DATABASE_KINDS)


def test_spelling_makes_no_other_copy() -> None:
    copy = files().pipes[PIPE].copy

    assert same_copy(copy, "\n".join(f"  {line}" for line in copy.splitlines()) + " ;")
    assert same_copy(copy, copy.replace("copy into", "COPY  /* all */ INTO"))
    assert not same_copy(copy, copy.replace("[.]parquet", "[.]PARQUET"))


def test_a_pipe_made_from_its_file_is_right_however_it_is_shown() -> None:
    shown = a_pipe(definition="COPY INTO something Snowflake spells its own way")
    pipe_file = files().pipes[PIPE].file
    noted = {
        pipe_file: files().files[pipe_file].checksum,
        f"pipe {PIPE}": checksum(shown.definition),
    }

    assert is_changed(PIPE, shown, files(), an_account(applied={}))
    assert not is_changed(PIPE, shown, files(), an_account(applied=noted))
    assert is_changed(PIPE, shown, files(), an_account(applied={**noted, pipe_file: "older"}))


@pytest.mark.parametrize(
    ("state", "kind", "action"),
    [
        ("PAUSED", Kind.PIPE_PAUSED, "resume it"),
        ("STOPPED_MISSING_TABLE", Kind.PIPE_CHANGED, "pause it, let it drain, make it again"),
        ("STOPPED_STAGE_DROPPED", Kind.PIPE_CHANGED, "pause it, let it drain, make it again"),
        ("STALLED_COMPILATION_ERROR", Kind.PIPE_STOPPED, ""),
        ("PAUSED_BY_ACCOUNT_ADMIN", Kind.PIPE_STOPPED, ""),
    ],
)
def test_each_state_of_a_pipe_has_its_remedy(state: str, kind: Kind, action: str) -> None:
    observed = an_account(pipes={PIPE: a_pipe(state=state, error="why")})

    (finding,) = findings(observed)

    assert (finding.check, finding.subject) == (kind, PIPE)
    assert finding.action.startswith(action)
    assert bool(finding.action) == bool(action)
    assert finding.fix


def test_a_pipe_older_than_its_stages_integration_is_made_again() -> None:
    older, newer = (a_pipe(created_on=BORN + timedelta(days=days)) for days in (-1, 1))

    (finding,) = findings(an_account(pipes={PIPE: older}))

    assert (finding.check, finding.subject) == (Kind.PIPE_CHANGED, PIPE)
    assert "is older than its stage's storage integration" in finding.what
    assert finding.action.startswith("pause it, let it drain, make it again")
    assert findings(an_account(pipes={PIPE: newer})) == []


def test_a_stage_of_another_bucket_is_for_a_person_to_change() -> None:
    (finding,) = findings(an_account(stage=StageState("s3://other/", "TONEARM_S3")))

    assert finding.action == ""
    assert f"set url = '{LOCATION}'" in finding.fix


@pytest.mark.parametrize(
    ("stage", "noted", "detached"),
    [
        (StageState(LOCATION, "TONEARM_S3"), {}, False),
        (StageState(LOCATION, "TONEARM_S3"), {"integration TONEARM_S3": "born"}, False),
        (StageState(LOCATION, "TONEARM_S3"), {"integration TONEARM_S3": "earlier"}, True),
        (StageState(LOCATION, "OTHER"), {}, True),
        (None, {"integration TONEARM_S3": "earlier"}, False),
    ],
)
def test_a_stage_is_detached_when_its_integration_was_made_anew(
    stage: StageState | None, noted: Mapping[str, str], detached: bool
) -> None:
    assert is_detached(an_account(stage=stage, applied=noted), "born", NAMES) is detached


def loader_grants() -> set[tuple[str, str]]:
    """As SHOW GRANTS TO ROLE lists them."""
    entities = ("ALBUMS", "ARTISTS", "SONGS", "PLAYLISTS", "PLAYLIST_ENTRIES")
    grants = {
        ("USAGE", "TONEARM"),
        ("USAGE", "TONEARM_WH"),
        ("USAGE", "TONEARM.LANDING"),
        ("USAGE", "TONEARM.LANDING.CURATED"),
        ("USAGE", "TONEARM.LANDING.PARQUET_FILES"),
        ("USAGE", "TONEARM.CORE"),
        ("USAGE", "TONEARM.OPS"),
        ("SELECT", "TONEARM.CORE.ROWS_BY_RUN"),
    }
    core = {file.stem.partition("_core_")[2].upper() for file in SQL_DIR.glob("*_core_*.sql")}
    started = {f"TONEARM.CORE.{name}" for name in core - {"ROWS_BY_RUN"}}
    started |= {f"TONEARM.OPS.PURGE_{entity}" for entity in entities} | {"TONEARM.OPS.PURGE"}
    grants |= {(word, name) for name in started for word in ("MONITOR", "OPERATE")}
    for entity in entities:
        grants |= {(word, f"TONEARM.LANDING.{entity}") for word in ("SELECT", "INSERT")}
        grants |= {(word, f"TONEARM.LANDING.{entity}_PIPE") for word in ("MONITOR", "OPERATE")}
    return grants


def test_a_role_with_all_its_grants_lacks_nothing() -> None:
    assert findings(an_account(grants={"TONEARM_LOADER": frozenset(loader_grants())})) == []


def test_a_pipe_made_again_without_its_grants_is_named() -> None:
    lacking = {("MONITOR", PIPE), ("OPERATE", PIPE)}
    observed = an_account(grants={"TONEARM_LOADER": frozenset(loader_grants() - lacking)})

    (finding,) = findings(observed)

    assert finding.what == f"role TONEARM_LOADER lacks MONITOR on {PIPE} and 1 more"


def test_grants_that_cannot_be_seen_are_said_to_be_unchecked() -> None:
    (line,) = unseen(files(), an_account(grants={"TONEARM_LOADER": frozenset()}), NAMES)

    assert "TONEARM_READER" in line
    assert "TONEARM_LOADER" not in line
    assert "not checked" in line


def test_a_kind_that_cannot_be_listed_is_unchecked_and_not_missing() -> None:
    listed = {kind: names for kind, names in files().objects.items() if kind != "VIEW"}
    observed = an_account(objects=listed)

    assert findings(observed) == []
    assert "view objects: not checked (the account does not list them)" in unseen(
        files(), observed, NAMES
    )


def test_a_new_file_and_a_changed_one_are_told_apart() -> None:
    noted = {name: file.checksum for name, file in files().files.items()}
    del noted["90_grants.sql"]
    noted["11_stage.sql"] = "older"

    found = {finding.subject: finding.what for finding in findings(an_account(applied=noted))}

    assert found["90_grants.sql"].endswith("was never applied")
    assert found["11_stage.sql"].endswith("has changed since it was applied")
    assert len(found) == 2
