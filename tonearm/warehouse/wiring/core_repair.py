"""Brings core and the tasks back to work: made again, resumed, refreshed; and the credit quota."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from tonearm.findings import Kind
from tonearm.screen import Screen
from tonearm.warehouse.deploy import PlannedStatement
from tonearm.warehouse.dynamic_table_state import DYNAMIC_TABLE, scheduled_states
from tonearm.warehouse.wiring.core_tables import changed_types, statement_for
from tonearm.warehouse.wiring.expected import created
from tonearm.warehouse.wiring.inspect_sides import Inspection
from tonearm.warehouse.wiring.session import Account, RefusedError


@dataclass
class CoreRepair:
    """Puts right what one inspection found of dynamic tables, tasks and the resource monitor."""

    account: Account
    screen: Screen
    seen: Inspection
    _fresh: set[str] = field(default_factory=set, init=False)

    def drop_monitor(self) -> None:
        """Take the credit quota away when it is no longer asked for."""
        monitor = self.seen.names.resource_monitor
        if self.seen.of_kind(Kind.QUOTA) and not self.seen.expected.of_kind("RESOURCE MONITOR"):
            self.account.run(f"drop resource monitor if exists {monitor}")
            self.screen.say(f"resource monitor {monitor}: dropped")

    def sql_of(self, statement: PlannedStatement) -> str:
        """The statement to run: a dynamic table is made, altered, or made again."""
        match created(statement.sql):
            case ("DYNAMIC TABLE", name):
                return self._table(name, statement.sql)
        return statement.sql

    def resume(self) -> None:
        """Resume what is suspended, each dynamic table after those it reads.

        What was suspended along with another one resumes along with it:
        https://docs.snowflake.com/en/user-guide/dynamic-tables/manage
        """
        named = {finding.subject for finding in self.seen.of_kind(Kind.REFRESH)}
        for name in self.seen.expected.dynamic_tables:
            if name in named and name in self._suspended():
                self.account.run(f"alter dynamic table {name} resume")
                self.screen.say(f"dynamic table {name}: resumed")
        roots = {finding.subject for finding in self.seen.of_kind(Kind.TASK)}
        for root in sorted(roots & set(self._suspended().values())):
            # A graph's tasks are resumed only while its root is not running.
            self.account.run(f"alter task {root} suspend")
            self.account.run(f"select system$task_dependents_enable('{root}')")
            self.screen.say(f"task {root}: resumed")

    def start_refresh(self) -> None:
        """Have core computed once, when tables are new or changed; that may take minutes.

        Neither a table that waits for its schedule nor an altered one is refreshed by its CREATE:
        https://docs.snowflake.com/en/sql-reference/sql/create-dynamic-table#no-implicit-refreshes
        """
        if not self._fresh:
            return
        names = ", ".join(self.seen.expected.dynamic_tables)
        told = f"core: {len(self._fresh)} of its dynamic tables new or changed"
        try:
            self.account.start(f"alter dynamic table {names} refresh")
        except RefusedError as error:
            self.screen.say(f"{told}; they are refreshed by the next run ({error.reason})")
        else:
            self.screen.say(f"{told}; one refresh is under way, which nobody waits for here")

    def _table(self, name: str, sql: str) -> str:
        table = self.seen.expected.dynamic_tables[name]
        there = self.seen.observed.dynamic_tables.get(name)
        is_new_text = (
            self.seen.observed.applied.get(table.file)
            != self.seen.expected.files[table.file].checksum
        )
        is_anew = there is not None and name in self._to_make_again()
        if there is not None and is_new_text and not is_anew:
            is_anew = self._has_other_types(name, table.query)
        if is_anew:
            self.screen.say(f"dynamic table {name}: making it again")
        if there is None or is_new_text or is_anew:
            self._fresh.add(name)
        return statement_for(sql, there, is_anew=is_anew)

    def _to_make_again(self) -> set[str]:
        return {finding.subject for finding in self.seen.of_kind(Kind.CORE)}

    def _has_other_types(self, name: str, query: str) -> bool:
        """Asked just before the statement: what the query reads has been altered by then."""
        before = self.account.types(f"select * from {name}")  # noqa: S608 - a name of our own
        changed = changed_types(before, self.account.types(query))
        for column in changed:
            self.screen.say(f"dynamic table {name}: column {column} gets another type")
        return bool(changed)

    def _suspended(self) -> dict[str, str]:
        """What is suspended now, and a task's root."""
        rows, database = self.account.rows, self.seen.names.database
        states = scheduled_states(rows, database, datetime.now(UTC))
        return {
            state.name: state.name if state.kind == DYNAMIC_TABLE else state.root
            for state in states
            if state.is_suspended
        }
