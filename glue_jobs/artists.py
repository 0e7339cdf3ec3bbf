"""Glue job: raw API responses -> staged artists."""

import sys
from collections.abc import Sequence

from tonearm_glue.arguments import parse_args
from tonearm_glue.artist_mentions import BODIES, PLAIN, artist_mentions
from tonearm_glue.contract import ARTISTS
from tonearm_glue.one_entity_job import run


def main(argv: Sequence[str]) -> None:
    """Transform one run's raw data as the arguments say."""
    run(parse_args(argv), ARTISTS, BODIES, artist_mentions, PLAIN)


if __name__ == "__main__":
    main(sys.argv[1:])
