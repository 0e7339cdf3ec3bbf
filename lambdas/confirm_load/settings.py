"""What ConfirmLoad reads from its environment."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from tonearm_pipeline.errors import SettingsError
from tonearm_pipeline.settings import EnvReader

DEFAULT_MAX_TRIES = 45
DEFAULT_REFRESH_AFTER_SECONDS = 300
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*")


@dataclass(frozen=True)
class WarehouseSettings:
    """How to sign in to Snowflake.

    Attributes:
        account: account identifier; empty when Snowflake is not set up for this stack.
        key_secret_arn: secret that holds the private key (PEM, PKCS#8); empty when not set up.
        host: address of a Snowflake that is not at the account's own, such as the local one.
        port: its port, 0 for the usual one.
        protocol: https, or http for the local one.
    """

    account: str
    user: str
    role: str
    warehouse: str
    database: str
    key_secret_arn: str
    host: str
    port: int
    protocol: str


@dataclass(frozen=True)
class Settings:
    """The settings of one stack.

    Attributes:
        bucket: where the published manifest lies.
        snowflake: how to sign in.
        max_tries: how often a run asks before it gives up on a file.
        refresh_after: how long Snowpipe's own event is waited for before a repair.
    """

    bucket: str
    snowflake: WarehouseSettings
    max_tries: int
    refresh_after: timedelta

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Settings":
        """Return the settings.

        Raises:
            SettingsError: lists every missing or malformed name.
        """
        env = EnvReader(environ)
        settings = cls(
            bucket=env.bucket("BUCKET"),
            snowflake=_warehouse_settings(env),
            max_tries=env.integer("LOAD_MAX_TRIES", DEFAULT_MAX_TRIES, minimum=1),
            refresh_after=timedelta(
                seconds=env.number("LOAD_REFRESH_AFTER_SECONDS", DEFAULT_REFRESH_AFTER_SECONDS)
            ),
        )
        env.check()
        _check_identifier(settings.snowflake.database)
        return settings


def _warehouse_settings(env: EnvReader) -> WarehouseSettings:
    return WarehouseSettings(
        account=env.text("SNOWFLAKE_ACCOUNT", ""),
        user=env.text("SNOWFLAKE_USER", ""),
        role=env.text("SNOWFLAKE_ROLE", ""),
        warehouse=env.text("SNOWFLAKE_WAREHOUSE", ""),
        database=env.text("SNOWFLAKE_DATABASE", "TONEARM"),
        key_secret_arn=env.text("SNOWFLAKE_KEY_SECRET_ARN", ""),
        host=env.text("SNOWFLAKE_HOST", ""),
        port=env.integer("SNOWFLAKE_PORT", 0),
        protocol=env.choice("SNOWFLAKE_PROTOCOL", ("https", "http"), "https"),
    )


def _check_identifier(database: str) -> None:
    """The database is part of SQL text, so it must be a plain identifier."""
    if not _IDENTIFIER.fullmatch(database):
        raise SettingsError(f"SNOWFLAKE_DATABASE must be a plain identifier, not '{database}'")
