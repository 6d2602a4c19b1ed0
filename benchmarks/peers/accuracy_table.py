"""The tables of `benchmarks/accuracy.py`, from what it has written down."""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

Row = dict[str, Any]
Z = statistics.NormalDist().inv_cdf(0.975)


def read(path: Path) -> list[Row]:
    """What has been measured so far; nothing for a file that is not there."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def text(rows: Sequence[Row]) -> str:
    """One table in Markdown: a line for each tool, and how it was measured below."""
    works = sorted({row["work"] for row in rows} - {1.0})
    titles = ["tool", "A/A spread", "NumPy, JAX", "bias", "95 % interval holds 1", "false alarms"]
    titles += [f"sees {work - 1:.0%}" for work in works] + ["wall s", "to ±1 %, at that spread"]
    lines = [titles, ["---"] * len(titles)]
    for tool in dict.fromkeys(row["tool"] for row in rows):
        lines.append([tool, *_cells([row for row in rows if row["tool"] == tool], works)])
    loads = [row["load"] for row in rows]
    note = (
        f"{len({row['kernel'] for row in rows})} kernels; neighbours: {rows[0]['neighbours']}; "
        f"load {min(loads):.1f} to {max(loads):.1f}"
    )
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + f"\n\n{note}"


def _cells(rows: Sequence[Row], works: Sequence[float]) -> list[str]:
    same = [row for row in rows if row["work"] == 1.0]
    logs = [math.log(row["ratio"]) for row in same]
    spread = math.sqrt(statistics.fmean(log**2 for log in logs))
    bias = statistics.fmean(logs)
    error = Z * statistics.stdev(logs) / math.sqrt(len(logs)) if len(logs) > 1 else math.nan
    wall = statistics.fmean(row["wall_seconds"] for row in rows)
    known = [row for row in same if row["low"] is not None]
    holds = sum(row["low"] <= 1 <= row["high"] for row in known)
    return [
        f"{spread:.1%}",
        ", ".join(_spread([row for row in same if row["kernel"].startswith(library)]) for library in ("numpy", "jax")),
        f"{bias:+.1%} ± {error:.1%}",
        f"{holds} of {len(known)}" if known else "–",
        _verdicts(same, ("slower", "faster")),
        *(_verdicts([row for row in rows if row["work"] == work], ("slower",)) for work in works),
        f"{wall:.1f}",
        f"{wall * max(1.0, (Z * spread / 0.01) ** 2):.0f} s",
    ]


def _spread(rows: Sequence[Row]) -> str:
    """Root mean square of the log ratios: the truth is 0."""
    return f"{math.sqrt(statistics.fmean(math.log(row['ratio']) ** 2 for row in rows)):.1%}" if rows else "–"


def _verdicts(rows: Sequence[Row], counted: Sequence[str]) -> str:
    """In how many of the pairs a tool said so, by each of its criteria."""
    criteria = dict.fromkeys(name for row in rows for name in row["verdicts"])
    parts = []
    for name in criteria:
        judged = [row for row in rows if name in row["verdicts"]]
        hits = sum(row["verdicts"][name] in counted for row in judged)
        parts.append(f"{hits} of {len(judged)}" + (f" ({name})" if len(criteria) > 1 else ""))
    return ", ".join(parts) or "–"
