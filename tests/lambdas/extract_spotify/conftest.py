"""A client whose every answer a test sets, without any AWS behind it."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import cast

import pytest

from tests.lambdas.extract_spotify.recorded_answers import Asking
from tests.lambdas.local_aws import FakeClock
from tests.lambdas.scripted_spotify import serving
from tonearm_pipeline.clock import Deadline
from tonearm_pipeline.spotify.client import SpotifyClient
from tonearm_pipeline.spotify.http import Timeouts
from tonearm_pipeline.spotify.quota import CallGate, CallWindow, QuotaLedger
from tonearm_pipeline.spotify.tokens import AccessTokens


class _Tokens:
    """A token that is always good, and never renewed."""

    @staticmethod
    def access_token() -> str:
        return "token"

    @staticmethod
    def forget() -> None:
        """There is no other."""


@pytest.fixture(scope="module")
def asking() -> Iterator[Asking]:
    with serving() as spotify:
        clock = FakeClock()
        ledger = SimpleNamespace(spend=lambda: None)
        gate = CallGate(
            deadline=Deadline(lambda: 900.0),
            clock=clock,
            ledger=cast("QuotaLedger", ledger),
            window=CallWindow(clock, calls=10**6),
            keep_lease=lambda: None,
            calls={},
        )
        tokens = cast("AccessTokens", _Tokens())
        client = SpotifyClient(spotify.api_url, tokens, clock, Timeouts(10.0, 30.0, 60.0))
        yield Asking(client, gate, spotify)
