"""The command line of the fake Spotify."""

import argparse
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path

from tonearm.local.fake_spotify.catalogue import MODES
from tonearm.local.fake_spotify.errors import CatalogueError
from tonearm.local.fake_spotify.serving import bind, day_of, server_for, url_of
from tonearm.local.fake_spotify.state import DEFAULT_SEED, Options

BAD_START = 2


def main(argv: Sequence[str]) -> int:
    """Serves until interrupted; 2 with one line on stderr when it cannot start."""
    args = _parser().parse_args(argv)
    day = args.day or day_of(None)
    options = Options(day, args.catalogue, args.seed, args.mode, args.latency_ms)
    try:
        server = server_for(options)
        listener = bind(args.port)
    except CatalogueError as exc:
        return _refuse(str(exc))
    except (OSError, OverflowError) as exc:
        return _refuse(f"port {args.port} cannot be used: {getattr(exc, 'strerror', exc)}")
    with listener, suppress(KeyboardInterrupt):
        print(f"listening on {url_of(listener)}", flush=True)  # the socket queues from here on
        server.run([listener])
    return 0


def _refuse(reason: str) -> int:
    print(f"fake Spotify: {reason}", file=sys.stderr)
    return BAD_START


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tonearm.local.fake_spotify",
        description="A fake Spotify Web API on 127.0.0.1.",
        allow_abbrev=False,
    )
    parser.add_argument("--port", type=int, default=0, help="0 takes a free port")
    parser.add_argument("--catalogue", type=Path, help="folder or file of recorded JSON")
    parser.add_argument("--day", type=date.fromisoformat, help="day of the sample account")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
    parser.add_argument("--mode", choices=MODES, default="development")
    parser.add_argument("--latency-ms", type=int, default=0)
    return parser
