"""Logins: a key pair is checked when the user is known with a public key; anything else is let in.

https://docs.snowflake.com/en/user-guide/key-pair-auth. The first login, by the account's admin,
comes before any user is created, so a user the server has not seen may sign in with anything.
"""

import base64
import hashlib
from typing import Any

import jwt
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)
from snowflake.connector.errors import DatabaseError

from tonearm.local.snowflake_server.engine.engine import Engine


def check_login(engine: Engine, data: dict[str, Any]) -> None:
    """Check the credentials of a login request.

    Raises:
        DatabaseError: 390144, the user's key is another one, or a service user came without a key.
    """
    user = str(data.get("LOGIN_NAME", "")).upper()
    properties = engine.store.account_object("USER", user)
    if properties is None or "RSA_PUBLIC_KEY" not in properties:
        return
    if str(data.get("AUTHENTICATOR", "")).upper() != "SNOWFLAKE_JWT":
        raise DatabaseError(
            msg="Incorrect username or password was specified.", errno=390100, sqlstate="08001"
        )
    try:
        _check_token(str(data.get("TOKEN", "")), str(properties["RSA_PUBLIC_KEY"]))
    except (jwt.InvalidTokenError, ValueError) as exc:
        raise DatabaseError(
            msg=f"JWT token is invalid. {exc}", errno=390144, sqlstate="08001"
        ) from exc


def _check_token(token: str, public_key: str) -> None:
    key = load_der_public_key(base64.b64decode("".join(public_key.split())))
    options: Any = {"verify_aud": False}
    claims = jwt.decode(token, key, algorithms=["RS256"], options=options)  # type: ignore[arg-type]
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    print_ = base64.b64encode(hashlib.sha256(der).digest()).decode()
    if not str(claims.get("iss", "")).endswith(f"SHA256:{print_}"):
        raise ValueError("the issuer names another key")
