"""What people and accidents do to a deployed stack, one function each."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tests.lambdas.tonearm_pipeline.finished_run import load_document
from tests.tonearm.doctor.healthy import PRINCIPAL, Healthy, trust
from tests.tonearm.fake_stack import BUCKET
from tonearm_pipeline.clock import SystemClock
from tonearm_pipeline.errors import RateLimitedError
from tonearm_pipeline.spotify.quota import QuotaLedger
from tonearm_pipeline.state.table import StateTable

type Seed = Callable[[Healthy], object]


def token_reply(status: int, error: str) -> Seed:
    return lambda stack: stack.spotify.desk.replies.extend([(status, {"error": error})] * 9)


def parameter(key: str, value: str) -> Seed:
    return lambda stack: stack.parameters.update({key: value})


def login_of(days_ago: int) -> Seed:
    def seed(stack: Healthy) -> None:
        stack.put_login(authorized_at=(stack.now - timedelta(days=days_ago)).isoformat())

    return seed


def cool_down(stack: Healthy) -> None:
    ledger(stack).start_cool_down(RateLimitedError(7200, "QUOTA_EXCEEDED", "playlists/{id}"))


def spend(stack: Healthy) -> None:
    ledger(stack).spend(990)


def ledger(stack: Healthy) -> QuotaLedger:
    return QuotaLedger(StateTable(stack.aws("dynamodb"), "state"), SystemClock())


def forbid(path: str) -> Seed:
    return lambda stack: stack.spotify.world.forbidden.add(path)


def distrust(role: str) -> Seed:
    def seed(stack: Healthy) -> None:
        stack.aws("iam").update_assume_role_policy(
            RoleName=role, PolicyDocument=trust(PRINCIPAL + "x", "ours")
        )

    return seed


def suspend_versions(stack: Healthy) -> None:
    stack.aws("s3").put_bucket_versioning(
        Bucket=BUCKET, VersioningConfiguration={"Status": "Suspended"}
    )


def change_template(before: str, after: str) -> Seed:
    def seed(stack: Healthy) -> None:
        assert before in stack.template
        stack.template = stack.template.replace(before, after, 1)

    return seed


def red_run(stack: Healthy) -> None:
    run_id = stack.add_run("daily-2", "FAILED", hours_ago=1)
    arn = stack.stepfunctions.executions[0]["executionArn"]
    failure = {"execution_id": arn, "error": "WarehouseNotWiredError", "state": "ConfirmLoad"}
    stack.put(f"runs/{run_id}/failure.json", failure)


def document(name: str, value: Callable[[], Any]) -> Seed:
    return lambda stack: stack.put(f"runs/{stack.run_id}/{name}.json", value())


def load_with(status: str) -> Callable[[], Any]:
    def made() -> Any:
        load = load_document()
        load["files"][0]["status"] = status
        return load

    return made


def quarantined(stack: Healthy) -> None:
    manifest = stack.manifest()
    manifest["entities"]["songs"]["quarantined"] = 2
    stack.put(f"runs/{stack.run_id}/manifest.json", manifest)


def lost(kind: str, name: str) -> Seed:
    def seed(stack: Healthy) -> None:
        one = {"kind": kind, "name": name, "since": "2026-11-20", "why": "It is gone."}
        stack.put("runs/findings.json", {"lost": [one]})

    return seed
