"""The name of a run, and the S3 keys of all its objects: they are built here and nowhere else.

A run's name is made from its execution, so the same execution always gives the same one. The key
layout is an interface: the Glue jobs, Snowpipe's prefixes and the operator read it.
"""

import hashlib
import re
from typing import Final

from tonearm_pipeline.clock import utc_moment

RUNS_PREFIX = "runs/"
RAW_PREFIX = "raw/"
STAGED_PREFIX = "staged/"
CURATED_PREFIX = "curated/"
QUARANTINE_PREFIX = "quarantine/"
KNOWN_FINDINGS_KEY = f"{RUNS_PREFIX}findings.json"
_HEX_DIGITS: Final = 6
_RUN_ID: Final = re.compile(rf"\d{{8}}T\d{{6}}Z-[0-9a-f]{{{_HEX_DIGITS}}}")


def run_id_of(execution_id: str, started_at: str) -> str:
    """Return `YYYYMMDDTHHMMSSZ-xxxxxx`: the start in UTC, and a hash of the execution's ARN.

    Raises:
        ValueError: `started_at` is not an ISO date and time.
    """
    digest = hashlib.sha256(execution_id.encode()).hexdigest()[:_HEX_DIGITS]
    return f"{utc_moment(started_at):%Y%m%dT%H%M%SZ}-{digest}"


def is_run_id(text: str) -> bool:
    """Tell whether a text has the form of a run's name."""
    return _RUN_ID.fullmatch(text) is not None


def plan_key(run_id: str) -> str:
    """Return the key of the plan PlanRun writes."""
    return f"{RUNS_PREFIX}{run_id}/plan.json"


def replay_key(run_id: str, attempt: int) -> str:
    """Return the key of the claim of a replay's attempt."""
    return f"{RUNS_PREFIX}{run_id}/replay-{attempt}.json"


def cursor_key(run_id: str) -> str:
    """Return the key of the place ExtractSpotify has reached."""
    return f"{RUNS_PREFIX}{run_id}/cursor.json"


def findings_key(run_id: str) -> str:
    """Return the key of what a run found to be lost; the newest is at `KNOWN_FINDINGS_KEY` too."""
    return f"{RUNS_PREFIX}{run_id}/findings.json"


def raw_pages_prefix(run_id: str) -> str:
    """Return the prefix under which the raw parts of a run lie, with its closing slash."""
    return f"{RAW_PREFIX}{run_id}/pages/"


def raw_part_key(run_id: str, part: int) -> str:
    """Return the key of one write-once raw part (counted from 0)."""
    return f"{raw_pages_prefix(run_id)}part-{part:05d}.json.gz"


def raw_manifest_key(run_id: str) -> str:
    """Return the key of the raw manifest; every event calls it `manifest_key`."""
    return f"{RAW_PREFIX}{run_id}/manifest.json"


def staged_prefix(run_id: str, attempt: int) -> str:
    """Return the prefix the Glue jobs of one attempt write under, with its closing slash."""
    return f"{STAGED_PREFIX}{run_id}/{attempt}/"


def staged_entity_prefix(run_id: str, attempt: int, entity: str) -> str:
    """Return the prefix of one entity's staged Parquet files."""
    return f"{staged_prefix(run_id, attempt)}{entity}/"


def staged_quarantine_prefix(run_id: str, attempt: int, entity: str) -> str:
    """Return the prefix of one entity's staged quarantine files."""
    return f"{staged_prefix(run_id, attempt)}quarantine/{entity}/"


def staged_counts_prefix(run_id: str, attempt: int, job: str) -> str:
    """Return the prefix of the counts one job wrote."""
    return f"{staged_prefix(run_id, attempt)}counts/{job}/"


def curated_entity_prefix(entity: str, snapshot_date: str) -> str:
    """Return the prefix of one entity's published files of one day."""
    return f"{CURATED_PREFIX}{entity}/snapshot_date={snapshot_date}/"


def curated_key(entity: str, snapshot_date: str, run_id: str, attempt: int, number: int) -> str:
    """Return the deterministic key of one published file (a repeat gives the same key)."""
    return curated_files(entity, snapshot_date, run_id, attempt) + _file_number(number)


def quarantine_key(entity: str, snapshot_date: str, run_id: str, attempt: int, number: int) -> str:
    """Return the deterministic key of one published quarantine file."""
    return quarantine_files(entity, snapshot_date, run_id, attempt) + _file_number(number)


def curated_files(entity: str, snapshot_date: str, run_id: str, attempt: int) -> str:
    """Return what the keys of one attempt's published files of an entity begin with."""
    return curated_entity_prefix(entity, snapshot_date) + _file_stem(entity, run_id, attempt)


def quarantine_files(entity: str, snapshot_date: str, run_id: str, attempt: int) -> str:
    """Return what the keys of one attempt's published quarantine files of an entity begin with."""
    stem = _file_stem(entity, run_id, attempt)
    return f"{QUARANTINE_PREFIX}{entity}/snapshot_date={snapshot_date}/{stem}"


def published_manifest_key(run_id: str) -> str:
    """Return the key of the published manifest, the commit mark of a run."""
    return f"{RUNS_PREFIX}{run_id}/manifest.json"


def load_key(run_id: str) -> str:
    """Return the key of what Snowpipe did with the files of a run."""
    return f"{RUNS_PREFIX}{run_id}/load.json"


def ledger_key(run_id: str) -> str:
    """Return the key of the ledger."""
    return f"{RUNS_PREFIX}{run_id}/ledger.json"


def receipt_key(run_id: str) -> str:
    """Return the key of the receipt."""
    return f"{RUNS_PREFIX}{run_id}/receipt.json"


def failure_key(run_id: str) -> str:
    """Return the key of the failure record."""
    return f"{RUNS_PREFIX}{run_id}/failure.json"


def enrichment_key() -> str:
    """Return the key of the albums and artists that wait for a left-over call, for all runs."""
    return f"{RUNS_PREFIX}enrichment.json"


def _file_stem(entity: str, run_id: str, attempt: int) -> str:
    run = run_id if attempt == 1 else f"{run_id}.{attempt}"
    return f"{entity}-{run}-"


def _file_number(number: int) -> str:
    return f"{number:05d}.parquet"
