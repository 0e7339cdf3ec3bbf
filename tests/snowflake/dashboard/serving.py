"""A local Snowflake with given runs and the dashboard over it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.snowflake.local_account import VALUES, LocalAccount
from tests.snowflake.reads import RunFile, load
from tests.tonearm.local.snowflake_server.local_services import snowflake_server
from tonearm.local import dashboard
from tonearm.local.processes import free_port
from tonearm.warehouse.keys import new_key_pair


@contextmanager
def dashboard_over(folder: Path, runs: Sequence[Sequence[RunFile]]) -> Iterator[str]:
    """The dashboard's address, over a warehouse that holds these runs."""
    pair = new_key_pair()
    (folder / "snowflake-key.pem").write_bytes(pair.private_pem)
    account = LocalAccount(folder / "stage", folder / "data")
    account.deploy({**VALUES, "rsa_public_key": pair.public_key})
    load(account, *runs)
    account.close()
    with snowflake_server("--data", str(folder / "data")) as snowflake:
        port = free_port()
        service = dashboard.start(folder, snowflake, port)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            service.stop()
