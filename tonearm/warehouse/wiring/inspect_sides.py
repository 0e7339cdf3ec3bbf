"""One inspection of everything: the stack, AWS, the account; what is wrong with them together."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from tonearm.findings import Finding, Kind
from tonearm.stack import Clients, Pace, Stack, read_stack
from tonearm.warehouse.connect import ConnectionSettings, connect
from tonearm.warehouse.keys import KeyPair
from tonearm.warehouse.named_connections import connect_named
from tonearm.warehouse.wiring import account_checks, aws_checks, core_checks
from tonearm.warehouse.wiring.access_test import LOCATION, ReadTest, any_key, read_test
from tonearm.warehouse.wiring.aws_side import AwsSide, read_aws
from tonearm.warehouse.wiring.expected import NO_KEY, Expected, expected
from tonearm.warehouse.wiring.observe import read_account
from tonearm.warehouse.wiring.observed import Observed
from tonearm.warehouse.wiring.options import Admin, Names, Options
from tonearm.warehouse.wiring.parameters import (
    external_id_for,
    names_for,
    parameter_changes,
    sql_values,
)
from tonearm.warehouse.wiring.place import Place, check_supported, read_place
from tonearm.warehouse.wiring.session import Account, login_refusal, open_account


@dataclass(frozen=True)
class Sides:
    """How to reach both sides.

    Attributes:
        clients: makes AWS clients by service name.
        options: what to wire.
        admin: who signs in to Snowflake.
        pace: how long to wait for what.
    """

    clients: Clients
    options: Options
    admin: Admin
    pace: Pace = field(default_factory=Pace)

    def open(self) -> AbstractContextManager[Account]:
        """A new session as the admin."""
        admin, named = self.admin, self.admin.connection
        if named is not None:
            passphrase = (admin.passphrase or b"").decode()
            return open_account(
                lambda: connect_named(named, admin.role, passphrase),
                f"connection {named.name}",
                f"try it with `snow connection test --connection {named.name}`",
            )
        settings = self.settings(admin.user, admin.private_key_pem, admin.passphrase, admin.role)
        return open_account(
            lambda: connect(settings),
            f"{admin.user}@{self.options.account}",
            "check the account identifier, --private-key-file with its passphrase in"
            f" SNOWFLAKE_PRIVATE_KEY_PASSPHRASE, and `alter user {admin.user} set rsa_public_key"
            " = …`",
        )

    def settings(
        self, user: str, pem: bytes, passphrase: bytes | None = None, role: str = ""
    ) -> ConnectionSettings:
        """How a user signs in with a key."""
        return ConnectionSettings(
            account=self.options.account,
            user=user,
            private_key_pem=pem,
            private_key_passphrase=passphrase,
            role=role,
            host=self.options.host,
            port=self.options.port,
            protocol=self.options.protocol or "https",
        )

    def service_refusal(self, names: Names, key: KeyPair) -> str:
        """Why the service user cannot sign in with a key; empty when it can."""
        return login_refusal(self.settings(names.service_user, key.private_pem))


@dataclass(frozen=True)
class Inspection:
    """What was seen, and what is wrong with it."""

    stack: Stack
    names: Names
    expected: Expected
    observed: Observed
    aws: AwsSide
    findings: tuple[Finding, ...]
    unseen: tuple[str, ...]
    place: Place

    @property
    def to_apply(self) -> list[Finding]:
        """The findings a deploy does something about."""
        return [finding for finding in self.findings if finding.action]

    def of_kind(self, *kinds: Kind) -> list[Finding]:
        """The findings of some kinds that a deploy does something about."""
        return [finding for finding in self.to_apply if finding.check in kinds]


def inspect(sides: Sides, account: Account) -> Inspection:
    """Inspect everything.

    Raises:
        OperatorError: a side cannot be read.
    """
    stack = read_stack(sides.clients, sides.options.stack_name)
    names = names_for(sides.options, stack)
    place = read_place(account, names)
    check_supported(place, stack)
    values = sql_values(sides.options, stack, NO_KEY, place)
    files = expected(values)
    seen = read_account(account, files, names)
    aws = read_aws(sides.clients, stack)
    handshake = seen.handshake
    changes = parameter_changes(sides.options, stack, handshake)
    findings = [
        *account_checks.account_findings(files, seen, names),
        *core_checks.core_findings(files, seen),
        *core_checks.quota_findings(values["credit_quota"], place, names),
        *account_checks.integration_findings(seen, names, values),
        *_key_findings(sides, names, seen, aws),
        *aws_checks.stack_findings(
            stack, changes, handshake, tells_of_errors=place.tells_of_errors
        ),
        *aws_checks.aws_findings(aws, stack, external_id_for(sides.options, stack), handshake),
    ]
    unseen = (*account_checks.unseen(files, seen, names), *aws_checks.unseen(aws))
    return Inspection(stack, names, files, seen, aws, tuple(findings), unseen, place)


def try_reading(sides: Sides, account: Account, stack: Stack, names: Names) -> ReadTest:
    """Let Snowflake list the bucket, and open a file when there is one."""
    bucket = stack.output("Bucket")
    return read_test(account, names, bucket, any_key(sides.clients, bucket, LOCATION))


def _key_findings(sides: Sides, names: Names, seen: Observed, aws: AwsSide) -> Iterator[Finding]:
    if aws.key is None:
        holds = "is empty" if aws.is_secret_empty else "holds no unencrypted private key"
        yield Finding(
            Kind.KEY,
            f"the secret of the private key {holds}",
            subject="secret",
            action="make a key pair",
        )
        return
    if not seen.has("USER", names.service_user):
        return
    if refusal := _key_refusal(sides, names, seen, aws.key):
        what = f"user {names.service_user} does not take the secret's key ({refusal})"
        yield Finding(Kind.KEY, what, subject="user", action="give it the key")


def _key_refusal(sides: Sides, names: Names, seen: Observed, key: KeyPair) -> str:
    if seen.key_fingerprints is None:
        return sides.service_refusal(names, key)
    return "" if key.fingerprint in seen.key_fingerprints else "it knows another one"
