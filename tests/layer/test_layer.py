"""What AWS's managed layer "AWS SDK for pandas" 3.16.1 has, and what PublishRun takes of it."""

import importlib
import io
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from publish_run.parquet_facts import READABLE_CODECS
from tests.contract.template_reader import ROOT
from tonearm.build.requirements import RUNTIME_PACKAGES, TARGETS
from tonearm.local.cloud import lean_arrow

READS: dict[str, Callable[[io.BytesIO], Any]] = {
    "a file": lambda body: pq.ParquetFile(body).read(),
    "a column": lambda body: pq.ParquetFile(body).read(columns=["name"]),
    "a row group": lambda body: pq.ParquetFile(body).read_row_group(0),
    "row groups": lambda body: pq.ParquetFile(body).read_row_groups([0]),
    "batches": lambda body: list(pq.ParquetFile(body).iter_batches()),
    "a count": lambda body: pq.ParquetFile(body).scan_contents(),
    "a table": pq.read_table,
}
_EACH_READ = pytest.mark.parametrize("read", READS.values(), ids=READS.keys())


def parquet(codec: Any) -> io.BytesIO:
    body = io.BytesIO()
    pq.write_table(pa.table({"name": ["x"], "number": [1]}), body, compression=codec)
    body.seek(0)
    return body


def test_these_are_the_versions_of_the_layer_that_the_template_attaches() -> None:
    named = re.findall(
        r'layer "AWS SDK for pandas" ([\d.]+) for Python (\S+)',
        (ROOT / "template.yaml").read_text(),
    )

    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert named == [(distribution("awswrangler").version, here)]
    assert distribution("pyarrow").version == "22.0.0"


@_EACH_READ
@pytest.mark.parametrize("codec", ["zstd", "lz4", "brotli"])
def test_a_codec_the_layer_lacks_cannot_be_read(codec: str, read: Callable[..., Any]) -> None:
    assert pq.ParquetFile(parquet(codec)).metadata.num_rows == 1

    with pytest.raises(pa.ArrowNotImplementedError, match=rf"^Support for codec '{codec}' not"):
        read(parquet(codec))


@_EACH_READ
@pytest.mark.parametrize("codec", ["snappy", "gzip", "none"])
def test_the_codecs_the_layer_has_are_read(codec: str, read: Callable[..., Any]) -> None:
    assert read(parquet(codec)) is not None


def test_only_a_column_that_is_read_needs_its_codec() -> None:
    mixed = parquet({"name": "snappy", "number": "zstd"})

    assert pq.ParquetFile(mixed).read(columns=["name"]).num_rows == 1


def test_a_folder_of_files_is_held_to_the_codecs_too(tmp_path: Path) -> None:
    (tmp_path / "one.parquet").write_bytes(parquet("zstd").getvalue())

    with pytest.raises(pa.ArrowNotImplementedError, match="zstd"):
        pq.read_table(tmp_path)


def test_the_audit_takes_the_codecs_that_the_layer_has() -> None:
    assert READABLE_CODECS == lean_arrow.CODECS


@pytest.mark.parametrize("name", sorted(lean_arrow.MISSING))
def test_a_part_the_layer_lacks_cannot_be_imported(name: str) -> None:
    with pytest.raises(ModuleNotFoundError, match="not in AWS's pandas layer"):
        importlib.import_module(name)


@pytest.fixture
def on_lambda(tmp_path: Path) -> list[str]:
    """What a process of PublishRun imports from: its package, the layer, and the runtime's own."""
    names = set(RUNTIME_PACKAGES) | _needed_by("awswrangler")
    names |= {
        line.split("==")[0] for line in TARGETS["lambdas"].read_text().split() if "==" in line
    }
    for part in {part for name in names for part in _parts_of(name)}:
        (tmp_path / part.name).symlink_to(part)
    return [str(ROOT / "lambdas"), str(ROOT / "glue_jobs"), str(tmp_path)]


def test_publish_run_needs_nothing_but_its_package_the_layer_and_the_runtime(
    on_lambda: list[str],
) -> None:
    code = (
        f"import sys; sys.path[:0] = [{str(ROOT)!r}]\n"
        "from tonearm.local.cloud import lean_arrow; lean_arrow.install()\n"
        f"sys.path[:1] = {on_lambda!r}\n"
        "import publish_run.handler, publish_run.facts, publish_run.publish, publish_run.catalog"
    )

    done = subprocess.run(
        [sys.executable, "-I", "-S", "-W", "ignore", "-c", code],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr


def _needed_by(name: str) -> set[str]:
    """A package with all it needs; extras are not asked for."""
    found, waiting = {name}, [name]
    while waiting:
        for line in distribution(waiting.pop()).requires or ():
            other = re.split(r"[^\w.-]", line)[0]
            if "extra ==" not in line and other not in found and _is_here(other):
                found.add(other)
                waiting.append(other)
    return found


def _is_here(name: str) -> bool:
    try:
        distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def _parts_of(name: str) -> Iterator[Path]:
    """The folders and modules of a package where it is installed."""
    here = distribution(name)
    for file in here.files or ():
        first = file.parts[0]
        if first not in {"..", "__pycache__"}:
            yield Path(str(here.locate_file(first)))
