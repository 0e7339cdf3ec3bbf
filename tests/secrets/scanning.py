"""Looks for credentials in the files of the project and in every line its history ever had."""

import re
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from detect_secrets.core.scan import scan_line
from detect_secrets.settings import transient_settings

# Those that know a provider's form; entropy and names of variables would flag every id and test.
PLUGINS: Final = (
    "AWSKeyDetector",
    "ArtifactoryDetector",
    "AzureStorageKeyDetector",
    "BasicAuthDetector",
    "CloudantDetector",
    "DiscordBotTokenDetector",
    "GitHubTokenDetector",
    "GitLabTokenDetector",
    "IbmCloudIamDetector",
    "IbmCosHmacDetector",
    "JwtTokenDetector",
    "MailchimpDetector",
    "NpmDetector",
    "OpenAIDetector",
    "PrivateKeyDetector",
    "PypiTokenDetector",
    "SendGridDetector",
    "SlackDetector",
    "SoftlayerDetector",
    "SquareOAuthDetector",
    "StripeDetector",
    "TelegramBotTokenDetector",
    "TwilioKeyDetector",
)
# Spotify's access and refresh tokens, which no plugin knows.
SPOTIFY_TOKEN: Final = re.compile(r"\b[AB]Q[A-Za-z0-9_-]{80,}")
SHORTEST: Final = 16  # no credential is shorter, and most lines of code are
SPOTIFY: Final = "Spotify token"
_GIT_SECONDS: Final = 300


class Line(NamedTuple):
    """A line and where it stands: a file, or a commit."""

    place: str
    text: str


class Found(NamedTuple):
    """A line with what looks like a credential; the credential itself is not repeated."""

    place: str
    kind: str
    text: str

    @property
    def told(self) -> str:
        """Where it is and what it looks like."""
        return f"{self.place}: {self.kind}"


def found_in(lines: Iterable[Line]) -> Iterator[Found]:
    """What looks like a credential, each line of text looked at once."""
    seen: set[str] = set()
    with transient_settings({"plugins_used": [{"name": name} for name in PLUGINS]}):
        for line in lines:
            text = line.text.strip()
            if len(text) < SHORTEST or text in seen:
                continue
            seen.add(text)
            if SPOTIFY_TOKEN.search(line.text):
                yield Found(line.place, SPOTIFY, line.text)
            for secret in scan_line(line.text):
                yield Found(line.place, secret.type, line.text)


def lines_of_tree(root: Path) -> Iterator[Line]:
    """The lines of every file that git knows or would take; of all files where there is no git."""
    listed = _git(root, "ls-files", "--cached", "--others", "--exclude-standard")
    names = listed.splitlines() if listed is not None else _all_names(root)
    for name in names:
        path = root / name
        if path.is_file():
            for number, text in enumerate(path.read_text(errors="replace").splitlines(), 1):
                yield Line(f"{name}:{number}", text)


def lines_of_history(root: Path) -> Iterator[Line]:
    """Every line that a commit added; none where there is no history."""
    patches = _git(root, "log", "--all", "-p", "--no-color", "--unified=0", "--format=commit %h")
    commit = ""
    for text in (patches or "").splitlines():
        if text.startswith("commit "):
            commit = text
        elif text.startswith("+") and not text.startswith("+++ "):
            yield Line(commit, text[1:])


def _all_names(root: Path) -> list[str]:
    found = (path.relative_to(root) for path in root.rglob("*") if path.is_file())
    return sorted(str(path) for path in found if not any(p.startswith(".") for p in path.parts))


def _git(root: Path, *arguments: str) -> str | None:
    """What git says; None when there is no git or no repository here."""
    try:
        done = subprocess.run(
            ["git", *arguments],
            cwd=root,
            capture_output=True,
            check=True,
            timeout=_GIT_SECONDS,
        )
    except (FileNotFoundError, subprocess.CalledProcessError):
        return None
    return done.stdout.decode(errors="replace")
