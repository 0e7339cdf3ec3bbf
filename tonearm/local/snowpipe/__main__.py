"""`python -m tonearm.local.snowpipe --snowflake-port P --queue-url URL --aws-endpoint URL`."""

import argparse
import signal
import sys
from collections.abc import Sequence
from types import FrameType

import boto3
import snowflake.connector
from snowflake.connector import SnowflakeConnection

from tonearm.local.snowpipe.loop import Handled, SnowpipeLoop


def parse_args(argv: Sequence[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="snowpipe", allow_abbrev=False)
    parser.add_argument("--snowflake-port", type=int, required=True)
    parser.add_argument("--queue-url", required=True)
    parser.add_argument("--aws-endpoint", required=True)
    parser.add_argument("--region", default="us-east-1")
    return parser.parse_args(argv)


def local_connection(port: int) -> SnowflakeConnection:
    """A session on the local server, as a user it does not know and so lets in."""
    return snowflake.connector.connect(
        account="local",
        user="snowpipe",
        password="local",  # noqa: S106 - the local server takes any
        host="127.0.0.1",
        port=port,
        protocol="http",
        login_timeout=10,
        network_timeout=30,
    )


def main(argv: Sequence[str]) -> int:
    """Feed the pipes until told to stop."""
    args = parse_args(argv)
    signal.signal(signal.SIGTERM, _exit)
    signal.signal(signal.SIGINT, _exit)
    sqs = boto3.client(
        "sqs",
        endpoint_url=args.aws_endpoint,
        region_name=args.region,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - the local cloud takes any
    )
    loop = SnowpipeLoop(
        sqs, args.queue_url, lambda: local_connection(args.snowflake_port), report=_print
    )
    print(f"waiting for events on {args.queue_url}", flush=True)
    loop.run()
    return 0


def _print(handled: Handled) -> None:
    print(handled, flush=True)


def _exit(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
