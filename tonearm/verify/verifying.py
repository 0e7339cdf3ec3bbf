"""Takes the steps one after the other; what cannot be looked at is open and stops no other."""

import time
from collections.abc import Callable, Collection
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from tonearm.errors import OperatorError
from tonearm.register import Assumption
from tonearm.verify.outcomes import Outcome, failed, left_open
from tonearm.verify.report import Report, Taken
from tonearm.verify.steps import STEP_NAMES, STEPS, Need, Step
from tonearm.verify.subject import Subject
from tonearm.warehouse.wiring.session import RefusedError
from tonearm_pipeline.errors import PipelineError

_REFUSED: Final = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation")
# What a step needs of the runs is made by these.
_MAKERS: Final = {Need.FILES: "run", Need.LOGIN: "login"}


def verify(
    subject: Subject,
    register: tuple[Assumption, ...],
    wanted: Collection[str] = (),
    on_step: Callable[[Taken], None] = lambda _: None,
) -> Report:
    """Take the steps.

    Args:
        subject: the stack.
        register: what is relied on, and by which step it is held.
        wanted: the names of the steps to take; empty for all. What they need is taken too.
        on_step: gets each step when it has ended.

    Raises:
        OperatorError: there is no such stack, step or run, or AWS cannot be reached at all.
    """
    if unknown := sorted(set(wanted) - set(STEP_NAMES)):
        raise OperatorError(
            f"there is no step {', '.join(unknown)}", f"the steps are {', '.join(STEP_NAMES)}"
        )
    subject.stack  # noqa: B018 - without a stack there is nothing to verify
    if subject.run_id:
        subject.run = subject.runs.find(subject.run_id)
    began = time.monotonic()
    taken: list[Taken] = []
    for step in _with_needs(wanted):
        subject.tell(step.name)
        one = Taken(step.name, step.proves, *_timed(step, subject))
        taken.append(one)
        on_step(one)
    return Report(subject, register, tuple(taken), time.monotonic() - began)


def _with_needs(wanted: Collection[str]) -> list[Step]:
    by_name = {step.name: step for step in STEPS}
    names = set(wanted or by_name)
    for name in list(names):
        names |= {_MAKERS[need] for need in by_name[name].needs if need in _MAKERS}
    if "run" in names:
        names.add("login")
    return [step for step in STEPS if step.name in names]


def _timed(step: Step, subject: Subject) -> tuple[Outcome, float]:
    began = time.monotonic()
    outcome = _lacking(step, subject) or _outcome(step, subject)
    return outcome, time.monotonic() - began


def _lacking(step: Step, subject: Subject) -> Outcome | None:
    if Need.SNOWFLAKE in step.needs and not subject.is_wired:
        return left_open(f"no Snowflake: {subject.command('tonearm snowflake deploy')} first")
    if Need.LOGIN in step.needs and not subject.is_login_usable:
        return left_open("without a login nothing can be read")
    if Need.FILES in step.needs and not subject.published:
        return left_open("no run has published files")
    return None


def _outcome(step: Step, subject: Subject) -> Outcome:
    try:
        return step.check(subject)
    except RefusedError as error:
        wire = subject.command("tonearm snowflake deploy")
        return failed(error.message, f"{wire}; if that changes nothing, read the message")
    except OperatorError as error:
        if isinstance(error.__cause__, BotoCoreError | ClientError):
            return _no_answer(error.__cause__, subject)
        return failed(error.message, error.fix or "look at the message")
    except PipelineError as error:
        return failed(str(error), subject.command("tonearm doctor"))
    except (BotoCoreError, ClientError) as error:
        return _no_answer(error, subject)


def _no_answer(error: BotoCoreError | ClientError, subject: Subject) -> Outcome:
    """What an operator may not see, or nobody answers, is open; anything else is wrong."""
    if isinstance(error, BotoCoreError):
        return left_open(f"AWS does not answer: {error}")
    if error.response["Error"]["Code"] in _REFUSED:
        return left_open(f"these AWS credentials may not look: {error}")
    return failed(str(error), subject.deploy)
