"""A place that holds something of an account."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from tonearm.errors import OperatorError


@dataclass(frozen=True)
class Holding:
    """A place, how much it holds, and how it is emptied.

    Attributes:
        name: what it is called in the report.
        count: how many objects, items or rows are there now.
        empty: deletes them all; safe to call again.
    """

    name: str
    count: Callable[[], int]
    empty: Callable[[], None]


@contextmanager
def aws_errors(doing: str) -> Iterator[None]:
    """Say what failed in one line.

    Raises:
        OperatorError: AWS refused or did not answer; what was deleted before stays deleted.
    """
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise OperatorError(
            f"{doing}: {error}", "put that right and run the command again: it goes on from there"
        ) from error
