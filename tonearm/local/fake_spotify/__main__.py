"""`python -m tonearm.local.fake_spotify`."""

import sys

from tonearm.local.fake_spotify.command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
