"""Counts what is held, asks, empties every place, counts again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tonearm.errors import OperatorError
from tonearm.forgetting.holding import Holding, aws_errors
from tonearm.forgetting.lake import lake_holdings
from tonearm.forgetting.login import login_holding
from tonearm.forgetting.state import state_holding
from tonearm.forgetting.warehouse import warehouse_holdings
from tonearm.screen import Screen
from tonearm.stack import Clients, Stack
from tonearm.warehouse.wiring.options import Names
from tonearm.warehouse.wiring.session import Account

NOTES = (
    "Snowflake keeps deleted rows for Time Travel and Fail-safe, DynamoDB deleted items for its"
    " point-in-time recovery, some days or weeks longer.",
    "Logs and execution histories hold ids and counts only, and expire by themselves.",
    "A schedule that is on fails from now on for want of a login: deploy ScheduleState=DISABLED.",
)


@dataclass(frozen=True)
class Forgotten:
    """What became of one place."""

    name: str
    found: int
    left: int


def holdings_of(
    clients: Clients, stack: Stack, account: Account | None, names: Names
) -> list[Holding]:
    """Every place that holds something of the account, in the order they are emptied.

    The login goes first, so that nothing new is read meanwhile.

    Raises:
        OperatorError: the stack lacks an output, or a side cannot be read.
    """
    return [
        login_holding(clients("secretsmanager"), stack.output("SpotifySecretArn")),
        *lake_holdings(clients("s3"), stack.output("Bucket")),
        *(warehouse_holdings(account, names) if account else []),
        state_holding(clients("dynamodb"), stack.output("StateTable")),
    ]


def refuse_while_running(clients: Clients, stack: Stack) -> None:
    """A run that goes on would write again behind our back.

    Raises:
        OperatorError: an execution is running.
    """
    with aws_errors("asking for running executions"):
        running = clients("stepfunctions").list_executions(
            stateMachineArn=stack.output("StateMachineArn"), statusFilter="RUNNING"
        )["executions"]
    if running:
        arn = running[0]["executionArn"]
        raise OperatorError(
            f"a run is going on ({running[0]['name']})",
            f"wait for it, or `aws stepfunctions stop-execution --execution-arn {arn}`",
        )


def forget(
    holdings: Sequence[Holding], screen: Screen, confirm: Callable[[], bool]
) -> list[Forgotten]:
    """Empty every place.

    Args:
        holdings: the places, in order.
        screen: what the operator sees.
        confirm: asked once it is shown what would be deleted.

    Returns:
        What was found and what is left; nothing when it was not confirmed.

    Raises:
        OperatorError: a place could not be emptied; those before it are.
    """
    found = [(holding, holding.count()) for holding in holdings]
    screen.table("Held", ["where", "how many"], [(each.name, count) for each, count in found])
    if not confirm():
        screen.say("Nothing was deleted.")
        return []
    for holding, count in found:
        if count:
            screen.say(f"deleting {count:,}: {holding.name}")
            holding.empty()
    told = [Forgotten(each.name, count, each.count()) for each, count in found]
    screen.table(
        "Forgotten",
        ["where", "found", "left"],
        [(each.name, each.found, each.left) for each in told],
    )
    for note in NOTES:
        screen.say(note)
    return told
