"""What the operator wants wired: which stack, which account, under which names."""

from dataclasses import dataclass, field

from tonearm.warehouse.named_connections import NamedConnection


@dataclass(frozen=True)
class Options:
    """The choices of one call of the command line; empty means: as the stack has it.

    The credit quota is kept by the account: None leaves it as it is there, 0 takes it away.
    """

    stack_name: str
    account: str = ""
    database: str = ""
    warehouse: str = ""
    external_id: str = ""
    credit_quota: int | None = None
    host: str = ""
    port: int = 0
    protocol: str = ""


@dataclass(frozen=True)
class Admin:
    """Who signs in to change the account: with a key pair, or with a connection they have."""

    user: str
    role: str
    private_key_pem: bytes = field(default=b"", repr=False)
    passphrase: bytes | None = field(default=None, repr=False)
    connection: NamedConnection | None = None


@dataclass(frozen=True)
class Names:
    """The account's objects that the wiring speaks of, named after the database as the SQL does."""

    database: str
    warehouse: str

    @property
    def storage_integration(self) -> str:
        """The integration that reads the bucket."""
        return f"{self.database}_S3"

    @property
    def error_integration(self) -> str:
        """The integration that tells the stack's topic of refused files."""
        return f"{self.database}_LOAD_ERRORS"

    @property
    def resource_monitor(self) -> str:
        """The monitor that stops the warehouse at the credit quota."""
        return f"{self.database}_QUOTA"

    @property
    def service_user(self) -> str:
        """The user the pipeline signs in as."""
        return f"{self.database}_SERVICE"

    @property
    def loader_role(self) -> str:
        """The role the pipeline works with."""
        return f"{self.database}_LOADER"

    @property
    def stage(self) -> str:
        """The stage all pipes read."""
        return f"{self.database}.LANDING.CURATED"

    @property
    def ledger(self) -> str:
        """The table of what was applied."""
        return f"{self.database}.OPS.APPLIED_SQL"


@dataclass(frozen=True)
class Handshake:
    """What only Snowflake knows and the stack needs; empty is: not known yet."""

    principal_arn: str = ""
    queue_arn: str = ""
    notify_principal_arn: str = ""
    notify_external_id: str = ""
