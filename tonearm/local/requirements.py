"""What the machine must have before anything is started, each with one clear line."""

import re
import shutil
import subprocess
import sys

from tonearm.errors import OperatorError

JAVA_MAJOR = 17
_VERSION = re.compile(r'version "(\d+)')


def check_machine() -> None:
    """Check Python and Java.

    Raises:
        OperatorError: one of them is missing or of the wrong version.
    """
    check_python(sys.version_info[:2])
    check_java(java_version())


def check_python(version: tuple[int, ...]) -> None:
    """Glue 6.0 and the functions run Python 3.13, so does everything here.

    Raises:
        OperatorError: another version runs.
    """
    if version != (3, 13):
        found = ".".join(map(str, version))
        raise OperatorError(f"this is Python {found}", "run it with `uv run`, which takes 3.13")


def java_version() -> str | None:
    """What `java -version` prints, or None when there is no Java."""
    java = shutil.which("java")
    if java is None:
        return None
    answer = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)  # noqa: S603
    return answer.stderr or answer.stdout


def check_java(printed: str | None) -> None:
    """Spark 4.1 as in Glue 6.0 needs Java 17.

    Raises:
        OperatorError: there is no Java, or another one.
    """
    fix = "install Java 17 (Debian: apt-get install openjdk-17-jre-headless) and put it on the PATH"
    if printed is None:
        raise OperatorError("Java is not installed", fix)
    match = _VERSION.search(printed)
    if match is None:
        raise OperatorError(f"cannot tell the Java version from {printed.strip()!r}", fix)
    if int(match[1]) != JAVA_MAJOR:
        raise OperatorError(f"this is Java {match[1]}, Spark 4.1 here needs Java {JAVA_MAJOR}", fix)
