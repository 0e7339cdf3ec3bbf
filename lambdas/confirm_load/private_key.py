"""The service user's private key: read from Secrets Manager once per container, never shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from tonearm_pipeline.errors import WarehouseNotWiredError
from tonearm_pipeline.json_store import error_code, storage_errors

if TYPE_CHECKING:  # the stubs are not in the functions' package
    from mypy_boto3_secretsmanager import SecretsManagerClient


class PrivateKey:
    """Reads the key at first use and keeps it in the form the connector takes (DER)."""

    def __init__(self, secrets: SecretsManagerClient, secret_arn: str) -> None:
        self._secrets = secrets
        self._secret_arn = secret_arn
        self._der: bytes | None = None

    def __repr__(self) -> str:
        return f"PrivateKey({self._secret_arn})"

    def der(self) -> bytes:
        """Return the key.

        Raises:
            WarehouseNotWiredError: there is no such secret, or it holds no PEM private key.
        """
        if self._der is None:
            self._der = _der_of(self._pem())
        return self._der

    def forget(self) -> None:
        """Read the key anew next time: it may have been rotated."""
        self._der = None

    def _pem(self) -> str:
        with storage_errors("read Snowflake's private key"):
            try:
                answer = self._secrets.get_secret_value(SecretId=self._secret_arn)
            except ClientError as exc:
                if error_code(exc) == "ResourceNotFoundException":
                    raise WarehouseNotWiredError(
                        "the secret with Snowflake's private key is missing or empty: "
                        "run `tonearm snowflake deploy`"
                    ) from exc
                raise
        return answer.get("SecretString", "")


def _der_of(pem: str) -> bytes:
    try:
        key = load_pem_private_key(pem.strip().encode(), password=None)
    except (ValueError, TypeError) as exc:
        raise WarehouseNotWiredError(
            "the secret for Snowflake holds no unencrypted PEM private key: "
            "run `tonearm snowflake deploy`"
        ) from exc
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
