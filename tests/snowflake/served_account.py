"""The local account behind its HTTP protocol, so that the real connector asks it."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import uvicorn
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from confirm_load.private_key import PrivateKey
from confirm_load.settings import WarehouseSettings
from tests.snowflake.local_account import LocalAccount
from tonearm.local.snowflake_server.engine.engine import Engine
from tonearm.local.snowflake_server.protocol.app import SnowflakeApp

HOST = "127.0.0.1"


class KeyOf(PrivateKey):
    """A private key that lies in no secret."""

    def __init__(self) -> None:
        private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._key = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())

    def der(self) -> bytes:
        return self._key

    def forget(self) -> None:
        pass


class ServersClock:
    """The local server's own clock, for what must agree with it about the time."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def now(self) -> datetime:
        return self._engine.clock.now()

    def sleep(self, seconds: float) -> None:
        self.move(seconds=seconds)

    def move(self, **amount: float) -> None:
        self._engine.clock.advance(timedelta(**amount).total_seconds())


@contextmanager
def served(account: LocalAccount) -> Iterator[WarehouseSettings]:
    """How the service user signs in to the account as long as it is served."""
    app = SnowflakeApp(account.engine).asgi()
    config = uvicorn.Config(app, host=HOST, port=0, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield WarehouseSettings(
            account="local",
            user="pipeline",
            role="tonearm_loader",
            warehouse="tonearm_wh",
            database="TONEARM",
            key_secret_arn="arn:secret",
            host=HOST,
            port=port,
            protocol="http",
        )
    finally:
        server.should_exit = True
        thread.join()
