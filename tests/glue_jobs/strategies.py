"""Values nobody thought of for made-up responses: Hypothesis draws them, the die mixes them."""

import os
import string
from collections.abc import Callable
from datetime import UTC
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.glue_jobs.generated import Pools, generated_run
from tests.glue_jobs.raw_files import RawRun

_RESPONSES = 150
_MOST_BIGINT = 1 << 63
# What a response can hold: any text UTF-8 can write, any number JSON can.
_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=24)
_DIGITS = st.text(string.digits, min_size=1, max_size=4)
_NAMES = _TEXTS
_FLOATS = st.floats(allow_nan=False, allow_infinity=False, width=64)
_INTEGERS = (
    st.integers(-_MOST_BIGINT - 9, _MOST_BIGINT + 9)
    | st.integers(-_MOST_BIGINT - 2, 2 - _MOST_BIGINT)
    | st.integers(_MOST_BIGINT - 2, _MOST_BIGINT + 2)
    | st.integers(-5, 5)
)
_NUMBERS = _INTEGERS | _FLOATS | _INTEGERS.map(float) | _INTEGERS.map(str) | _TEXTS
_CALENDAR = st.dates().map(lambda day: day.isoformat())
_DATES = (
    _CALENDAR
    | _CALENDAR.map(lambda text: text[:4])
    | _CALENDAR.map(lambda text: text[:7])
    | st.builds("{}-{}-{}".format, _DIGITS, _DIGITS, _DIGITS)
    | st.fixed_dictionaries(
        {},
        optional={
            name: st.none() | st.integers(-1, 10_000) | st.integers(1, 31).map(float)
            for name in ("year", "month", "day")
        },
    )
    | _TEXTS
)
_MOMENTS = st.datetimes(timezones=st.just(UTC)).map(
    lambda moment: moment.isoformat().replace("+00:00", "Z")
)
_ADDED = _MOMENTS | _CALENDAR | _TEXTS
_CODES = st.from_regex(r"[A-Za-z]{2}-?[A-Z0-9]{3}-?[0-9]{2}-?[0-9]{4,6}", fullmatch=True) | _TEXTS


def pools() -> st.SearchStrategy[Pools]:
    """A handful of values for each kind of field."""
    kinds = {
        "names": _NAMES,
        "numbers": _NUMBERS,
        "widths": _INTEGERS | _FLOATS,
        "dates": _DATES,
        "added": _ADDED,
        "codes": _CODES,
    }
    return st.builds(Pools, **{name: _some(values) for name, values in kinds.items()})


def over_drawn_runs(
    batches: int, of_seed: int | None = None
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Call a function with `run`, so many times: a run over responses made of drawn values.

    A run of the jobs takes seconds: each example is a whole batch of responses, and none is shrunk,
    since a difference names its row and column. A seed, or CI, draws the same values each time.
    """
    draws = settings(
        max_examples=batches,
        derandomize=of_seed is None and "CI" in os.environ,
        deadline=None,
        database=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )

    def drawn(judge: Callable[..., None]) -> Callable[..., None]:
        judged = given(run=_runs())(judge)
        return draws(judged if of_seed is None else seed(of_seed)(judged))

    return drawn


def _runs() -> st.SearchStrategy[RawRun]:
    seeds = st.integers(0, 1 << 32)
    return st.builds(generated_run, st.just(_RESPONSES), seeds, pools())


def _some(values: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(values, min_size=8, max_size=24).map(tuple)
