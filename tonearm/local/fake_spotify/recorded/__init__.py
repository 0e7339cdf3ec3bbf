"""A catalogue made of recorded Web API responses, found in any folder tree.

Files are told apart by what is in them, never by their names: `documents` reads them, `pieces`
says what each holds, `joining` puts pages together and picks the newest of several recordings,
`catalogue` serves the result exactly as it was recorded.
"""

from tonearm.local.fake_spotify.recorded.catalogue import RecordedCatalogue, load_recorded

__all__ = ["RecordedCatalogue", "load_recorded"]
