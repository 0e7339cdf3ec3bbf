"""The local services and the deployed stack, from nothing to ready for an execution."""

import json
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3

from tonearm.local import fake_spotify, processes, sam
from tonearm.local.snowflake_server.principal import IAM_USER_ARN
from tonearm.project import SQL_FOLDER
from tonearm.stack import read_stack
from tonearm.warehouse.keys import key_pair_of, new_key_pair

if TYPE_CHECKING:
    from tonearm.warehouse.connect import ConnectionSettings

STACK_NAME = "tonearm-local"
REGION = "us-east-1"
ACCOUNT_ID = "000000000000"
QUEUE_NAME = "sf-snowpipe-tonearm-local"
QUEUE_POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "s3.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": "*",
        }
    ],
}
SNOWFLAKE_USER = "TONEARM_SERVICE"
SNOWFLAKE_DATABASE = "TONEARM"

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Ports:
    """Where each service listens on the loopback address."""

    aws: int
    snowflake: int
    spotify: int

    @classmethod
    def choose(cls, aws: int = 0, snowflake: int = 0, spotify: int = 0) -> "Ports":
        """The given ports, checked, and free ones for those left 0.

        Raises:
            OperatorError: a given port is in use.
        """
        given = {
            "the local AWS": aws,
            "the local Snowflake": snowflake,
            "the fake Spotify": spotify,
        }
        for name, port in given.items():
            if port:
                processes.check_port(port, name)
        return cls(*(port or processes.free_port() for port in given.values()))

    @property
    def aws_url(self) -> str:
        """The endpoint of the local AWS."""
        return f"http://127.0.0.1:{self.aws}"

    @property
    def spotify_url(self) -> str:
        """The base address of the fake Spotify."""
        return f"http://127.0.0.1:{self.spotify}"


@dataclass(frozen=True)
class Spotify:
    """Which Spotify the run reads, and with what credentials."""

    secret: Mapping[str, str]
    api_url: str
    token_url: str
    fake_arguments: tuple[str, ...] | None = None

    @classmethod
    def fake(cls, base_url: str, arguments: tuple[str, ...]) -> "Spotify":
        """The fake one, which takes these credentials."""
        secret = {
            "client_id": fake_spotify.CLIENT_ID,
            "client_secret": fake_spotify.CLIENT_SECRET,
            "refresh_token": fake_spotify.REFRESH_TOKEN,
            "authorized_at": datetime.now(UTC).isoformat(),
        }
        return cls(secret, f"{base_url}/v1/", f"{base_url}/api/token", arguments)


def _import_warehouse() -> None:
    import tonearm.warehouse.connect
    import tonearm.warehouse.deploy  # noqa: F401 - for who imports it next


