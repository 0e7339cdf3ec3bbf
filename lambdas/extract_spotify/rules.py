"""What a run is told about reading, by its input and the stack's parameters."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Rules:
    """What a run was told about reading.

    Attributes:
        force_full: read and write everything, changed or not.
        full_check_days: after so many days the version alone is not believed.
        rewrite_days: after so many days the rows of what did not change are written again.
        drop_personal_fields: drop who added what, owners' names and users' ids.
    """

    force_full: bool
    full_check_days: int
    rewrite_days: int
    drop_personal_fields: bool
