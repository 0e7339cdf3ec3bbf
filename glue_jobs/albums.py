"""Glue job: raw API responses -> staged albums."""

import sys
from collections.abc import Sequence

from tonearm_glue.album_mentions import BODIES, PLAIN, album_mentions
from tonearm_glue.arguments import parse_args
from tonearm_glue.contract import ALBUMS
from tonearm_glue.one_entity_job import run


def main(argv: Sequence[str]) -> None:
    """Transform one run's raw data as the arguments say."""
    run(parse_args(argv), ALBUMS, BODIES, album_mentions, PLAIN)


if __name__ == "__main__":
    main(sys.argv[1:])
