"""RSA key pairs that sign in to Snowflake.

https://docs.snowflake.com/en/user-guide/key-pair-auth
"""

import base64
import hashlib
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

KEY_BITS = 2048


@dataclass(frozen=True)
class KeyPair:
    """A private key as PEM and its public half as Snowflake takes and names it."""

    private_pem: bytes = field(repr=False)
    public_key: str  # base64 without the PEM frame, as RSA_PUBLIC_KEY takes it
    fingerprint: str  # as DESC USER shows it: SHA256:…


def new_key_pair() -> KeyPair:
    """A fresh pair."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return key_pair_of(pem)


def key_pair_of(private_pem: bytes) -> KeyPair:
    """The pair that an unencrypted private key belongs to.

    Raises:
        ValueError: it is not an unencrypted PEM private key.
    """
    key = _loaded(private_pem, None)
    der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    digest = base64.b64encode(hashlib.sha256(der).digest()).decode()
    return KeyPair(private_pem, base64.b64encode(der).decode(), f"SHA256:{digest}")


def private_key_der(private_pem: bytes, passphrase: bytes | None = None) -> bytes:
    """The private key in the form the connector takes.

    Raises:
        ValueError: it is not a PEM private key, or the passphrase is wrong or missing.
    """
    return _loaded(private_pem, passphrase).private_bytes(
        Encoding.DER, PrivateFormat.PKCS8, NoEncryption()
    )


def _loaded(private_pem: bytes, passphrase: bytes | None) -> PrivateKeyTypes:
    try:
        return load_pem_private_key(private_pem, passphrase)
    except TypeError as error:  # encrypted without a passphrase, or the other way round
        raise ValueError(str(error)) from error
