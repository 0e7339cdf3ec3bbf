"""The sizes of every section: a proof that it runs, a few minutes, or what we are judged by."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """How much each section measures.

    Attributes:
        entries: playlist entries of the transform.
        rounds: how often each way is measured there, one after the other; a cold start once.
        growth: playlist entries of each step of the growth.
        extract_lists: playlists of 957 entries that are extracted, at 20 calls each.
        extract_rounds: how often, but for the tutorials' loop.
        landing_rows: rows of each step of load and model.
        demo_rounds: how often the whole demo is run.
        is_kept: whether the figures go to the files of the project.
    """

    name: str
    entries: int
    rounds: int
    growth: tuple[int, ...]
    extract_lists: int
    extract_rounds: int
    landing_rows: tuple[int, ...]
    demo_rounds: int
    is_kept: bool = True


SMOKE = Size(
    name="smoke",
    entries=100_000,
    rounds=1,
    growth=(25_000, 100_000),
    extract_lists=8,
    extract_rounds=1,
    landing_rows=(10_000, 30_000),
    demo_rounds=1,
    is_kept=False,
)
QUICK = Size(
    name="quick",
    entries=100_000,
    rounds=3,
    growth=(25_000, 50_000, 100_000),
    extract_lists=8,
    extract_rounds=1,
    landing_rows=(10_000, 50_000),
    demo_rounds=1,
)
FULL = Size(
    name="full",
    entries=2_000_000,
    rounds=2,
    growth=(250_000, 500_000, 1_000_000, 2_000_000, 4_000_000),
    extract_lists=38,
    extract_rounds=1,
    landing_rows=(10_000, 100_000, 1_000_000),
    demo_rounds=2,
)
SIZES = {size.name: size for size in (SMOKE, QUICK, FULL)}
