"""`python -m tonearm.local.snowflake_server --port P --data DIR --s3-endpoint HOST:PORT`."""

import argparse
import signal
import socket
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from pathlib import Path
from types import FrameType


class _Hidden(MetaPathFinder):
    """Packages the connector loads when they are there: two seconds the server has no use for."""

    names = frozenset({"pandas", "boto3", "botocore"})

    def find_spec(self, fullname: str, path: object, target: object = None) -> None:  # noqa: ARG002
        """Say the package is not installed."""
        if fullname in self.names:
            raise ModuleNotFoundError(f"{fullname} is hidden from this process", name=fullname)


_hidden = _Hidden()
sys.meta_path.insert(0, _hidden)

import duckdb  # noqa: E402
import uvicorn  # noqa: E402

from tonearm.local.snowflake_server.engine.engine import Engine, ServerOptions  # noqa: E402
from tonearm.local.snowflake_server.faults import EAGER, SCHEDULES  # noqa: E402
from tonearm.local.snowflake_server.loading.s3_files import S3Access  # noqa: E402
from tonearm.local.snowflake_server.protocol.app import SnowflakeApp  # noqa: E402

_hidden.names = frozenset({"pandas"})  # boto3 is loaded when a stage is first listed

HOST = "127.0.0.1"


class AnnouncingServer(uvicorn.Server):
    """Says where it listens, once it does."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then print the ready line."""
        await super().startup(sockets)
        port = sockets[0].getsockname()[1] if sockets else self.config.port
        print(f"listening on http://{HOST}:{port}", flush=True)


def parse_args(argv: Sequence[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="snowflake_server", allow_abbrev=False)
    parser.add_argument("--port", type=int, required=True, help="0 takes any free port")
    parser.add_argument("--data", type=Path, help="folder of the database files; none: in memory")
    parser.add_argument("--s3-endpoint", default="", metavar="HOST:PORT")
    parser.add_argument("--s3-region", default="us-east-1")
    parser.add_argument("--notification-channel", default="", metavar="ARN")
    parser.add_argument("--region", default="AWS_US_EAST_1", help="the account's CURRENT_REGION()")
    parser.add_argument(
        "--schedule",
        choices=SCHEDULES,
        default=EAGER,
        help="when dynamic tables are refreshed: before any read, by the clock, or by hand only",
    )
    return parser.parse_args(argv)


def main(argv: Sequence[str]) -> int:
    """Serve until told to stop; 2 when the port or the data folder cannot be had."""
    args = parse_args(argv)
    # Named TCP, or asyncio leaves Nagle on and every answer waits 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, args.port))
    except OSError as exc:
        return _fail(f"port {args.port} is not free: {exc.strerror}")
    options = ServerOptions(
        args.data,
        S3Access(args.s3_endpoint, args.s3_region),
        args.notification_channel,
        args.schedule,
        args.region,
    )
    try:
        engine = Engine(options)
    except duckdb.IOException as exc:
        return _fail(f"cannot open {args.data}: {str(exc).splitlines()[0]}")
    signal.signal(signal.SIGTERM, _exit)  # uvicorn stops first, then raises the signal again
    signal.signal(signal.SIGINT, _exit)
    config = uvicorn.Config(SnowflakeApp(engine).asgi(), log_level="warning", lifespan="on")
    AnnouncingServer(config).run(sockets=[listener])
    return 0


def _exit(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(0)


def _fail(message: str) -> int:
    print(f"snowflake server: {message}", file=sys.stderr, flush=True)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
