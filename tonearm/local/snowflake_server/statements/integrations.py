"""DESC INTEGRATION: what Snowflake tells of an integration, above all the principal AWS must trust.

https://docs.snowflake.com/en/sql-reference/sql/desc-integration
"""

from typing import Any

from tonearm.local.snowflake_server.engine.engine import Engine
from tonearm.local.snowflake_server.engine.names import folded
from tonearm.local.snowflake_server.principal import IAM_USER_ARN
from tonearm.local.snowflake_server.protocol.answers import Answer, texts
from tonearm.local.snowflake_server.protocol.errors import missing, refused

# One IAM user per Snowflake account, known only from DESC INTEGRATION.
COLUMNS = ("property", "property_type", "property_value", "property_default")


def describe_integration(engine: Engine, name: str) -> Answer:
    """The properties of an integration."""
    stored = folded(name)
    properties = engine.store.account_object("INTEGRATION", stored)
    if properties is None:
        raise missing("Integration", stored)
    if properties["INTEGRATION_TYPE"] == "STORAGE":
        return texts(COLUMNS, _storage(stored, properties))
    return texts(COLUMNS, _notification(stored, properties))


def _storage(name: str, properties: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    external_id = properties.get("STORAGE_AWS_EXTERNAL_ID") or f"LOCAL_SFCRole=1_{name}"
    return [
        ("ENABLED", "Boolean", _flag(properties.get("ENABLED", False)), "false"),
        ("STORAGE_PROVIDER", "String", str(properties.get("STORAGE_PROVIDER", "S3")), ""),
        ("STORAGE_ALLOWED_LOCATIONS", "List", _list(properties, "STORAGE_ALLOWED_LOCATIONS"), "[]"),
        ("STORAGE_BLOCKED_LOCATIONS", "List", _list(properties, "STORAGE_BLOCKED_LOCATIONS"), "[]"),
        ("STORAGE_AWS_IAM_USER_ARN", "String", IAM_USER_ARN, ""),
        ("STORAGE_AWS_ROLE_ARN", "String", str(properties.get("STORAGE_AWS_ROLE_ARN", "")), ""),
        ("STORAGE_AWS_EXTERNAL_ID", "String", str(external_id), ""),
        ("COMMENT", "String", str(properties.get("COMMENT", "")), ""),
    ]


def _notification(name: str, properties: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    if str(properties.get("DIRECTION", "")).upper() != "OUTBOUND":
        raise refused("a notification integration that is not outbound")
    return [
        ("ENABLED", "Boolean", _flag(properties.get("ENABLED", False)), "false"),
        ("DIRECTION", "String", "OUTBOUND", "INBOUND"),
        ("AWS_SNS_TOPIC_ARN", "String", str(properties.get("AWS_SNS_TOPIC_ARN", "")), ""),
        ("AWS_SNS_ROLE_ARN", "String", str(properties.get("AWS_SNS_ROLE_ARN", "")), ""),
        ("SF_AWS_IAM_USER_ARN", "String", IAM_USER_ARN, ""),
        ("SF_AWS_EXTERNAL_ID", "String", f"LOCAL_SFCRole=2_{name}", ""),
        ("COMMENT", "String", str(properties.get("COMMENT", "")), ""),
    ]


def _flag(value: object) -> str:
    return "true" if value is True else "false"


def _list(properties: dict[str, Any], key: str) -> str:
    return ",".join(properties.get(key, []))
