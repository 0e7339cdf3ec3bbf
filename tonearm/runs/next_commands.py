"""Which commands put a failed run right, in the order to run them. Pure functions."""

import shlex

from tonearm.project import use_pipeline_code

DEFAULT_STACK = "tonearm"
_OTHER_INPUT = "BadSourceError"


def next_commands(error: str, run_id: str, stack_name: str) -> list[str]:
    """The command that removes the cause, where there is one, and the one that goes on.

    Args:
        error: the error's name, as failure.json has it.
        run_id: the failed run.
        stack_name: its stack.
    """
    use_pipeline_code()
    from record_run.failure import ADVICE

    advice = ADVICE.get(error)
    first = [of_stack(advice.first, stack_name)] if advice and advice.first else []
    if error == _OTHER_INPUT:
        return [of_stack("tonearm run --source PLAYLIST_URL", stack_name)]
    return [*first, of_stack(f"tonearm resume {run_id}", stack_name)]


def of_stack(command: str, stack_name: str) -> str:
    """The command for a stack; the usual one needs no name."""
    if stack_name == DEFAULT_STACK:
        return command
    return f"{command} --stack-name {shlex.quote(stack_name)}"
