"""Which full objects a run may spend left-over calls on: the choices of `ENRICH`."""

from collections.abc import Mapping
from typing import Final

from tonearm_pipeline.sources import ALBUM, ARTIST

NONE: Final = "none"
ENRICH_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    NONE: (),
    "albums": (ALBUM,),
    "artists": (ARTIST,),
    "all": (ALBUM, ARTIST),
}
