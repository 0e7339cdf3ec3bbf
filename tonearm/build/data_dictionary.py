"""Writes `docs/data-dictionary.md` from the column contract."""

import sys
from pathlib import Path

from tonearm.project import ROOT, use_pipeline_code

PATH = ROOT / "docs" / "data-dictionary.md"
HEAD = """# Data dictionary

The columns of the curated Parquet files and of the Snowflake landing tables, which add
`source_file`, `source_row` and `loaded_at`. Written by `make dictionary` from
`glue_jobs/tonearm_glue/contract.py`; a test holds the two together. Unknown is NULL, never 0.
Column contract {version}.
"""


def dictionary() -> str:
    """The whole page."""
    use_pipeline_code()
    from tonearm_glue import contract

    parts = [HEAD.format(version=contract.CONTRACT_VERSION)]
    for entity in (*contract.ENTITIES, contract.QUARANTINE):
        parts.append(f"## {entity.name}\n\n{entity.grain} Key: `{', '.join(entity.key)}`.\n")
        lines = [
            "| column | type | unit | required | meaning | since |",
            "|---|---|---|---|---|---|",
        ]
        lines += [
            f"| `{column.name}` | {column.kind} | {column.unit} |"
            f" {'yes' if column.is_required else ''} | {column.meaning} | {column.since} |"
            for column in entity.columns
        ]
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def write(path: Path = PATH) -> None:
    """Write the page."""
    path.write_text(dictionary())
    sys.stdout.write(f"{path.relative_to(ROOT)}\n")


if __name__ == "__main__":
    write()
