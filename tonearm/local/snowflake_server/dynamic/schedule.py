"""When dynamic tables are refreshed by themselves, and what a reader finds until then.

The schedule is worked off whenever somebody looks: what Snowflake would have done by now is done
before the answer. https://docs.snowflake.com/en/user-guide/dynamic-tables/target-lag
"""

from typing import TYPE_CHECKING

from sqlglot import Expr, exp

from tonearm.local.snowflake_server.dynamic import dynamic_tables, refreshing
from tonearm.local.snowflake_server.dynamic.lineage import tables_in
from tonearm.local.snowflake_server.engine.names import ObjectName
from tonearm.local.snowflake_server.faults import CLOCK, EAGER
from tonearm.local.snowflake_server.protocol.errors import compile_error

if TYPE_CHECKING:
    from tonearm.local.snowflake_server.engine.session import Session


def before_reading(session: "Session", tree: Expr) -> None:
    """Make what a statement reads what Snowflake would show it.

    Raises:
        ProgrammingError: 002741, a dynamic table it reads was never refreshed.
    """
    if isinstance(tree, (exp.Alter, exp.Drop, exp.Grant)):
        return
    if isinstance(tree, exp.Create) and str(tree.args.get("kind")).upper() != "TABLE":
        return
    read = _read_by(session, tree)
    if not read:
        return
    catch_up(session, read)
    for name in sorted(read):
        table = dynamic_tables.find(session.engine, name)
        if table is not None and table.data_timestamp is None:
            raise compile_error(
                f"Dynamic Table '{name}' is not initialized. Please run a manual refresh or wait"
                " for a scheduled refresh before querying.",
                2741,
                "57014",
            )


def catch_up(session: "Session", looked_at: set[ObjectName] | None = None) -> None:
    """Run the scheduled refreshes that are due."""
    engine = session.engine
    with engine.refreshing:
        if engine.faults.schedule == EAGER and looked_at:
            _refresh_stale(session, looked_at)
        elif engine.faults.schedule == CLOCK:
            while due := _due(session):
                refreshing.refresh(session, due, refreshing.SCHEDULED)


def _read_by(session: "Session", tree: Expr) -> set[ObjectName]:
    every = dynamic_tables.all_of(session.engine)
    if not every:
        return set()
    lineage = refreshing.lineage_of(session)
    return lineage.dynamic_tables(tables_in(tree, session.database, session.schema))


def _refresh_stale(session: "Session", names: set[ObjectName]) -> None:
    every = dynamic_tables.all_of(session.engine)
    due = {
        name
        for name in names
        if every[name].is_running and refreshing.is_stale(session, every[name])
    }
    if due:
        refreshing.refresh(session, due, refreshing.SCHEDULED)


def _due(session: "Session") -> set[ObjectName]:
    """Running tables whose last try is longer ago than their lag allows."""
    now = session.engine.clock.now()
    every = dynamic_tables.all_of(session.engine)
    return {
        name
        for name, table in every.items()
        if table.is_running and table.due_on is not None and table.due_on <= now
    }
