"""A local function's process has of Arrow what AWS's pandas layer has."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tonearm.local.cloud import lean_arrow, patches


def said_by_a_function(code: str) -> str:
    """What a Python function's process prints in which this code runs."""
    script = patches.with_lean_arrow(code)
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return done.stdout


@pytest.mark.parametrize(
    ("codec", "said"),
    [("zstd", "1 ArrowNotImplementedError Support for codec 'zstd' not built"), ("snappy", "1 1")],
)
def test_a_function_reads_the_codecs_of_the_layer_alone(
    codec: Any, said: str, tmp_path: Path
) -> None:
    file = tmp_path / "one.parquet"
    pq.write_table(pa.table({"name": ["x"]}), file, compression=codec)

    found = said_by_a_function(
        "import pyarrow.parquet as pq\n"
        f"file = pq.ParquetFile({str(file)!r})\n"
        "try: print(file.metadata.num_rows, file.read().num_rows)\n"
        "except Exception as error: print(1, type(error).__name__, error)"
    )

    assert found.strip() == said


def test_a_function_has_no_s3_of_arrow() -> None:
    found = said_by_a_function(
        "from pyarrow import fs\ntry: fs.S3FileSystem\nexcept ImportError: print('none')"
    )

    assert found == "none\n"


def test_limits_that_come_after_arrow_are_refused() -> None:
    with pytest.raises(lean_arrow.TooLateError, match="imported already"):
        lean_arrow.install()
