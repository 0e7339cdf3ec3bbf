"""Where the project's parts lie on this machine."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = ROOT / "template.yaml"
SQL_FOLDER = ROOT / "snowflake"
LAMBDAS = ROOT / "lambdas"
GLUE_JOBS = ROOT / "glue_jobs"


def use_pipeline_code() -> None:
    """Make the functions' and the Glue jobs' shared packages importable by the command line."""
    for folder in (str(GLUE_JOBS), str(LAMBDAS)):
        if folder not in sys.path:
            sys.path.insert(0, folder)
