"""Puts right what an inspection found: keys, SQL, pipes, and the stack's parameters."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from tonearm.errors import OperatorError
from tonearm.findings import Kind
from tonearm.screen import Screen
from tonearm.stack import read_stack, update_parameters
from tonearm.warehouse.deploy import ApplyError, PlannedStatement, apply_sql
from tonearm.warehouse.keys import KeyPair, new_key_pair
from tonearm.warehouse.wiring import applied_sql, pipes
from tonearm.warehouse.wiring.account_checks import (
    created_on_checksum,
    integration_subject,
    is_detached,
    pipe_subject,
    stage_link,
)
from tonearm.warehouse.wiring.aws_checks import aws_findings, rewrites
from tonearm.warehouse.wiring.aws_side import put_key, read_aws
from tonearm.warehouse.wiring.core_repair import CoreRepair
from tonearm.warehouse.wiring.expected import checksum, created
from tonearm.warehouse.wiring.inspect_sides import Inspection, Sides
from tonearm.warehouse.wiring.observe import integration_made_on, pipe_definitions, read_handshake
from tonearm.warehouse.wiring.parameters import external_id_for, parameter_changes, sql_values
from tonearm.warehouse.wiring.session import Account, RefusedError

HEALED_BY_SQL = (
    Kind.SQL,
    Kind.MISSING,
    Kind.COLUMN,
    Kind.INTEGRATION,
    Kind.STAGE,
    Kind.PIPE_CHANGED,
    Kind.CORE,
    Kind.QUOTA,
    Kind.GRANTS,
)


@dataclass
class Applier:
    """Puts right what one inspection found.

    Attributes:
        to_refresh: pipes that may have missed files, and since when; None is as far as it goes.
    """

    sides: Sides
    account: Account
    screen: Screen
    seen: Inspection
    to_refresh: dict[str, datetime | None] = field(default_factory=dict)
    _dropped: set[str] = field(default_factory=set, init=False)
    _role: str = field(default="", init=False)

    def apply(self) -> None:
        """Put right everything that a deploy can put right.

        Raises:
            OperatorError: a step failed; those before it stay, and the command can be run again.
        """
        key = self._key()
        self._add_columns()
        core = CoreRepair(self.account, self.screen, self.seen)
        core.drop_monitor()
        if self.seen.of_kind(*HEALED_BY_SQL) or self._is_key_unknown():
            self._apply_files(key, core)
        self._update_stack()
        self._write_again()
        self._resume_pipes()
        core.resume()
        core.start_refresh()

    def refresh_pipes(self) -> None:
        """Have the pipes load what no event told them of."""
        for name, since in sorted(self.to_refresh.items()):
            sent = pipes.refresh(self.account, name, since)
            self.screen.say(f"pipe {name}: refreshed, {sent} files sent")

    def _key(self) -> KeyPair:
        if self.seen.aws.key is not None:
            return self.seen.aws.key
        key = new_key_pair()
        put_key(self.sides.clients, self.seen.stack, key)
        self.screen.say(f"secret: a new key pair ({key.fingerprint})")
        return key

    def _is_key_unknown(self) -> bool:
        return bool(self.seen.of_kind(Kind.KEY))

    def _add_columns(self) -> None:
        for finding in self.seen.of_kind(Kind.COLUMN):
            table, _, column = finding.subject.rpartition(".")
            kind = self.seen.expected.columns[table][column]
            self.account.run(f"alter table {table} add column if not exists {column} {kind}")
            self.screen.say(f"table {table}: column {column} {kind} added")

    def _apply_files(self, key: KeyPair, core: CoreRepair) -> None:
        values = sql_values(self.sides.options, self.seen.stack, key.public_key, self.seen.place)
        made: set[str] = set()
        with self.screen.statements() as shown:

            def before(statement: PlannedStatement) -> None:
                shown.show(statement)
                self._before(statement, made)

            try:
                count = apply_sql(self.account.connection, values, before, sql_of=core.sql_of)
            except ApplyError as error:
                fix = "put that right and run the command again: what is done stays"
                raise OperatorError(str(error), fix) from error
            self._record(made)
        self.screen.say(f"snowflake: {count} statements applied")

    def _before(self, statement: PlannedStatement, made: set[str]) -> None:
        """The stage wants the trust in place; a changed pipe makes room for the new one."""
        if statement.sql[:9].upper() == "USE ROLE ":
            self._role = statement.sql[9:].strip()
        match created(statement.sql):
            case ("STAGE", _):
                with self._as_admin():
                    self._update_stack()
                    self._join_stage()
            case ("PIPE", name) if name in self._dropped or not self.seen.observed.has(
                "PIPE", name
            ):
                made.add(name)
                self.to_refresh[name] = None
            case ("PIPE", name) if name in self._changed_pipes():
                made.add(name)
                is_running = self.seen.observed.pipes[name].state == "RUNNING"
                self.to_refresh[name] = pipes.now() if is_running else None
                with self._as_admin():
                    pipes.retire(self.account, name, self.sides.pace, self.screen.say)

    @contextmanager
    def _as_admin(self) -> Iterator[None]:
        """The admin's role for a moment: one session, since each may ask a person to sign in."""
        self.account.run(f"use role {self.sides.admin.role}")
        try:
            yield
        finally:
            if self._role:
                self.account.run(f"use role {self._role}")

    def _changed_pipes(self) -> set[str]:
        return {finding.subject for finding in self.seen.of_kind(Kind.PIPE_CHANGED)}

    def _record(self, made: set[str]) -> None:
        """Write down what was applied, and how Snowflake shows the pipes made now."""
        names, expected = self.seen.names, self.seen.expected
        self._role = "sysadmin"
        with self._as_admin():
            shown = pipe_definitions(self.account, names)
            created_on = created_on_checksum(integration_made_on(self.account, names))
        self.account.run(f"use warehouse {names.warehouse}")
        checksums = {name: file.checksum for name, file in expected.files.items()}
        checksums[integration_subject(names)] = created_on
        for name in made:
            checksums[pipe_subject(name)] = checksum(shown[name])
        before = self.seen.observed.applied
        fresh = {name: value for name, value in checksums.items() if before.get(name) != value}
        applied_sql.record(self.account, names.ledger, fresh)
        self.account.run(f"use role {self.sides.admin.role}")

    def _join_stage(self) -> None:
        """Join the stage to an integration that was made anew; its pipes are made again then."""
        names, observed = self.seen.names, self.seen.observed
        if not is_detached(
            observed, created_on_checksum(integration_made_on(self.account, names)), names
        ):
            return
        there = sorted(observed.pipes)
        pipes.pause_all(self.account, there, self.sides.pace, self.screen.say)
        try:
            self.account.run(stage_link(names))
        except RefusedError:
            for name in there:
                pipes.resume(self.account, name)
            raise
        for name in there:
            self.screen.say(f"pipe {name}: making it again")
            self.account.run(f"drop pipe {name}")
        self._dropped.update(there)

    def _update_stack(self) -> None:
        """Put what Snowflake tells now into the stack."""
        stack = read_stack(self.sides.clients, self.sides.options.stack_name)
        handshake = read_handshake(self.account, self.seen.names)
        changes = parameter_changes(self.sides.options, stack, handshake)
        if changes:
            update_parameters(self.sides.clients, stack, changes, self.sides.pace, self.screen.say)

    def _write_again(self) -> None:
        """Have CloudFormation write what was changed behind its back."""
        clients, options = self.sides.clients, self.sides.options
        stack = read_stack(clients, options.stack_name)
        handshake = read_handshake(self.account, self.seen.names)
        aws = read_aws(clients, stack)
        found = list(aws_findings(aws, stack, external_id_for(options, stack), handshake))
        if emptied := rewrites(found, stack):
            self.screen.say(f"written again by CloudFormation: {', '.join(emptied)}")
            before = {key: stack.parameter(key) for key in emptied}
            for values in (emptied, before):
                update_parameters(clients, stack, values, self.sides.pace, self.screen.say)
        if self.seen.of_kind(Kind.NOTIFICATION):
            self.to_refresh.update(dict.fromkeys(self.seen.observed.pipes))

    def _resume_pipes(self) -> None:
        for finding in self.seen.of_kind(Kind.PIPE_PAUSED):
            if pipes.resume(self.account, finding.subject):
                self.to_refresh[finding.subject] = None
            self.screen.say(f"pipe {finding.subject}: resumed")
