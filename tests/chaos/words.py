"""The kinds of faults that both the scenarios and a server have to know."""

from typing import Final

KILLED: Final = "killed"
TIMED_OUT: Final = "timed out"
LOGIN_REFUSED: Final = "login refused"
FAILS_AT_ONCE: Final = "fails at once"
FAILS_AFTER_WRITING: Final = "fails after writing"
LOST: Final = "lost"
DOUBLED: Final = "doubled"
LATE: Final = "late"
REORDERED: Final = "reordered"
