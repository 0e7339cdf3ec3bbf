"""Takes from PyPI's pyarrow what the Arrow of AWS's managed pandas layer is built without.

That layer ("AWS SDK for pandas") builds its own Arrow: of codecs it has snappy and zlib alone, and
of the parts beside Parquet neither S3 and its like nor ORC, Flight, Substrait or encryption
(aws/aws-sdk-pandas at 3.16.1, building/lambda/build-lambda-layer.sh: ARROW_WITH_..., PYARROW_WITH_
..., and what Arrow leaves out by default). As there, a footer opens whatever its columns are packed
with, and reading such a column raises ArrowNotImplementedError. One thing is stricter: a dataset,
which reads inside Arrow, raises already when it is opened. Nothing is taken from writing.
"""

import sys
from collections.abc import Callable, Iterable, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any, Final

CODECS: Final = ("SNAPPY", "GZIP", "UNCOMPRESSED")
"""What the layer's Arrow can unpack, in the words of a Parquet footer."""

MISSING: Final = frozenset(
    f"pyarrow.{name}"
    for name in (
        *("_azurefs", "_gcsfs", "_hdfs", "_s3fs"),
        *("_cuda", "_flight", "_gandiva", "_orc", "_substrait"),
        *("_dataset_orc", "_dataset_parquet_encryption", "_parquet_encryption"),
    )
)
"""The compiled parts that the layer does not have; pyarrow itself does without them."""


class TooLateError(RuntimeError):
    """Arrow was imported before anything could be taken from it."""


def install() -> None:
    """Take it away in this process, from the first import of pyarrow on.

    Raises:
        TooLateError: pyarrow was imported before.
    """
    if "pyarrow" in sys.modules:
        raise TooLateError("pyarrow is imported already: install the layer's limits first")
    sys.meta_path.insert(0, _Finder())


class _Finder(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname in MISSING:
            raise ModuleNotFoundError(f"{fullname} is not in AWS's pandas layer", name=fullname)
        if fullname not in _CHANGES:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec and spec.loader:
            _change_when_loaded(spec.loader, _CHANGES[fullname])
        return spec


def _change_when_loaded(loader: Any, change: Callable[[Any], None]) -> None:
    load = loader.exec_module

    def exec_module(module: ModuleType) -> None:
        load(module)
        change(module)

    loader.exec_module = exec_module


def _limit_files(parquet: Any) -> None:
    """Every `pyarrow.parquet.ParquetFile` reads through this class."""

    class LeanReader(parquet.ParquetReader):  # type: ignore[misc]
        def read_all(self, column_indices: Any = None, *rest: Any, **options: Any) -> Any:
            _refuse(self.metadata, range(self.num_row_groups), column_indices)
            return super().read_all(column_indices, *rest, **options)

        def read_row_groups(
            self, row_groups: Any, column_indices: Any = None, *rest: Any, **options: Any
        ) -> Any:
            _refuse(self.metadata, row_groups, column_indices)
            return super().read_row_groups(row_groups, column_indices, *rest, **options)

        def iter_batches(
            self, batch_size: int, row_groups: Any, column_indices: Any = None, **options: Any
        ) -> Any:
            _refuse(self.metadata, row_groups, column_indices)
            return super().iter_batches(batch_size, row_groups, column_indices, **options)

        def scan_contents(self, column_indices: Any = None, *rest: Any, **options: Any) -> Any:
            _refuse(self.metadata, range(self.num_row_groups), column_indices)
            return super().scan_contents(column_indices, *rest, **options)

    parquet.ParquetReader = LeanReader


def _limit_datasets(dataset: Any) -> None:
    """`pyarrow.parquet.read_table` reads through one of these two."""
    opened = dataset.dataset

    def refused(found: Any) -> Any:
        for fragment in getattr(found, "get_fragments", tuple)():
            metadata = getattr(fragment, "metadata", None)
            if metadata is not None:
                _refuse(metadata, range(metadata.num_row_groups), None)
        return found

    class LeanDataset(dataset.FileSystemDataset):  # type: ignore[misc]
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            refused(self)

    dataset.dataset = lambda *args, **options: refused(opened(*args, **options))
    dataset.FileSystemDataset = LeanDataset


def _refuse(metadata: Any, row_groups: Iterable[int], columns: Iterable[int] | None) -> None:
    from pyarrow import ArrowNotImplementedError

    chosen = range(metadata.num_columns) if columns is None else list(columns)
    for number in row_groups:
        group = metadata.row_group(number)
        for column in chosen:
            codec = group.column(column).compression
            if codec not in CODECS:
                raise ArrowNotImplementedError(f"Support for codec '{codec.lower()}' not built")


_CHANGES: Final = {"pyarrow.parquet.core": _limit_files, "pyarrow.dataset": _limit_datasets}
