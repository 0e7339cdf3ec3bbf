"""A running fake per test module, and a client that holds a token for it."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import requests

from tonearm.local.fake_spotify import CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN, running

TIMEOUT = 20


class Client:
    """What a test asks a running fake, with a user's token unless told otherwise."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.token = self.new_token()

    def new_token(self, **form: str) -> str:
        form = form or {"grant_type": "refresh_token", "refresh_token": REFRESH_TOKEN}
        return str(self.ask_for_token(**form).json()["access_token"])

    def ask_for_token(self, **form: str) -> requests.Response:
        auth = (CLIENT_ID, CLIENT_SECRET)
        return self.session.post(f"{self.url}/api/token", data=form, auth=auth, timeout=TIMEOUT)

    def get(self, path: str, *, token: str | None = None, **params: Any) -> requests.Response:
        url = path if path.startswith("http") else f"{self.url}/v1/{path}"
        headers = {"Authorization": f"Bearer {token or self.token}"}
        return self.session.get(url, params=params, headers=headers, timeout=TIMEOUT)

    def body(self, path: str, **params: Any) -> Any:
        response = self.get(path, **params)
        assert response.status_code == 200, response.text
        return response.json()

    def control(self, **wanted: Any) -> Any:
        response = self.session.post(f"{self.url}/_control", json=wanted, timeout=TIMEOUT)
        assert response.status_code == 200, response.text
        return response.json()

    def look(self, what: str) -> Any:
        return self.session.get(f"{self.url}/_control/{what}", timeout=TIMEOUT).json()

    def playlists(self) -> dict[str, Any]:
        """The playlists of me/playlists by name."""
        return {one["name"]: one for one in self.body("me/playlists", limit=50)["items"]}

    def walk(self, path: str, **params: Any) -> list[Any]:
        """All items of a paged list, following `next`."""
        page = self.body(path, **params)
        items = list(page["items"])
        while page["next"]:
            page = self.body(page["next"])
            items += page["items"]
        assert len(items) == page["total"]
        return items


@pytest.fixture
def serve() -> Iterator[Callable[..., Client]]:
    """Starts fakes that end with the test."""
    with ExitStack() as stack:

        def start(**options: Any) -> Client:
            client = Client(stack.enter_context(running(**options)))
            stack.callback(client.session.close)
            return client

        yield start


@pytest.fixture
def spotify(serve: Callable[..., Client]) -> Client:
    """The sample account of one day, in development mode."""
    return serve(day="2026-11-20")


@pytest.fixture(scope="session")
def recorded() -> Path:
    """The folder of recorded responses."""
    root = Path(__file__).parents[4]
    folder = Path(os.environ.get("TONEARM_RECORDED", root.parent / "shared/spotify-recorded"))
    if not folder.is_dir():
        pytest.skip(f"no recorded responses at {folder}; TONEARM_RECORDED names the folder")
    return folder
