"""Our extraction beside the tutorials' loop and a dlt source, over the same fake Spotify.

Time runs `_SCALE` times as fast as Spotify's: the rate limit's window, the answers' latency and our
own clock are all shortened by it, and nothing else is.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from benchmarks.results import Json, table
from benchmarks.sizes import Size
from benchmarks.transform import Say
from tests.faults import naive
from tests.faults.aws import Aws, an_aws
from tests.faults.catalogues import Wanted, write_account, write_catalogue
from tests.faults.fake import Fake, serving
from tests.faults.stack import Stack
from tonearm.local.fake_spotify.limits import RATE_WINDOW_SECONDS
from tonearm_pipeline.spotify.quota import CALLS_PER_WINDOW

TITLE = "Extract: calls and seconds under the rate limit"
_OURS, _TUTORIALS, _DLT = "Tonearm", "tutorials' loop", "dlt rest_api"
_SCALE = 3.0
_LATENCY_MS = 100
_LIST_ENTRIES = 957
_RETRIES = 10
_PAGE = 50


class FastClock:
    """The machine's clock, run faster."""

    def __init__(self) -> None:
        self._began, self._base = time.monotonic(), datetime.now(UTC)

    def now(self) -> datetime:
        """The time in UTC, as far as it has run."""
        return self._base + timedelta(seconds=(time.monotonic() - self._began) * _SCALE)

    def sleep(self, seconds: float) -> None:
        """Wait so many of this clock's seconds."""
        time.sleep(seconds / _SCALE)

    def move(self, **amount: float) -> None:
        """Wait, as a Wait state does."""
        self.sleep(timedelta(**amount).total_seconds())


def measure(size: Size, folder: Path, say: Say) -> Json:
    """Calls, refusals and seconds of each way, in turns; medians of the rounds."""
    lists = [Wanted(f"n{number}x", _LIST_ENTRIES) for number in range(size.extract_lists)]
    account = folder / f"account-{len(lists)}"
    write_account(account, lists)
    write_catalogue(account, lists)
    found: dict[str, list[Json]] = {}
    with an_aws() as aws, serving(account) as fake:
        ways = {_OURS: lambda: _read_with_tonearm(aws, fake), _DLT: lambda: _read_with_dlt(fake)}
        for number in range(1, size.extract_rounds + 1):
            for way, read in ways.items():
                found.setdefault(way, []).append(_measured(fake, read))
                say(f"  round {number}, {way}: {_in_words(found[way][-1])}")
        # Its many calls take so long that once must do.
        found[_TUTORIALS] = [_measured(fake, lambda: naive.read_everything(fake, _RETRIES))]
        say(f"  {_TUTORIALS}: {_in_words(found[_TUTORIALS][0])}")
    return {
        "entries": len(lists) * _LIST_ENTRIES,
        "scale": _SCALE,
        "ways": {
            way: {key: median(one[key] for one in each) for key in each[0]}
            for way, each in found.items()
        },
    }


def _measured(fake: Fake, read: Callable[[], int]) -> Json:
    window = {"requests": CALLS_PER_WINDOW, "window_seconds": RATE_WINDOW_SECONDS / _SCALE}
    fake.control(reset=True)
    fake.control(latency_ms=int(_LATENCY_MS / _SCALE), rate_limit=window)
    began = time.monotonic()
    entries = read()
    seconds = (time.monotonic() - began) * _SCALE
    calls = fake.calls()
    refused = sum(call["status"] == 429 for call in calls)
    answered = len(calls) - refused
    return {
        "entries": entries,
        "calls": answered,
        "refused": refused,
        "seconds": seconds,
        "allowed_seconds": (answered - 1) // CALLS_PER_WINDOW * RATE_WINDOW_SECONDS,
    }


def _in_words(one: Json) -> str:
    return f"{one['calls']} calls, {one['refused']} refused, {one['seconds']:.1f} s"


def _read_with_tonearm(aws: Aws, fake: Fake) -> int:
    stack = Stack(aws, fake, f"bench-{time.monotonic_ns()}", clock=FastClock())
    stack.sources = ["me/playlists"]
    execution = stack.execute()
    if execution.status != "done":
        raise RuntimeError(f"the extraction ended as {execution.status} {execution.error}")
    return execution.counts["entries"]


def _read_with_dlt(fake: Fake) -> int:
    from dlt.sources.rest_api import rest_api_source

    source = rest_api_source(
        {
            "client": {
                "base_url": f"{fake.url}/v1/",
                "auth": {"type": "bearer", "token": naive.token(fake)},
                "paginator": {"type": "json_link", "next_url_path": "next"},
            },
            "resources": [
                {
                    "name": "playlists",
                    "endpoint": {
                        "path": "me/playlists",
                        "params": {"limit": _PAGE},
                        "data_selector": "items",
                    },
                },
                {
                    "name": "entries",
                    "endpoint": {
                        "path": "playlists/{resources.playlists.id}/items",
                        "params": {"limit": _PAGE},
                        "data_selector": "items",
                    },
                },
            ],
        }
    )
    return sum(1 for _ in source.resources["entries"])


def show(figures: Json) -> list[str]:
    """The table of the ways."""
    ways = figures["ways"]
    rows = [
        [
            way,
            f"{one['calls']:,.0f}",
            f"{one['refused']:,.0f}",
            f"{one['seconds']:,.1f}",
            f"{one['allowed_seconds']:,.0f}",
            f"{one['seconds'] / one['allowed_seconds']:.3f}",
            f"{one['seconds'] - one['allowed_seconds']:,.1f}",
        ]
        for way, one in ways.items()
    ]
    head = ["way", "calls", "refused (429)", "seconds", "the limit alone", "ratio"]
    return [
        f"{figures['entries']:,} entries; {CALLS_PER_WINDOW} calls in any "
        f"{RATE_WINDOW_SECONDS:.0f} s, answers after {_LATENCY_MS} ms; seconds as on Spotify (the "
        f"run was {figures['scale']:.0f} times as fast).",
        "",
        *table([*head, "seconds of limit not used"], rows),
    ]


def closing(figures: Json) -> str:
    """What each way read, and what our own cost Spotify's patience."""
    ours = figures["ways"][_OURS]
    read = " ".join(f"{one['entries']:.0f}" for one in figures["ways"].values())
    return (
        f"of {figures['entries']} entries read {read}; "
        f"ours in {ours['calls']:.0f} calls, {ours['refused']:.0f} refused"
    )
