"""What no longer runs by itself, what core needs made again, and the warehouse's credit quota."""

from collections.abc import Iterator, Mapping

from tonearm.findings import Finding, Kind
from tonearm.warehouse.dynamic_table_state import DYNAMIC_TABLE, Repair, ScheduledState
from tonearm.warehouse.wiring.core_tables import obstacles
from tonearm.warehouse.wiring.expected import Expected
from tonearm.warehouse.wiring.observed import Observed
from tonearm.warehouse.wiring.options import Names
from tonearm.warehouse.wiring.place import Place

ANEW = "make it again from the landing tables"


def core_findings(expected: Expected, observed: Observed) -> Iterator[Finding]:
    """Dynamic tables and tasks that are suspended, and tables no alteration leads to."""
    states = {state.name: state for state in observed.scheduled if state.is_suspended}
    for name, table in expected.dynamic_tables.items():
        if found := _suspension(states.get(name)):
            yield found
        elif (there := observed.dynamic_tables.get(name)) is not None:
            for why in obstacles(table, there):
                what = f"dynamic table {name} cannot be altered into {table.file}: {why}"
                yield Finding(Kind.CORE, what, subject=name, action=ANEW)
                break
    yield from _tasks(expected, states)


def quota_findings(quota: str, place: Place, names: Names) -> Iterator[Finding]:
    """A monitor with another number of credits than is asked for, or one nobody asks for."""
    if place.quota == quota or not place.quota:
        return
    what = f"resource monitor {names.resource_monitor} allows {place.quota} credits a month"
    action = f"allow {quota}" if quota else "drop it: the warehouse has no limit then"
    yield Finding(Kind.QUOTA, what, subject=names.resource_monitor, action=action)


def _suspension(state: ScheduledState | None) -> Finding | None:
    if state is None:
        return None
    what = f"dynamic table {state.name} is suspended{_since(state)}"
    if state.repair is Repair.RESUME:
        return Finding(Kind.REFRESH, what, subject=state.name, action="resume it")
    days = f"{state.retention_days} day{'' if state.retention_days == 1 else 's'}"
    what += f", longer than the {days} its base tables keep what has changed"
    return Finding(Kind.CORE, what, subject=state.name, action=ANEW)


def _tasks(expected: Expected, states: Mapping[str, ScheduledState]) -> Iterator[Finding]:
    for name in sorted(expected.of_kind("TASK") & states.keys()):
        state = states[name]
        if state.kind != DYNAMIC_TABLE:
            what = f"task {name} is suspended{_since(state)}"
            yield Finding(
                Kind.TASK, what, subject=state.root, action="resume it and those of its graph"
            )


def _since(state: ScheduledState) -> str:
    since = f" since {state.suspended_on:%Y-%m-%d %H:%M} UTC" if state.suspended_on else ""
    return since + (f" ({state.reason})" if state.reason else "")
