"""The control endpoint: what tests and the local runtime change while the fake runs.

POST /_control takes any of these keys at once; a wrong one changes nothing and answers 400:

    {"reset": true,                       forget faults, limits, edits, the log (done first)
     "catalogue": "DIR or FILE",          serve recordings from now on
     "day": "2026-11-22", "seed": 7,      serve the sample account of this day
     "mode": "development" | "extended",
     "faults": [{"kind": …}, …],          replaces the faults that are set (see `faults`)
     "latency_ms": 0,                     every answer waits so long
     "rate_limit": {"requests": 30, "window_seconds": 30},       null switches it off
     "daily_quota": {"requests": 500, "window_seconds": 86400},  null switches it off
     "edit": {"playlist_id": …, "edit": "remove", "position": 0, "to": 0},   (see `edits`)
     "expire_access_tokens": true, "revoke_refresh_tokens": true,
     "rotate_refresh_tokens": true, "deny_login": true,
     "advance_seconds": 3600}             puts the fake's clock forward
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from tonearm.local.fake_spotify.catalogue import MODES
from tonearm.local.fake_spotify.errors import CatalogueError, ControlError
from tonearm.local.fake_spotify.faults import FaultScript, parse_fault
from tonearm.local.fake_spotify.limits import (
    QUOTA_WINDOW_SECONDS,
    RATE_WINDOW_SECONDS,
    Allowance,
    RollingWindow,
)
from tonearm.local.fake_spotify.objects import Json
from tonearm.local.fake_spotify.state import State, catalogue_for

type Change = Callable[[State], None]


def plan_changes(state: State, wanted: Any) -> list[Change]:
    """Everything a control request asks for, checked and ready to be done.

    Raises:
        ControlError: names the first thing that is wrong.
    """
    if not isinstance(wanted, Mapping):
        raise ControlError("a control request is a JSON object")
    unknown = set(wanted) - set(_CHANGES) - {"catalogue", "day", "seed"}
    if unknown:
        raise ControlError(f"unknown key {', '.join(sorted(unknown))}")
    changes = [_CHANGES[key](wanted[key]) for key in _CHANGES if key in wanted]
    if wanted.keys() & {"catalogue", "day", "seed"}:
        changes.insert(1 if "reset" in wanted else 0, _another_catalogue(state, wanted))
    return changes


def described(state: State) -> Json:
    """The state after a control request."""
    return {
        "mode": state.mode,
        "latency_ms": state.latency_ms,
        "faults": [fault.as_json() for fault in state.faults.faults],
        "requests": len(state.log),
        "sources": len(state.readable_sources()),
        "catalogue": {
            key: len(value) if isinstance(value, list) else value
            for key, value in state.catalogue.summary().items()
        },
    }


def _another_catalogue(state: State, wanted: Mapping[str, Any]) -> Change:
    if wanted.get("catalogue") and wanted.keys() & {"day", "seed"}:
        raise ControlError("catalogue and day exclude each other")
    try:
        options = replace(
            state.options,
            catalogue=Path(wanted["catalogue"]) if wanted.get("catalogue") else None,
            day=date.fromisoformat(wanted["day"]) if "day" in wanted else state.options.day,
            seed=_whole("seed", wanted.get("seed", state.options.seed)),
        )
        catalogue = catalogue_for(options)
    except (CatalogueError, TypeError, ValueError) as exc:
        raise ControlError(str(exc)) from exc

    def change(target: State) -> None:
        target.options = options
        target.serve(catalogue)

    return change


def _mode(given: Any) -> Change:
    if given not in MODES:
        raise ControlError(f"mode is {' or '.join(MODES)}, not {given!r}")
    return lambda state: setattr(state, "mode", given)


def _faults(given: Any) -> Change:
    if not isinstance(given, list):
        raise ControlError("faults is a list")
    script = FaultScript([parse_fault(fault) for fault in given])
    return lambda state: setattr(state, "faults", script)


def _latency(given: Any) -> Change:
    latency_ms = _whole("latency_ms", given)
    return lambda state: setattr(state, "latency_ms", latency_ms)


def _rate_limit(given: Any) -> Change:
    window = _window("rate_limit", given, RATE_WINDOW_SECONDS)
    return lambda state: setattr(state.limiter, "rate", window)


def _daily_quota(given: Any) -> Change:
    window = _window("daily_quota", given, QUOTA_WINDOW_SECONDS)
    return lambda state: setattr(state.limiter, "quota", window)


def _edit(given: Any) -> Change:
    keys = {"playlist_id", "edit", "position", "to"}
    if not isinstance(given, Mapping) or not {"playlist_id", "edit"} <= set(given) <= keys:
        raise ControlError("edit has playlist_id, edit and perhaps position and to")
    return lambda state: state.edit(**given)


def _when_true(name: str, change: Change) -> Callable[[Any], Change]:
    """A key that does something when it is true, and nothing when it is false."""
    return lambda given: change if _flag(name, given) else lambda _state: None


def _switch(name: str, attribute: str) -> Callable[[Any], Change]:
    """A key that is kept as an attribute of the state."""

    def planned(given: Any) -> Change:
        value = _flag(name, given)
        return lambda state: setattr(state, attribute, value)

    return planned


def _advance(given: Any) -> Change:
    seconds = _whole("advance_seconds", given)
    return lambda state: setattr(state, "advanced_seconds", state.advanced_seconds + seconds)


def _window(name: str, given: Any, window_seconds: float) -> RollingWindow | None:
    if given is None:
        return None
    if not isinstance(given, Mapping) or not set(given) <= {"requests", "window_seconds"}:
        raise ControlError(f"{name} has requests and perhaps window_seconds")
    seconds = given.get("window_seconds", window_seconds)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds <= 0:
        raise ControlError(f"{name}: window_seconds must be more than 0")
    return RollingWindow(Allowance(_whole(name, given.get("requests")), float(seconds)))


def _flag(name: str, given: Any) -> bool:
    if not isinstance(given, bool):
        raise ControlError(f"{name} is true or false")
    return given


def _whole(name: str, given: Any) -> int:
    if isinstance(given, bool) or not isinstance(given, int) or given < 0:
        raise ControlError(f"{name} needs a whole number from 0, not {given!r}")
    return given


_CHANGES: dict[str, Callable[[Any], Change]] = {
    "reset": _when_true("reset", lambda state: state.reset()),
    "mode": _mode,
    "faults": _faults,
    "latency_ms": _latency,
    "rate_limit": _rate_limit,
    "daily_quota": _daily_quota,
    "edit": _edit,
    "expire_access_tokens": _when_true(
        "expire_access_tokens", lambda state: state.tokens.expire_access_tokens()
    ),
    "revoke_refresh_tokens": _when_true(
        "revoke_refresh_tokens", lambda state: state.tokens.revoke_refresh_tokens()
    ),
    "rotate_refresh_tokens": _switch("rotate_refresh_tokens", "rotates_refresh_tokens"),
    "deny_login": _switch("deny_login", "denies_login"),
    "advance_seconds": _advance,
}