@dataclass
class LocalStack:
    """Everything that runs on this machine for one session."""

    folder: Path
    ports: Ports
    spotify: Spotify
    wait_scale: float = 0.03
    services: list[processes.Service] = field(default_factory=list)
    outputs: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def aws_env(self) -> dict[str, str]:
        """The environment in which every AWS client reaches the local cloud and nothing else."""
        return {
            "AWS_ENDPOINT_URL": self.ports.aws_url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "AWS_CONFIG_FILE": str(self.folder / "no-aws-config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(self.folder / "no-aws-credentials"),
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def client(self, service: str) -> Any:
        """A boto3 client of the local cloud."""
        return boto3.client(  # type: ignore[call-overload]
            service,
            endpoint_url=self.ports.aws_url,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - the local cloud takes any secret
        )

    @property
    def queue_arn(self) -> str:
        """The queue that plays Snowflake's notification channel."""
        return f"arn:aws:sqs:{REGION}:{ACCOUNT_ID}:{QUEUE_NAME}"

    @property
    def warehouse(self) -> "ConnectionSettings":
        """How the connector reaches the local Snowflake."""
        from tonearm.warehouse.connect import ConnectionSettings

        return ConnectionSettings(
            account="local",
            user=SNOWFLAKE_USER,
            database=SNOWFLAKE_DATABASE,
            private_key_pem=(self.folder / "snowflake-key.pem").read_bytes(),
            host="127.0.0.1",
            port=self.ports.snowflake,
            protocol="http",
        )

    def start(self, tell: Tell) -> None:
        """Boot the services, deploy the template, apply the SQL, and let Snowpipe listen.

        Raises:
            OperatorError: a service or the deploy failed; says which and where its log is.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with ThreadPoolExecutor(max_workers=2) as pool:
            built = pool.submit(sam.build, self.folder / "sam.log")
            self._boot(tell)
            self._prepare(built, tell)

    def _boot(self, tell: Tell) -> None:
        (self.folder / "snowflake-key.pem").write_bytes(new_key_pair().private_pem)
        self._start_cloud()
        self._start_spotify()
        self._start_snowflake()
        for service, port in zip(self.services, self._service_ports(), strict=True):
            service.wait_until(lambda port=port: processes.listens(port))  # type: ignore[misc]
            tell(f"{service.name} listens on 127.0.0.1:{port}")

    def _service_ports(self) -> list[int]:
        spotify = [self.ports.spotify] if self.spotify.fake_arguments is not None else []
        return [self.ports.aws, *spotify, self.ports.snowflake]

    def _prepare(self, built: "Future[bool]", tell: Tell) -> None:
        self.client("sqs").create_queue(
            QueueName=QUEUE_NAME, Attributes={"Policy": json.dumps(QUEUE_POLICY)}
        )
        tell("sam build: done" if built.result() else "sam build: nothing changed since the last")
        with ThreadPoolExecutor(max_workers=1) as pool:
            # The connector takes seconds to import: after the services, while the deploy waits.
            pool.submit(_import_warehouse)
            sam.deploy(self.aws_env, self._overrides(), self.folder / "sam.log")
        self.outputs = dict(read_stack(self.client, STACK_NAME).outputs)
        tell(f"sam deploy: stack {STACK_NAME} is up")
        self._put_secrets()
        self._start_snowpipe()  # loads its own parts while the statements run; no file comes yet
        statements = self._apply_sql()
        tell(f"snowflake: {statements} statements applied")

    def stop(self) -> None:
        """Stop every service."""
        for service in self.services:
            service.ask_to_stop()
        for service in reversed(self.services):
            service.stop()
        self.services.clear()

    def _start_cloud(self) -> None:
        arguments = ["tonearm.local.cloud", "--port", str(self.ports.aws)]
        arguments += ["--data", str(self.folder / "aws"), "--wait-scale", str(self.wait_scale)]
        self._launch("local AWS", arguments)

    def _start_spotify(self) -> None:
        if self.spotify.fake_arguments is not None:
            arguments = ["tonearm.local.fake_spotify", "--port", str(self.ports.spotify)]
            self._launch("fake Spotify", [*arguments, *self.spotify.fake_arguments])

    def _start_snowflake(self) -> None:
        arguments = ["tonearm.local.snowflake_server", "--port", str(self.ports.snowflake)]
        arguments += ["--data", str(self.folder / "snowflake")]
        arguments += ["--s3-endpoint", f"127.0.0.1:{self.ports.aws}"]
        arguments += ["--notification-channel", self.queue_arn]
        self._launch("local Snowflake", arguments)

    def _start_snowpipe(self) -> None:
        url = f"{self.ports.aws_url}/{ACCOUNT_ID}/{QUEUE_NAME}"
        arguments = ["tonearm.local.snowpipe", "--snowflake-port", str(self.ports.snowflake)]
        self._launch(
            "Snowpipe", [*arguments, "--queue-url", url, "--aws-endpoint", self.ports.aws_url]
        )

    def _launch(self, name: str, arguments: list[str]) -> None:
        env = {**self.aws_env, "TMPDIR": str(self._temporary())}
        self.services.append(processes.start(name, arguments, self.folder / "logs", env))

    def _temporary(self) -> Path:
        folder = self.folder / "tmp"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _overrides(self) -> dict[str, str]:
        return {
            "ScheduleState": "DISABLED",
            "SpotifyApiUrl": self.spotify.api_url,
            "SpotifyTokenUrl": self.spotify.token_url,
            "LoadRefreshAfterSeconds": "10",
            "SnowflakeAccount": "local",
            "SnowflakeUser": SNOWFLAKE_USER,
            "SnowflakeDatabase": SNOWFLAKE_DATABASE,
            "SnowflakeHost": "127.0.0.1",
            "SnowflakePort": str(self.ports.snowflake),
            "SnowflakeProtocol": "http",
            "SnowflakePrincipalArn": IAM_USER_ARN,
            "SnowpipeQueueArn": self.queue_arn,
        }

    def _put_secrets(self) -> None:
        secrets = self.client("secretsmanager")
        key = (self.folder / "snowflake-key.pem").read_text()
        secrets.put_secret_value(SecretId=self.outputs["SnowflakeKeySecretArn"], SecretString=key)
        secrets.put_secret_value(
            SecretId=self.outputs["SpotifySecretArn"],
            SecretString=json.dumps(dict(self.spotify.secret)),
        )

    def _apply_sql(self) -> int:
        from tonearm.warehouse.connect import connect
        from tonearm.warehouse.deploy import apply_sql

        with connect(self.warehouse) as connection:
            return apply_sql(connection, self.sql_values(), lambda *_: None, SQL_FOLDER)

    def sql_values(self) -> dict[str, str]:
        """The values of the SQL files' placeholders for this stack."""
        pair = key_pair_of((self.folder / "snowflake-key.pem").read_bytes())
        return {
            "database": SNOWFLAKE_DATABASE,
            "warehouse": "TONEARM_WH",
            "bucket": self.outputs["Bucket"],
            "storage_role_arn": self.outputs["SnowflakeReadRoleArn"],
            "external_id": self.outputs["SnowflakeExternalId"],
            "error_topic_arn": self.outputs["TopicArn"],
            "error_role_arn": self.outputs["SnowflakeNotifyRoleArn"],
            "rsa_public_key": pair.public_key,
            "service_user": SNOWFLAKE_USER,
        }
