"""The whole examination: every check, one after the other."""

from collections.abc import Callable

from botocore.exceptions import BotoCoreError, ClientError

from tonearm.doctor import run_checks, spotify_checks, stack_checks, wiring_checks
from tonearm.doctor.context import Context
from tonearm.errors import OperatorError
from tonearm.findings import Diagnosis, Fact, Finding, Said
from tonearm_pipeline.errors import PipelineError

type Check = Callable[[Context], Said]

CHECKS: tuple[Check, ...] = (
    spotify_checks.check_login,
    spotify_checks.check_sources,
    spotify_checks.check_refused,
    spotify_checks.check_quota,
    stack_checks.check_status,
    stack_checks.check_template,
    stack_checks.check_schedule,
    stack_checks.check_subscribers,
    stack_checks.check_bucket,
    wiring_checks.check_wiring,
    wiring_checks.check_account,
    run_checks.check_last_run,
    run_checks.check_freshness,
    run_checks.check_ledger,
    run_checks.check_loads,
    run_checks.check_quarantine,
    run_checks.check_fields,
    run_checks.check_lost,
)


def examine(context: Context, tell: Callable[[str], None] = lambda _: None) -> Diagnosis:
    """Run every check; one that cannot look says so and stops no other.

    Args:
        context: the stack.
        tell: gets each check's name before it runs.

    Raises:
        OperatorError: there is no such stack, or AWS cannot be reached at all.
    """
    context.stack  # noqa: B018 - without a stack there is nothing to examine
    said: list[Finding | Fact] = []
    unseen: list[str] = []
    for check in CHECKS:
        name = check.__name__.removeprefix("check_")
        tell(name)
        try:
            said += list(check(context))
        except (BotoCoreError, ClientError, OperatorError, PipelineError) as error:
            unseen.append(f"{name}: not checked ({error})")
    return Diagnosis(
        findings=tuple(one for one in said if isinstance(one, Finding)),
        facts=tuple(one for one in said if isinstance(one, Fact)),
        unseen=tuple(unseen),
    )
