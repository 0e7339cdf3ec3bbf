"""Raw runs to measure with, made once and kept until `make clean`."""

import shutil
from collections.abc import Callable
from pathlib import Path
from time import monotonic

from tests.glue_jobs.volume import ENTRIES_PER_PART, Volume, first_entries, write_volume

_SEED = 1


def volume_of(entries: int, folder: Path, say: Callable[[str], None]) -> Path:
    """The bucket's folder of a run of so many entries; made if it is not there yet.

    Of a larger run that is there the first parts are taken, which are the same.
    """
    bucket = folder / f"run-{entries}"
    if bucket.exists():
        return bucket
    began = monotonic()
    unfinished = _emptied(folder / f"run-{entries}.part")
    large = [one for one in folder.glob("run-[0-9]*[0-9]") if int(one.name[4:]) > entries]
    if large and entries % ENTRIES_PER_PART == 0:
        first_entries(large[0], unfinished, entries)
    else:
        write_volume(unfinished, Volume(entries, _SEED))
    unfinished.rename(bucket)
    say(f"  {entries:,} entries written in {monotonic() - began:.0f} s")
    return bucket


def smaller_volume_of(large: Path, entries: int, folder: Path) -> Path:
    """The bucket's folder of a smaller run made of a large one's first parts."""
    bucket = _emptied(folder / f"run-first-{entries}")
    first_entries(large, bucket, entries)
    return bucket


def _emptied(path: Path) -> Path:
    shutil.rmtree(path, ignore_errors=True)
    return path
