"""How many bytes does a database keep of a measurement's processes? Of the shipped suite.

    python -m benchmarks.packing

What is known of them (seed, first call with its phases, transfers, memory, warm-up) is a JSON document: as text, packed
as it is stored, and packed with the digits that are kept today, those of samples: `examples/suite.jsonl.gz` is older.
Beside it, the samples. Takes three seconds and times nothing.
"""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

from sqlalchemy.dialects import sqlite

from storage.processes import samples
from storage.schema import valid_lines
from storage.types import Packed
from workloads import bundle

SUITE = Path(__file__).parent.parent / "examples" / "suite.jsonl.gz"


def main() -> None:
    lines = (line for line in valid_lines(SUITE) if isinstance(line, bundle.Measurement) and line.processes)
    kept = [sizes(line) for line in lines]
    print(f"{len(kept):,} measurements, bytes each:\n\n| what | bytes |\n| --- | --- |")
    for what in kept[0]:
        print(f"| {what} | {sum(size[what] for size in kept) / len(kept):,.0f} |")


def sizes(line: bundle.Measurement) -> dict[str, int]:
    """What one measurement takes, in bytes."""
    stored = samples(line.processes)
    packed = _packed(stored["processes"])
    return {
        "what is known of processes, as text": len(zlib.decompress(packed)),
        "packed, as it was measured": len(packed),
        "packed, with the digits of samples": len(_packed([bundle.kept_facts(one) for one in stored["processes"]])),
        "samples": len(stored["seconds"]),
    }


def _packed(facts: list[dict[str, Any]]) -> bytes:
    """As it goes into the database: on Postgres too."""
    return Packed().process_bind_param(facts, sqlite.dialect()) or b""


if __name__ == "__main__":
    main()
