"""Identifiers as Spotify writes them: 22 characters of base62, and long snapshot ids."""

import base64
import binascii
import hashlib
import re
import string

BASE62 = string.digits + string.ascii_letters
ID_LENGTH = 22
VARIOUS_ARTISTS_ID = "0LyfQWJT6nXafLPZqxe9Of"
"""The one artist id every compilation on Spotify is credited to."""

_ID = re.compile(rf"[0-9A-Za-z]{{{ID_LENGTH}}}")


def is_spotify_id(text: str) -> bool:
    """True for a bare id: 22 letters and digits."""
    return _ID.fullmatch(text) is not None


def base62_id(*parts: object) -> str:
    """The same parts always give the same 22-character id."""
    number = int.from_bytes(_digest(*parts)[:16])
    letters = []
    for _ in range(ID_LENGTH):
        number, letter = divmod(number, len(BASE62))
        letters.append(BASE62[letter])
    return "".join(letters)


def snapshot_id(counter: int, *parts: object) -> str:
    """The long form: base64 of `counter,hash`; the counter grows by one per edit."""
    text = f"{counter},{_digest(*parts)[:20].hex()}"
    return base64.b64encode(text.encode()).decode()


def snapshot_counter(snapshot: str | None) -> int | None:
    """The edit counter inside a long snapshot id, None for the other forms."""
    try:
        text = base64.b64decode(snapshot or "", validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    counter, comma, _ = text.partition(",")
    return int(counter) if comma and counter.isdigit() else None


def next_snapshot_id(snapshot: str) -> str:
    """The snapshot id after one more edit of the version called `snapshot`."""
    return snapshot_id((snapshot_counter(snapshot) or 0) + 1, "after", snapshot)


def _digest(*parts: object) -> bytes:
    return hashlib.blake2b("\x1f".join(map(str, parts)).encode("utf-8", "replace")).digest()
