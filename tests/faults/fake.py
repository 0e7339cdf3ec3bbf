"""The fake Spotify as these tests steer it: over its control endpoint."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from tonearm.local.fake_spotify import CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN, running

SECONDS = 60
FIRST_SECRET = {
    "client_id": CLIENT_ID,
    "client_secret": CLIENT_SECRET,
    "refresh_token": REFRESH_TOKEN,
    "authorized_at": "2026-10-01T00:00:00Z",
}


class Fake:
    """A running fake Spotify."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._session = requests.Session()

    def close(self) -> None:
        self._session.close()

    def control(self, **wanted: Any) -> dict[str, Any]:
        """Change how it behaves; the answer describes its state afterwards."""
        response = self._session.post(f"{self.url}/_control", json=wanted, timeout=SECONDS)
        if not response.ok:
            raise AssertionError(response.text)
        state: dict[str, Any] = response.json()
        return state

    def new_token(self, form: dict[str, str]) -> str:
        """An access token for a grant."""
        auth = (CLIENT_ID, CLIENT_SECRET)
        url = f"{self.url}/api/token"
        reply = self._session.post(url, data=form, auth=auth, timeout=SECONDS).json()
        return str(reply["access_token"])

    def requests(self) -> list[dict[str, Any]]:
        """All requests since the last reset, in the order they came."""
        response = self._session.get(f"{self.url}/_control/requests", timeout=SECONDS)
        found: list[dict[str, Any]] = response.json()
        return found

    def sources(self) -> list[str]:
        """The playlists whose entries the account can read."""
        response = self._session.get(f"{self.url}/_control/sources", timeout=SECONDS)
        found: list[str] = response.json()
        return found

    def calls(self) -> list[dict[str, Any]]:
        """The requests of the Web API among them."""
        return [one for one in self.requests() if one["path"].startswith("/v1/")]


@contextmanager
def serving(folder: Path, mode: str = "development") -> Iterator[Fake]:
    """Serve a folder of responses."""
    with running(catalogue=folder, mode="extended" if mode == "extended" else "development") as url:
        fake = Fake(url)
        try:
            yield fake
        finally:
            fake.close()
