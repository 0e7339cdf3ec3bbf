"""A fake Spotify: the Web API and the accounts service on loopback, with the rules of late 2026.

It serves a made-up account that changes from day to day, or recorded responses from any folder, in
development or extended mode, and goes wrong on request. The quickest way in is `running()`:

    with running(day="2026-11-22") as url:
        ...  # f"{url}/v1/", f"{url}/api/token", and control at f"{url}/_control"

`python -m tonearm.local.fake_spotify --port 8090` serves from the command line.
"""

from tonearm.local.fake_spotify.app import create_app
from tonearm.local.fake_spotify.errors import CatalogueError
from tonearm.local.fake_spotify.objects import ACCOUNT_ID, USER_ID
from tonearm.local.fake_spotify.serving import running
from tonearm.local.fake_spotify.state import Options
from tonearm.local.fake_spotify.tokens import CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN

__all__ = [
    "ACCOUNT_ID",
    "CLIENT_ID",
    "CLIENT_SECRET",
    "REFRESH_TOKEN",
    "USER_ID",
    "CatalogueError",
    "Options",
    "create_app",
    "running",
]
