"""Reads settings from the environment and lists everything wrong with them in one error.

A function's own settings are a frozen dataclass built from an `EnvReader`:

    env = EnvReader(os.environ)
    settings = MySettings(bucket=env.text("BUCKET"), keep_days=env.integer("KEEP_DAYS", 7))
    env.check()
"""

import re
from collections.abc import Callable, Mapping, Sequence

from tonearm_pipeline.errors import SettingsError

DEFAULT_NAMESPACE = "Tonearm"
"""CloudWatch namespace of the figures, unless the environment names another."""

_TRUE = "true"
_FALSE = "false"
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


class EnvReader:
    """Reads one name after another and remembers what is missing or malformed.

    Each reading method returns a usable value of its type even when the name is wrong, so that all
    names are looked at; `check` then raises for all of them together.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._problems: list[str] = []

    def text(self, name: str, default: str | None = None) -> str:
        """Return a text; without a default an absent or empty one is a problem."""
        value = self._environ.get(name, "").strip()
        if value:
            return value
        if default is None:
            self._problems.append(f"{name} is missing")
            return ""
        return default

    def bucket(self, name: str) -> str:
        """Return the name of an S3 bucket."""
        return self._parsed(name, None, _as_bucket, "", "a bucket name")

    def integer(self, name: str, default: int | None = None, minimum: int = 0) -> int:
        """Return a whole number of at least `minimum`."""
        return int(self.number(name, default, minimum, parse=int))

    def number(
        self,
        name: str,
        default: float | None = None,
        minimum: float = 0,
        parse: Callable[[str], float] = float,
    ) -> float:
        """Return a number of at least `minimum`."""
        kind = "a whole number" if parse is int else "a number"
        value = self._parsed(name, default, parse, minimum, kind)
        # `not >=` also refuses NaN, which compares false with everything.
        if not value >= minimum:
            self._problems.append(f"{name} must be at least {minimum}, not {value}")
            return minimum
        return value

    def flag(self, name: str, default: bool | None = None) -> bool:
        """Return a truth value written as true or false."""
        return self._parsed(name, default, _as_flag, False, "true or false")

    def choice(self, name: str, allowed: Sequence[str], default: str | None = None) -> str:
        """Return one of the allowed words."""
        value = self.text(name, default)
        if value and value not in allowed:
            self._problems.append(f"{name} must be one of {', '.join(allowed)}, not '{value}'")
        return value

    def url(self, name: str, default: str | None = None) -> str:
        """Return an http(s) address."""
        return self._parsed(name, default, _as_url, "", "an http(s) address")

    def words(self, name: str, default: str | None = None) -> tuple[str, ...]:
        """Return the entries of a comma list, without blanks."""
        return tuple(word.strip() for word in self.text(name, default).split(",") if word.strip())

    def check(self) -> None:
        """Raise for everything that was wrong.

        Raises:
            SettingsError: lists every missing or malformed name.
        """
        if self._problems:
            raise SettingsError("; ".join(self._problems))

    def _parsed[T](
        self, name: str, default: T | None, parse: Callable[[str], T], fallback: T, kind: str
    ) -> T:
        text = self._environ.get(name, "").strip()
        if not text and default is not None:
            return default
        if not text:
            self._problems.append(f"{name} is missing")
            return fallback
        try:
            return parse(text)
        except ValueError:
            self._problems.append(f"{name} must be {kind}, not '{text}'")
            return fallback


def _as_flag(text: str) -> bool:
    if text.lower() not in (_TRUE, _FALSE):
        raise ValueError(text)
    return text.lower() == _TRUE


def _as_url(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s/]+\S*", text):
        raise ValueError(text)
    return text


def _as_bucket(text: str) -> str:
    if not _BUCKET.fullmatch(text):
        raise ValueError(text)
    return text
