"""What the stack's parameters should be, and the values the SQL files need."""

from collections.abc import Mapping
from dataclasses import replace

from tonearm.errors import OperatorError
from tonearm.stack import Stack
from tonearm.warehouse.deploy import DEFAULTS
from tonearm.warehouse.wiring.options import Handshake, Names, Options
from tonearm.warehouse.wiring.place import Place

DEFAULT_EXTERNAL_ID = "tonearm"  # the template's own, the same for everybody
PRINCIPAL, QUEUE = "SnowflakePrincipalArn", "SnowpipeQueueArn"
NOTIFY_PRINCIPAL, NOTIFY_EXTERNAL_ID = "SnowflakeNotifyPrincipalArn", "SnowflakeNotifyExternalId"
FOUND_IN_SNOWFLAKE = (PRINCIPAL, QUEUE, NOTIFY_PRINCIPAL, NOTIFY_EXTERNAL_ID)


def known(handshake: Handshake) -> dict[str, str]:
    """What Snowflake has told so far, under the names of the stack's parameters."""
    values = (
        handshake.principal_arn,
        handshake.queue_arn,
        handshake.notify_principal_arn,
        handshake.notify_external_id,
    )
    pairs = zip(FOUND_IN_SNOWFLAKE, values, strict=True)
    return {key: value for key, value in pairs if value}


def completed(options: Options, stack: Stack) -> Options:
    """The options with the account, and where it is, from the stack when none was given.

    Raises:
        OperatorError: neither names an account.
    """
    if options.account:
        return options
    if not stack.parameter("SnowflakeAccount"):
        raise OperatorError(
            "no Snowflake account is named", "give --account or SNOWFLAKE_ACCOUNT (ORG-NAME)"
        )
    return replace(
        options,
        account=stack.parameter("SnowflakeAccount"),
        host=options.host or stack.parameter("SnowflakeHost"),
        port=options.port or int(stack.parameter("SnowflakePort") or 0),
        protocol=options.protocol or stack.parameter("SnowflakeProtocol"),
    )


def names_for(options: Options, stack: Stack) -> Names:
    """The names to use: as asked for, else as the stack has them, else the SQL's own."""
    database = options.database or stack.parameter("SnowflakeDatabase") or DEFAULTS["database"]
    warehouse = options.warehouse or stack.parameter("SnowflakeWarehouse") or DEFAULTS["warehouse"]
    return Names(database.upper(), warehouse.upper())


def external_id_for(options: Options, stack: Stack) -> str:
    """The external id: the stack's own once it is wired, and before that one of this stack's own.

    The stack's id holds a UUID: two stacks never share an external id, and nobody guesses it.
    """
    current = stack.parameter("SnowflakeExternalId")
    if options.external_id:
        return options.external_id
    if current and (current != DEFAULT_EXTERNAL_ID or stack.parameter(PRINCIPAL)):
        return current
    return f"{DEFAULT_EXTERNAL_ID}-{stack.stack_id.rsplit('/', 1)[-1]}"


def expected_parameters(options: Options, stack: Stack, handshake: Handshake) -> dict[str, str]:
    """What the stack's parameters should be, as far as it is known and the stack has them."""
    names = names_for(options, stack)
    values = {
        "SnowflakeUser": names.service_user,
        "SnowflakeRole": names.loader_role,
        "SnowflakeWarehouse": names.warehouse,
        "SnowflakeDatabase": names.database,
        "SnowflakeExternalId": external_id_for(options, stack),
        **_address(options),
        **known(handshake),
    }
    return {key: value for key, value in values.items() if key in stack.parameters}


def parameter_changes(options: Options, stack: Stack, handshake: Handshake) -> dict[str, str]:
    """Those that are not so yet."""
    values = expected_parameters(options, stack, handshake)
    return {key: value for key, value in values.items() if stack.parameter(key) != value}


def sql_values(
    options: Options, stack: Stack, public_key: str, place: Place | None = None
) -> dict[str, str]:
    """The values of the SQL files' placeholders.

    Args:
        options: the operator's choices.
        stack: the stack.
        public_key: of the service user.
        place: the account they are for; None when nobody may look at it.

    Raises:
        OperatorError: the stack lacks an output.
    """
    names, place = names_for(options, stack), place or Place()
    quota = place.quota if options.credit_quota is None else str(options.credit_quota or "")
    clause = f"error_integration = {names.database}_load_errors"
    return {
        "database": names.database,
        "warehouse": names.warehouse,
        "bucket": stack.output("Bucket"),
        "storage_role_arn": stack.output("SnowflakeReadRoleArn"),
        "external_id": external_id_for(options, stack),
        "error_topic_arn": stack.output("TopicArn"),
        "error_role_arn": stack.output("SnowflakeNotifyRoleArn"),
        "rsa_public_key": public_key,
        "service_user": names.service_user,
        "retention_days": stack.parameter("RetentionDays"),
        "error_integration": clause if place.tells_of_errors else "",
        "credit_quota": quota,
    }


def _address(options: Options) -> Mapping[str, str]:
    if not options.account:
        return {}
    is_local = bool(options.host)
    return {
        "SnowflakeAccount": options.account,
        "SnowflakeHost": options.host,
        "SnowflakePort": str(options.port) if is_local and options.port else "",
        "SnowflakeProtocol": options.protocol if is_local else "",
    }
