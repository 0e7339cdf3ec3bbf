"""Serves the Streamlit dashboard over a local Snowflake."""

import signal
import sys
from pathlib import Path

from tonearm.errors import OperatorError
from tonearm.local import processes, session
from tonearm.local.processes import Service
from tonearm.local.stack import SNOWFLAKE_DATABASE, SNOWFLAKE_USER
from tonearm.project import SQL_FOLDER

APP = SQL_FOLDER / "dashboard" / "streamlit_app.py"


def serve(port: int) -> None:
    """Show the local cloud that was left up, until the operator stops it.

    Raises:
        OperatorError: none is up, its Snowflake does not answer, the port is taken, or the
            dashboard did not start.
    """
    kept = session.remembered()
    if kept is None:
        raise OperatorError("no local cloud is up", "`uv run tonearm local run --keep` leaves one")
    if not processes.listens(kept.snowflake_port):
        raise OperatorError(
            f"the local Snowflake does not answer at port {kept.snowflake_port}",
            "`uv run tonearm local down`, then `make dashboard` again",
        )
    processes.check_port(port, "the dashboard")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # or the dashboard would outlive us
    service = start(Path(kept.folder), kept.snowflake_port, port)
    sys.stdout.write(f"The dashboard is at http://127.0.0.1:{port} (Ctrl-C stops it)\n")
    sys.stdout.flush()
    try:
        service.process.wait()
    except KeyboardInterrupt:
        sys.stdout.write("\n")
    finally:
        service.stop()


def start(folder: Path, snowflake_port: int, port: int) -> Service:
    """The dashboard as a service at a port, once it listens.

    Args:
        folder: A local stack's folder; holds the key to sign in with, gets secrets and the log.
        snowflake_port: Where that stack's Snowflake listens.
        port: Where the dashboard is to listen on the loopback address.

    Raises:
        OperatorError: it did not start; holds the end of its log.
    """
    secrets = folder / "streamlit-secrets.toml"
    secrets.write_text(_secrets(folder / "snowflake-key.pem", snowflake_port))
    service = processes.start("dashboard", _arguments(secrets, port), folder / "logs", {})
    try:
        service.wait_until(lambda: processes.listens(port))
    except OperatorError:
        service.stop()
        raise
    return service


def _secrets(key: Path, snowflake_port: int) -> str:
    """What `st.connection("snowflake")` reads.

    https://docs.streamlit.io/develop/api-reference/connections/st.connections.snowflakeconnection
    """
    options = {
        "account": "local",
        "user": SNOWFLAKE_USER,
        "authenticator": "SNOWFLAKE_JWT",
        "private_key_file": str(key),
        "database": SNOWFLAKE_DATABASE,
        "host": "127.0.0.1",
        "protocol": "http",
    }
    lines = [f'{name} = "{value}"' for name, value in options.items()]
    lines += [f"port = {snowflake_port}", "login_timeout = 20", "network_timeout = 20"]
    return "\n".join(["[connections.snowflake]", *lines, ""])


def _arguments(secrets: Path, port: int) -> list[str]:
    return [
        "streamlit",
        "run",
        str(APP),
        f"--server.port={port}",
        "--server.address=127.0.0.1",
        "--server.headless=true",
        "--server.fileWatcherType=none",
        "--browser.gatherUsageStats=false",
        "--client.toolbarMode=minimal",
        f"--secrets.files={secrets}",
    ]
