"""Remembers a local cloud that was left up, so that another command can reach or stop it."""

import json
from dataclasses import asdict, dataclass

from tonearm.local.processes import stop_process
from tonearm.local.stack import STACK_NAME, LocalStack
from tonearm.project import ROOT

SESSION_FILE = ROOT / ".tonearm" / "local.json"


@dataclass(frozen=True)
class Session:
    """The processes of a local cloud that was kept."""

    pids: dict[str, int]
    folder: str
    snowflake_port: int


def remember(stack: LocalStack) -> None:
    """Write down what runs."""
    SESSION_FILE.parent.mkdir(parents=True, exist_ok=True)
    pids = {service.name: service.process.pid for service in stack.services}
    kept = Session(pids, str(stack.folder), stack.ports.snowflake)
    SESSION_FILE.write_text(json.dumps(asdict(kept)))


def remembered() -> Session | None:
    """What was left up, or None."""
    if not SESSION_FILE.exists():
        return None
    return Session(**json.loads(SESSION_FILE.read_text()))


def stop(session: Session) -> None:
    """Stop every process of it and forget it."""
    for pid in reversed(list(session.pids.values())):
        stop_process(pid)
    SESSION_FILE.unlink(missing_ok=True)


def how_to_reach(stack: LocalStack) -> list[str]:
    """Lines that tell how to reach each service of a kept stack."""
    aws, snowflake = stack.ports.aws_url, stack.ports.snowflake
    key = stack.folder / "snowflake-key.pem"
    return [
        "The local cloud stays up. To reach it:",
        f"  export AWS_ENDPOINT_URL={aws} AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test"
        " AWS_DEFAULT_REGION=us-east-1",
        "  aws stepfunctions list-executions --state-machine-arn"
        f" {stack.outputs['StateMachineArn']}",
        f"  aws s3 ls s3://{stack.outputs['Bucket']}/ --recursive",
        f"  uv run tonearm replay --stack-name {STACK_NAME} --from 2000-01-01",
        "  python: snowflake.connector.connect(account='local', user='TONEARM_SERVICE',"
        f" private_key_file='{key}', host='127.0.0.1', port={snowflake}, protocol='http',"
        " database='TONEARM')",
        f"  fake Spotify: {stack.spotify.api_url} (requests so far: {stack.ports.spotify_url}"
        "/_control/requests)",
        "  `make dashboard` shows it in a browser; `uv run tonearm local down` stops it.",
    ]
