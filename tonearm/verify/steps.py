"""The steps, in order, and what each of them needs."""

from collections.abc import Callable
from enum import Enum, auto
from typing import Final, NamedTuple

from tonearm.verify import (
    account_steps,
    core_steps,
    file_steps,
    pipe_steps,
    rights_step,
    run_steps,
    stack_steps,
)
from tonearm.verify.outcomes import Outcome
from tonearm.verify.subject import Subject


class Need(Enum):
    """What must be there before a step makes sense."""

    LOGIN = auto()
    FILES = auto()
    SNOWFLAKE = auto()


class Step(NamedTuple):
    """One step: its name in the register, what it does, and what it needs."""

    name: str
    check: Callable[[Subject], Outcome]
    needs: tuple[Need, ...] = ()

    @property
    def proves(self) -> str:
        """What it proves, in a sentence."""
        return (self.check.__doc__ or "").partition("\n")[0]


_LOADED: Final = (Need.FILES, Need.SNOWFLAKE)

STEPS: Final = (
    Step("doctor", account_steps.check_doctor),
    Step("login", account_steps.check_login),
    Step("sources", account_steps.check_sources, (Need.LOGIN,)),
    Step("state_machine", stack_steps.check_state_machine),
    Step("rights", rights_step.check_rights),
    Step("alarms", stack_steps.check_alarms),
    Step("run", run_steps.check_run, (Need.LOGIN,)),
    Step("glue_jobs", stack_steps.check_glue_jobs),
    Step("logs", stack_steps.check_logs),
    Step("layer", stack_steps.check_layer),
    Step("codecs", file_steps.check_codecs, (Need.FILES,)),
    Step("files", file_steps.check_files, (Need.FILES,)),
    Step("catalogue", file_steps.check_catalogue, (Need.FILES,)),
    Step("partitions", file_steps.check_partitions, (Need.FILES,)),
    Step("snowpipe", pipe_steps.check_snowpipe, (Need.SNOWFLAKE,)),
    Step("load_history", pipe_steps.check_load_history, _LOADED),
    Step("core_rows", core_steps.check_core_rows, _LOADED),
    Step("dynamic_tables", core_steps.check_dynamic_tables, (Need.SNOWFLAKE,)),
    Step("tasks", core_steps.check_tasks, (Need.SNOWFLAKE,)),
    Step("time_zone", core_steps.check_time_zone, _LOADED),
    Step("unchanged_run", run_steps.check_unchanged_run, (Need.FILES,)),
    Step("replay", run_steps.check_replay, (Need.FILES,)),
)
STEP_NAMES: Final = tuple(step.name for step in STEPS)
