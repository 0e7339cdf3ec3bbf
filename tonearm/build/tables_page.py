"""Writes docs/tables.md from the SQL files: which table is computed from which, and its meaning."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tonearm.project import ROOT, SQL_FOLDER

PATH = ROOT / "docs" / "tables.md"
_DATABASE = r"<% database %>\."
_CREATED = re.compile(
    rf"create (?:or (?:alter|replace) )?(?:dynamic table|table if not exists|view)"
    rf"(?: if not exists)? {_DATABASE}(?P<name>(?:landing|core|mart)\.\w+)"
)
_NAMED = re.compile(rf"(?:from|join) {_DATABASE}((?:landing|core)\.\w+)")
_COMMENT = re.compile(r"^comment = '((?:[^']|'')*)'", re.MULTILINE)
HEAD = """# Tables

Which table is computed from which, and what a row of each means. Written by `make dictionary`
from the comments and queries of `snowflake/`; a test holds the two together. The columns of the
landing tables are in `docs/data-dictionary.md`.

Landing is append-only, filled by one pipe per table. Core is dynamic tables, each a pure function
of landing: loads in any order, twice, or purged later need no repair. Marts are views.
"""


@dataclass(frozen=True)
class Table:
    """One table, dynamic table or view.

    Attributes:
        name: schema and name.
        meaning: grain and meaning, as its comment says.
        sources: the tables its query names.
    """

    name: str
    meaning: str
    sources: tuple[str, ...]


def tables(folder: Path = SQL_FOLDER) -> dict[str, Table]:
    """Every landing, core and mart table of the SQL files, in their order."""
    found = {}
    for file in sorted(folder.glob("[0-9]*.sql")):
        text = file.read_text(encoding="utf-8")
        created = _CREATED.search(text)
        meaning = _COMMENT.search(text.replace("\n    comment", "\ncomment"))
        if created and meaning:
            sources = tuple(sorted(set(_NAMED.findall(text))))
            found[created["name"]] = Table(created["name"], meaning[1].replace("''", "'"), sources)
    return found


def picture() -> str:
    """The whole page."""
    found = tables()
    return "\n".join([HEAD, *_drawing(found), "", *_meanings(found)]) + "\n"


def _drawing(found: Mapping[str, Table]) -> list[str]:
    lines = ["```mermaid", "flowchart LR"]
    for schema in ("landing", "core", "mart"):
        lines.append(f"    subgraph {schema}")
        lines += [f'        {_node(name)}["{name.split(".")[1]}"]' for name in _of(found, schema)]
        lines.append("    end")
    for table in found.values():
        lines += [f"    {_node(source)} --> {_node(table.name)}" for source in table.sources]
    return [*lines, "```"]


def _meanings(found: Mapping[str, Table]) -> list[str]:
    lines = ["| table | what it is |", "|---|---|"]
    return [*lines, *(f"| `{table.name}` | {table.meaning} |" for table in found.values())]


def _of(found: Mapping[str, Table], schema: str) -> list[str]:
    return [name for name in found if name.startswith(f"{schema}.")]


def _node(name: str) -> str:
    return name.replace(".", "_")


if __name__ == "__main__":
    PATH.write_text(picture(), encoding="utf-8")
