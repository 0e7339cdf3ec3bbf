"""The table of the proofs, and what is made of it."""

import re
import shlex
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
_BEGIN, _END = "<!-- proofs, from tests/proofs/proofs.toml -->\n", "<!-- end of proofs -->\n"


@dataclass(frozen=True)
class Proof:
    """A proof: how to run it whole and in a bounded size, and how its last line looks when good."""

    name: str
    shows: str
    whole: str
    bounded: str
    seconds: int
    last_line: str

    @property
    def target(self) -> str:
        """The make target."""
        return shlex.split(self.whole)[1]

    @property
    def command(self) -> list[str]:
        """The bounded command; `make proofs` has set up already."""
        make, *words = shlex.split(self.bounded)
        return [make, "--no-print-directory", "--old-file=setup", *words]

    def is_good(self, line: str) -> bool:
        """Whether this last line says that all is well."""
        return re.search(self.last_line, line) is not None


def proofs() -> list[Proof]:
    """All of them, in the order they are run."""
    table = tomllib.loads(Path(__file__).with_name("proofs.toml").read_text())
    return [Proof(**row) for row in table["proof"]]


def readme_with_list() -> str:
    """README.md with the list of the proofs as the table has it."""
    before, _, rest = README.read_text().partition(_BEGIN)
    _, _, after = rest.partition(_END)
    rows = [f"| `{proof.whole}` | {proof.shows} |" for proof in proofs()]
    lines = ["| whole | what it does |", "|---|---|", *rows]
    return f"{before}{_BEGIN}\n" + "\n".join(lines) + f"\n\n{_END}{after}"


if __name__ == "__main__":
    README.write_text(readme_with_list())
