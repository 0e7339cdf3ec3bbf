"""`python -m tonearm.local.cloud --port P --data DIR`: the local AWS until it is told to stop."""

import argparse
import os
import signal
import sys
from pathlib import Path
from types import FrameType


def main() -> None:
    """Set MiniStack's environment, put Tonearm's parts into it, and serve."""
    args = _parse_args()
    _set_environment(args.port, args.data, args.wait_scale)
    # MiniStack reads its environment when it is imported.
    from tonearm.local.cloud import iam_record, patches
    from tonearm.local.cloud.spark_pool import SparkPool

    pool = SparkPool(args.data / "spark", size=args.spark_workers)
    pool.start()
    signal.signal(signal.SIGTERM, _exit)
    patches.install(pool, args.data / iam_record.FILE_NAME)
    try:
        from ministack.app import main as serve

        sys.argv = sys.argv[:1]
        serve()
    finally:
        pool.stop()


def _parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tonearm.local.cloud")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--wait-scale", type=float, default=1.0)
    parser.add_argument("--spark-workers", type=int, default=3)
    return parser.parse_args()


def _set_environment(port: int, data: Path, wait_scale: float) -> None:
    temporary = data / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    os.environ.update(
        {
            "GATEWAY_PORT": str(port),
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_HOST": "127.0.0.1",
            "MINISTACK_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AUTH": "true",  # every function and job is held to its role's policies
            "SFN_WAIT_SCALE": str(wait_scale),
            "S3_DATA_DIR": str(data / "s3"),
            "TMPDIR": str(temporary),
            "LOG_LEVEL": "WARNING",
            "MINISTACK_TEST_NO_AUTOSTART": "1",
        }
    )


def _exit(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


if __name__ == "__main__":
    main()
