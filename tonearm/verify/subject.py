"""The stack under proof, and what its steps have seen of it so far."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from tonearm.doctor.context import Context
from tonearm.doctor.examining import examine
from tonearm.errors import OperatorError
from tonearm.findings import Diagnosis
from tonearm.runs.executions import POLL_SECONDS
from tonearm.runs.next_commands import of_stack
from tonearm.runs.stack_runs import Run, StackRuns
from tonearm.stack import Stack
from tonearm.verify.deployed import Deployed
from tonearm.verify.masking import Mask

if TYPE_CHECKING:
    from tonearm.warehouse.wiring.inspect_sides import Sides

# The album of Spotify's own documentation of GET albums/{id}: an album needs no user's login.
# https://developer.spotify.com/documentation/web-api/reference/get-an-album
DEFAULT_SOURCE: Final = "spotify:album:4aawyAB9vmqN3uQ7FjRGTy"

type Tell = Callable[[str], None]


@dataclass
class Subject:
    """One stack, from the first step to the last.

    Attributes:
        clients: makes AWS clients by service name.
        stack_name: the stack.
        sources: what the runs read.
        sides: how to reach Snowflake as its admin; None to sign in as the service user alone.
        run_id: a run to look at instead of starting one; empty to start one.
        tell: is told what goes on.
        poll_seconds: how often an execution is looked at.
        run: the run that is looked at, once there is one.
        second_run: the run after it.
        is_login_usable: whether Spotify took the login.
    """

    clients: Callable[[str], Any]
    stack_name: str
    sources: tuple[str, ...] = (DEFAULT_SOURCE,)
    sides: "Sides | None" = None
    run_id: str = ""
    tell: Tell = field(default=lambda _: None)
    poll_seconds: float = POLL_SECONDS
    run: Run | None = None
    second_run: Run | None = None
    is_login_usable: bool = True

    @cached_property
    def context(self) -> Context:
        """The stack as the doctor examines it."""
        return Context(self.clients, self.stack_name, datetime.now(UTC), self.sides)

    @property
    def stack(self) -> Stack:
        """The stack as CloudFormation describes it."""
        return self.context.stack

    @property
    def runs(self) -> StackRuns:
        """The stack's runs."""
        return self.context.runs

    @cached_property
    def deployed(self) -> Deployed:
        """The stack beside its own template."""
        return Deployed(self.clients, self.stack)

    @cached_property
    def diagnosis(self) -> Diagnosis:
        """What the doctor says, asked once."""
        return examine(self.context, lambda name: self.tell(f"doctor: {name}"))

    @cached_property
    def published(self) -> Mapping[str, Any] | None:
        """The published manifest of the run; None while there is none."""
        return self.runs.document(self.run.run_id, "manifest") if self.run else None

    @property
    def seen_run(self) -> Run:
        """The run that is looked at.

        Raises:
            OperatorError: there is none.
        """
        if self.run is None:
            raise OperatorError("there is no run to look at", self.command("tonearm run"))
        return self.run

    @property
    def manifest(self) -> Mapping[str, Any]:
        """The published manifest of that run.

        Raises:
            OperatorError: it has published nothing.
        """
        if self.published is None:
            raise OperatorError("the run has published nothing", self.command("tonearm status"))
        return self.published

    @property
    def published_files(self) -> list[tuple[str, Mapping[str, Any]]]:
        """The published files of that run, each with its entity."""
        entities = self.manifest["entities"]
        return [(name, file) for name, figures in entities.items() for file in figures["files"]]

    @property
    def published_entities(self) -> list[str]:
        """The entities that have any."""
        return sorted({entity for entity, _ in self.published_files})

    @property
    def is_wired(self) -> bool:
        """Whether a Snowflake account belongs to the stack."""
        return bool(self.stack.parameter("SnowflakeAccount"))

    def command(self, command: str) -> str:
        """A fix that is one command of ours, for this stack."""
        return f"run `{of_stack(command, self.stack_name)}`"

    @property
    def deploy(self) -> str:
        """The fix for what is not as the template says."""
        return (
            f"{self.command('sam deploy')}; it leaves what was changed by hand: undo that with a "
            "drift-aware change set (CloudFormation console, Stack actions)"
        )

    def mask(self) -> Mask:
        """Takes out of texts what identifies this stack's owner."""
        stack = self.stack
        values = [(stack.parameter(key), word) for key, word in _PERSONAL.items()]
        values += [(source.rsplit(":", 1)[-1], "id") for source in self.sources if ":" in source]
        if self.sides is not None:
            values.append((self.sides.options.account, "Snowflake account"))
            values.append((self.sides.admin.user, "admin"))
        return Mask((value, word) for value, word in values if value != _LOCAL_ACCOUNT)


_LOCAL_ACCOUNT: Final = "local"
_PERSONAL: Final = {
    "AlarmEmail": "e-mail",
    "SnowflakeAccount": "Snowflake account",
    "SnowflakePrincipalArn": "principal",
    "SnowflakeNotifyPrincipalArn": "principal",
    "SnowpipeQueueArn": "queue",
    "SnowflakeNotifyExternalId": "external id",
    "KmsKeyArn": "key",
}
