"""Signs in to Snowflake: as the pipeline's service user, or as the admin when one is named.

The service user's key comes from the stack's own secret, so what it sees needs no other login.
"""

from contextlib import AbstractContextManager
from typing import Final

from tonearm.verify.subject import Subject
from tonearm.warehouse.connect import ConnectionSettings, connect
from tonearm.warehouse.wiring.session import Account, RefusedError, open_account

# SQL access control error: insufficient privileges; beside it stand those of what may not be seen.
_REFUSED: Final = 3001


def signed_in(subject: Subject, *, as_admin: bool = False) -> AbstractContextManager[Account]:
    """A session; as the admin only when that is asked for and one was named.

    Raises:
        OperatorError: Snowflake refuses, or does not answer.
    """
    if as_admin and subject.sides is not None:
        return subject.sides.open()
    settings = _service_settings(subject)
    return open_account(
        lambda: connect(settings),
        f"the service user {settings.user}",
        subject.command("tonearm snowflake deploy"),
    )


def database_of(subject: Subject) -> str:
    """The database's name, upper case."""
    return subject.stack.parameter("SnowflakeDatabase").upper()


def is_hidden(error: RefusedError) -> bool:
    """Whether Snowflake refused because this user may not look."""
    return error.is_missing or error.errno == _REFUSED


def _service_settings(subject: Subject) -> ConnectionSettings:
    stack = subject.stack
    secret = subject.clients("secretsmanager").get_secret_value(
        SecretId=stack.output("SnowflakeKeySecretArn")
    )
    return ConnectionSettings(
        account=stack.parameter("SnowflakeAccount"),
        user=stack.parameter("SnowflakeUser"),
        private_key_pem=secret["SecretString"].encode(),
        role=stack.parameter("SnowflakeRole"),
        warehouse=stack.parameter("SnowflakeWarehouse"),
        database=database_of(subject),
        host=stack.parameter("SnowflakeHost"),
        port=int(stack.parameter("SnowflakePort") or 0),
        protocol=stack.parameter("SnowflakeProtocol") or "https",
    )
