"""Summaries of measurements as a Parquet file: the one place that knows PyArrow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow
from pyarrow.parquet import ParquetWriter

#: Rows that are held in memory at a time, and lie together in the file.
GROUP = 20_000

#: Texts repeat: each is kept once, and numbered.
TEXT = pyarrow.dictionary(pyarrow.int32(), pyarrow.string())

#: Columns that hold neither text nor seconds.
TYPES = {
    "night": pyarrow.date32(),
    "again": pyarrow.bool_(),
    "workload_version": pyarrow.int64(),
    "size": pyarrow.float64(),
    "threads": pyarrow.int64(),
    "measured_at": pyarrow.timestamp("us", tz="UTC"),
    "peak_bytes": pyarrow.int64(),
    "device_peak_bytes": pyarrow.int64(),
    "load": pyarrow.float64(),
    "max_error": pyarrow.float64(),
    "ratio_to_numpy": pyarrow.float64(),
    "ratio_to_numpy_low": pyarrow.float64(),
    "ratio_to_numpy_high": pyarrow.float64(),
}


def write(path: Path, rows: Iterable[Sequence[Any]], columns: Sequence[str]) -> int:
    """Write rows of these columns, a group at a time; how many there were."""
    schema = pyarrow.schema([(name, kind(name)) for name in columns])
    texts = [field.name for field in schema if field.type == TEXT]
    written, rest = 0, iter(rows)
    with ParquetWriter(path, schema, compression="zstd", use_dictionary=texts) as writer:
        while group := list(islice(rest, GROUP)):
            arrays = [pyarrow.array(values, field.type) for values, field in zip(zip(*group), schema)]
            writer.write_table(pyarrow.Table.from_arrays(arrays, schema=schema))
            written += len(group)
    return written


def kind(column: str) -> pyarrow.DataType:
    """What a column of this name holds."""
    return TYPES.get(column, pyarrow.float64() if column.endswith("seconds") else TEXT)
