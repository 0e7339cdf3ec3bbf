"""What the stack's parameters should be, and the values the SQL files need."""

from collections.abc import Mapping
from dataclasses import replace

from tonearm.errors import OperatorError
from tonearm.stack import Stack
from tonearm.warehouse.deploy import DEFAULTS
from tonearm.warehouse.wiring.options import Names, Wires, Wish
from tonearm.warehouse.wiring.place import Place

DEFAULT_EXTERNAL_ID = "tonearm"  # the template's own, the same for everybody
PRINCIPAL, QUEUE = "SnowflakePrincipalArn", "SnowpipeQueueArn"
NOTIFY_PRINCIPAL, NOTIFY_EXTERNAL_ID = "SnowflakeNotifyPrincipalArn", "SnowflakeNotifyExternalId"
FOUND_IN_SNOWFLAKE = (PRINCIPAL, QUEUE, NOTIFY_PRINCIPAL, NOTIFY_EXTERNAL_ID)


def known(wires: Wires) -> dict[str, str]:
    """What Snowflake has told so far, under the names of the stack's parameters."""
    values = (
        wires.principal_arn,
        wires.queue_arn,
        wires.notify_principal_arn,
        wires.notify_external_id,
    )
    pairs = zip(FOUND_IN_SNOWFLAKE, values, strict=True)
    return {key: value for key, value in pairs if value}


def completed(wish: Wish, stack: Stack) -> Wish:
    """The wish with the account, and where it is, from the stack when none was given.

    Raises:
        OperatorError: neither names an account.
    """
    if wish.account:
        return wish
    if not stack.parameter("SnowflakeAccount"):
        raise OperatorError(
            "no Snowflake account is named", "give --account or SNOWFLAKE_ACCOUNT (ORG-NAME)"
        )
    return replace(
        wish,
        account=stack.parameter("SnowflakeAccount"),
        host=wish.host or stack.parameter("SnowflakeHost"),
        port=wish.port or int(stack.parameter("SnowflakePort") or 0),
        protocol=wish.protocol or stack.parameter("SnowflakeProtocol"),
    )


def names_for(wish: Wish, stack: Stack) -> Names:
    """The names to use: as asked for, else as the stack has them, else the SQL's own."""
    database = wish.database or stack.parameter("SnowflakeDatabase") or DEFAULTS["database"]
    warehouse = wish.warehouse or stack.parameter("SnowflakeWarehouse") or DEFAULTS["warehouse"]
    return Names(database.upper(), warehouse.upper())


def external_id_for(wish: Wish, stack: Stack) -> str:
    """The external id: the stack's own once it is wired, and before that one of this stack's own.

    The stack's id holds a UUID: two stacks never share an external id, and nobody guesses it.
    """
    current = stack.parameter("SnowflakeExternalId")
    if wish.external_id:
        return wish.external_id
    if current and (current != DEFAULT_EXTERNAL_ID or stack.parameter(PRINCIPAL)):
        return current
    return f"{DEFAULT_EXTERNAL_ID}-{stack.stack_id.rsplit('/', 1)[-1]}"


def wanted_parameters(wish: Wish, stack: Stack, wires: Wires) -> dict[str, str]:
    """What the stack's parameters should be, as far as it is known and the stack has them."""
    names = names_for(wish, stack)
    values = {
        "SnowflakeUser": names.service_user,
        "SnowflakeRole": names.loader_role,
        "SnowflakeWarehouse": names.warehouse,
        "SnowflakeDatabase": names.database,
        "SnowflakeExternalId": external_id_for(wish, stack),
        **_address(wish),
        **known(wires),
    }
    return {key: value for key, value in values.items() if key in stack.parameters}


def parameter_changes(wish: Wish, stack: Stack, wires: Wires) -> dict[str, str]:
    """Those that are not so yet."""
    values = wanted_parameters(wish, stack, wires)
    return {key: value for key, value in values.items() if stack.parameter(key) != value}


def sql_values(
    wish: Wish, stack: Stack, public_key: str, place: Place | None = None
) -> dict[str, str]:
    """The values of the SQL files' placeholders.

    Args:
        wish: the operator's choices.
        stack: the stack.
        public_key: of the service user.
        place: the account they are for; None when nobody may look at it.

    Raises:
        OperatorError: the stack lacks an output.
    """
    names, place = names_for(wish, stack), place or Place()
    quota = place.quota if wish.credit_quota is None else str(wish.credit_quota or "")
    clause = f"error_integration = {names.database}_load_errors"
    return {
        "database": names.database,
        "warehouse": names.warehouse,
        "bucket": stack.output("Bucket"),
        "storage_role_arn": stack.output("SnowflakeReadRoleArn"),
        "external_id": external_id_for(wish, stack),
        "error_topic_arn": stack.output("TopicArn"),
        "error_role_arn": stack.output("SnowflakeNotifyRoleArn"),
        "rsa_public_key": public_key,
        "service_user": names.service_user,
        "retention_days": stack.parameter("RetentionDays"),
        "error_integration": clause if place.tells_of_errors else "",
        "credit_quota": quota,
    }


def _address(wish: Wish) -> Mapping[str, str]:
    if not wish.account:
        return {}
    is_local = bool(wish.host)
    return {
        "SnowflakeAccount": wish.account,
        "SnowflakeHost": wish.host,
        "SnowflakePort": str(wish.port) if is_local and wish.port else "",
        "SnowflakeProtocol": wish.protocol if is_local else "",
    }
