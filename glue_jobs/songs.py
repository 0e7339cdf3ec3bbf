"""Glue job: raw API responses -> staged songs, playlist entries and playlists."""

import sys
from collections.abc import Sequence

from tonearm_glue.arguments import parse_args
from tonearm_glue.song_job import run


def main(argv: Sequence[str]) -> None:
    """Transform one run's raw data as the arguments say."""
    run(parse_args(argv))


if __name__ == "__main__":
    main(sys.argv[1:])
