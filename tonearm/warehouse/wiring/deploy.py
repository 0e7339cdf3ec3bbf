"""`tonearm snowflake deploy` and `status`, whole: inspect, plan, apply, inspect again."""

from collections.abc import Callable

from tonearm.findings import Finding
from tonearm.screen import Screen
from tonearm.warehouse.wiring.access_test import ReadTest
from tonearm.warehouse.wiring.apply import Applier
from tonearm.warehouse.wiring.inspect_sides import Inspection, Sides, inspect, try_reading
from tonearm.warehouse.wiring.key_rotation import rotate
from tonearm.warehouse.wiring.session import Account

ROTATION = "a new key pair for the service user -> old key to slot 2, new key to slot 1 and secret"

NO_INTEGRATION = ReadTest(False, told="test read: not checked (there is no integration yet)")

type Confirm = Callable[[], bool]


def deploy(
    sides: Sides,
    screen: Screen,
    confirm: Confirm,
    *,
    is_plan_only: bool = False,
    rotate_key: bool = False,
) -> list[Finding]:
    """Wire both sides.

    Args:
        sides: how to reach them.
        screen: what the operator sees.
        confirm: asked after the plan, when there is something to change.
        is_plan_only: show the plan and stop.
        rotate_key: give the service user a new key.

    Returns:
        What is still not as it should be, or would be put right when only planning.

    Raises:
        OperatorError: a side cannot be reached, or a step failed.
    """
    with sides.open() as account:
        seen = inspect(sides, account)
        screen.plan(list(seen.findings), [ROTATION] if rotate_key else [])
        for note in seen.place.notes:
            screen.say(f"  Note: {note}")
        if is_plan_only:
            return list(seen.findings)
        if seen.to_apply or rotate_key:
            if not confirm():
                screen.say("Nothing was changed.")
                return list(seen.findings)
            _apply(sides, account, screen, seen, rotate_key)
        return _report(sides, account, screen)


def status(sides: Sides, screen: Screen) -> list[Finding]:
    """Say what is not as it should be; changes nothing.

    Raises:
        OperatorError: a side cannot be reached.
    """
    with sides.open() as account:
        return _report(sides, account, screen)


def _apply(
    sides: Sides, account: Account, screen: Screen, seen: Inspection, rotate_key: bool
) -> None:
    screen.heading("Applying")
    applier = Applier(sides, account, screen, seen)
    if seen.to_apply:
        applier.apply()
    if rotate_key:
        rotate(sides, account, inspect(sides, account), screen)
    if applier.to_refresh:
        # What was just wired may take a while to be known everywhere.
        sides.pace.wait_until(
            lambda: not try_reading(sides, account, seen.stack, seen.names).failure,
            sides.pace.read_seconds,
        )
        applier.refresh_pipes()


def _report(sides: Sides, account: Account, screen: Screen) -> list[Finding]:
    seen = inspect(sides, account)
    test = NO_INTEGRATION
    if seen.observed.storage:
        test = try_reading(sides, account, seen.stack, seen.names)
    findings = [*seen.findings, *test.findings]
    screen.heading("Status")
    screen.status(findings, [note for note in (test.told, *seen.place.notes, *seen.unseen) if note])
    return findings
