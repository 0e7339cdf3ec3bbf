"""Writes `docs/licences.md`: the licence of each package that is shipped to AWS Lambda.

By hand, since pip-licenses lists what is installed here, not what the layers pin, and leaves each
licence's name as the package spells it: the page would still have to be filtered and named.
"""

import re
import sys
from importlib.metadata import PackageMetadata, metadata
from pathlib import Path
from typing import NamedTuple

from tonearm.build.requirements import TARGETS
from tonearm.project import ROOT

PATH = ROOT / "docs" / "licences.md"
HEAD = """# Licences of what is shipped

The packages in the functions' package, its layers and the Glue jobs' zip, at the versions of
`uv.lock`, with the licence each names in its own metadata. Written by `make licences`; a test holds
the two together and refuses a licence it does not know. Tonearm itself is under Apache 2.0. What
runs on one machine only, and the AWS-managed layer that PublishRun takes, is not shipped.
"""
# Of the forms a package may say it in, each as its SPDX name.
_SPOKEN = {
    "Apache Software License": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "MIT License": "MIT",
    "MIT No Attribution License (MIT-0)": "MIT-0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}
ACCEPTED = frozenset(
    {"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MIT-0", "MPL-2.0", "PSF-2.0"}
)
_PINNED = re.compile(r"^([A-Za-z0-9_.-]+)==", re.MULTILINE)
_CLASSIFIER = "License :: OSI Approved :: "


class Shipped(NamedTuple):
    """One package.

    Attributes:
        name: the package.
        version: of the lock.
        licences: SPDX names; any one of them may be chosen, empty when it names none.
    """

    name: str
    version: str
    licences: tuple[str, ...]

    @property
    def is_accepted(self) -> bool:
        """Whether one of its licences allows shipping it with a program under Apache 2.0."""
        return bool(ACCEPTED & set(self.licences))


def shipped() -> list[Shipped]:
    """Every package of the functions' package and the layers, by name."""
    texts = [path.read_text() for path in TARGETS.values()]
    names = {name for text in texts for name in _PINNED.findall(text)}
    return [package(metadata(name)) for name in sorted(names)]


def package(told: PackageMetadata) -> Shipped:
    """A package as its metadata tells it: an expression, else classifiers, else a free text."""
    expression = told.get("License-Expression")
    if expression:
        found = expression.split(" OR ")
    else:
        classifiers = told.get_all("Classifier") or []
        found = [c.removeprefix(_CLASSIFIER) for c in classifiers if c.startswith(_CLASSIFIER)]
        found = found or [(told.get("License") or "").partition("\n")[0]]
    return Shipped(
        told["Name"].lower().replace("_", "-"),
        told["Version"],
        tuple(_SPOKEN.get(one.strip(), one.strip()) for one in found if one.strip()),
    )


def page() -> str:
    """The whole page."""
    rows = [f"| {p.name} | {p.version} | {' or '.join(p.licences)} |" for p in shipped()]
    return "\n".join([HEAD, "| package | version | licence |", "|---|---|---|", *rows]) + "\n"


def write(path: Path = PATH) -> None:
    """Write the page."""
    path.write_text(page())
    sys.stdout.write(f"{path.relative_to(ROOT)}\n")


if __name__ == "__main__":
    write()
