"""`sam build` and `sam deploy` of the project's own template, into whatever cloud the env names.

`python -m tonearm.local.sam` builds, if anything changed since the last build.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from tonearm.errors import OperatorError
from tonearm.project import ROOT

CONFIG_ENV = "local"
_BUILT_TEMPLATE = ROOT / ".aws-sam" / "build" / "template.yaml"
_STAMP = ROOT / ".aws-sam" / "tonearm-build"
_SOURCES = ("template.yaml", "samconfig.toml", "lambdas", "glue_jobs", "statemachine")


def build(log: Path) -> bool:
    """Build the functions and layers, unless the last build was of the very same files.

    Returns:
        Whether there was anything to build.

    Raises:
        OperatorError: the build failed; names the log.
    """
    sources = _digest_of_sources()
    if _STAMP.exists() and _STAMP.read_text() == f"{sources} {_built_at()}":
        return False
    _sam(["build", "--config-env", CONFIG_ENV], {}, log)
    _STAMP.write_text(f"{sources} {_built_at()}")
    return True


def _built_at() -> int:
    """When the built template was written, also by hand; 0 when there is none."""
    return _BUILT_TEMPLATE.stat().st_mtime_ns if _BUILT_TEMPLATE.exists() else 0


def _digest_of_sources() -> str:
    digest = hashlib.sha256(sys.version.encode())
    for path in sorted(_source_files()):
        digest.update(f"{path.relative_to(ROOT)}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _source_files() -> Iterator[Path]:
    for name in _SOURCES:
        place = ROOT / name
        files = (place,) if place.is_file() else place.rglob("*")
        yield from (p for p in files if p.is_file() and "__pycache__" not in p.parts)


def deploy(env: Mapping[str, str], overrides: Mapping[str, str], log: Path) -> None:
    """Deploy the built template with these parameters.

    Raises:
        OperatorError: the deploy failed; names the log.
    """
    values = [f"{name}={value}" for name, value in overrides.items()]
    _sam(
        ["deploy", "--config-env", CONFIG_ENV, "--parameter-overrides", *values],
        dict(env),
        log,
    )


def _sam(arguments: list[str], env: dict[str, str], log: Path) -> None:
    # The environment's own python and pip must come first: sam looks for python3.13 on the PATH.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    full = {
        **os.environ,
        **env,
        "PATH": path,
        "SAM_CLI_TELEMETRY": "0",
        "SAM_CLI_POLL_DELAY": "0.5",
    }
    with log.open("ab") as stream:
        finished = subprocess.run(  # noqa: S603 - our own arguments
            [str(Path(sys.executable).parent / "sam"), *arguments],
            cwd=ROOT,
            env=full,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if finished.returncode != 0:
        raise OperatorError(f"sam {arguments[0]} failed: {_last_line(log)}", f"see {log}")


def _last_line(log: Path) -> str:
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1].strip() if lines else "no output"


def main() -> None:
    """Build once, so that the first run need not."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "sam.log"
        try:
            build(log)
        except OperatorError as error:
            sys.exit(f"tonearm: {error}\n{log.read_text(errors='replace')}")


if __name__ == "__main__":
    main()
