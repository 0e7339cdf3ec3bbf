"""What is in the account, as the checks see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tonearm.warehouse.dynamic_table_state import ScheduledState
from tonearm.warehouse.wiring.core_tables import TableState
from tonearm.warehouse.wiring.options import Handshake

ACCOUNT_KINDS = {
    "ROLE": "ROLES",
    "USER": "USERS",
    "WAREHOUSE": "WAREHOUSES",
    "RESOURCE MONITOR": "RESOURCE MONITORS",
    "STORAGE INTEGRATION": "INTEGRATIONS",
    "NOTIFICATION INTEGRATION": "INTEGRATIONS",
    "DATABASE": "DATABASES",
}
DATABASE_KINDS = {
    "SCHEMA": "SCHEMAS",
    "FILE FORMAT": "FILE FORMATS",
    "STAGE": "STAGES",
    "TABLE": "TABLES",
    "PIPE": "PIPES",
    "DYNAMIC TABLE": "DYNAMIC TABLES",
    "VIEW": "VIEWS",
    "TASK": "TASKS",
    "STREAMLIT": "STREAMLITS",
}


@dataclass(frozen=True)
class PipeState:
    """A pipe as SHOW PIPES and SYSTEM$PIPE_STATUS tell it."""

    definition: str
    channel: str
    state: str
    pending: int
    error: str = ""
    created_on: datetime | None = None


@dataclass(frozen=True)
class StageState:
    """The stage as SHOW STAGES tells it."""

    url: str
    integration: str


@dataclass(frozen=True)
class Observed:
    """The account as it is.

    Attributes:
        objects: upper-case names by kind; only kinds that can be listed.
        columns: column names of each expected table that is there.
        pipes: the expected pipes that are there.
        storage: properties of the storage integration; empty without it.
        storage_made_on: when it was made; None without it.
        errors: properties of the notification integration; empty without it.
        stage: the stage, when it is there.
        key_fingerprints: of the service user's two key slots; None when they cannot be seen.
        scheduled: the dynamic tables and tasks, and whether Snowflake still runs them.
        dynamic_tables: the expected dynamic tables that are there.
        applied: the ledger's newest checksum of each subject.
        grants: (privilege, object) by role; without roles whose grants cannot be seen.
    """

    objects: Mapping[str, frozenset[str]]
    columns: Mapping[str, frozenset[str]]
    pipes: Mapping[str, PipeState]
    storage: Mapping[str, str]
    storage_made_on: datetime | None
    errors: Mapping[str, str]
    stage: StageState | None
    key_fingerprints: tuple[str, ...] | None
    scheduled: tuple[ScheduledState, ...]
    dynamic_tables: Mapping[str, TableState]
    applied: Mapping[str, str]
    grants: Mapping[str, frozenset[tuple[str, str]]]

    def has(self, kind: str, name: str) -> bool:
        """Whether an object is there."""
        return name in self.objects.get(kind, frozenset())

    @property
    def handshake(self) -> Handshake:
        """What the stack needs of it."""
        channels = [pipe.channel for pipe in self.pipes.values()]
        return handshake_of(self.storage, self.errors, channels)


def handshake_of(
    storage: Mapping[str, str], errors: Mapping[str, str], channels: list[str]
) -> Handshake:
    """What the stack needs: of both integrations and of the first pipe that listens."""
    return Handshake(
        storage.get("STORAGE_AWS_IAM_USER_ARN", ""),
        next((channel for channel in channels if channel), ""),
        errors.get("SF_AWS_IAM_USER_ARN", ""),
        errors.get("SF_AWS_EXTERNAL_ID", ""),
    )
