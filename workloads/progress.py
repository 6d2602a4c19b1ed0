"""What a run says while it goes on: a line for each case that is done."""

from __future__ import annotations

from collections.abc import Sequence

from workloads import bundle, figures

#: Of more sides than this a line says only how far apart they are.
MOST_SIDES = 6


def progress(position: int, count: int, measured: Sequence[bundle.Measurement], minutes: float = 0.0) -> str:
    """One line for what is done: `[3/12] matrix_chain n=128 float32: numpy 92.1 µs, jax_jit 61.4 µs`.

    minutes: that the rest will take, said where it is more than one.
    """
    first = measured[0]
    left = f", {minutes:.0f} min left" if minutes > 1 else ""
    parts = each(measured) if len(measured) <= MOST_SIDES else ranges(measured)
    return f"[{position}/{count}{left}] {first.workload} {figures.case_text(first.case)}: " + ", ".join(parts)


def each(measured: Sequence[bundle.Measurement]) -> list[str]:
    """Every side with its seconds, or why it has none; with its environment, where there are several."""
    several = len({line.environment for line in measured}) > 1
    return [
        f"{line.environment} {line.variant} {told(line)}" if several else f"{line.variant} {told(line)}"
        for line in measured
    ]


def ranges(measured: Sequence[bundle.Measurement]) -> list[str]:
    """Of each variant the fastest and the slowest environment, and how many have no number."""
    parts = []
    for variant in dict.fromkeys(line.variant for line in measured):
        sides = [line for line in measured if line.variant == variant]
        timed = sorted((line for line in sides if line.seconds), key=lambda line: line.seconds or 0.0)
        if timed:
            ends = [f"{told(end)} ({end.environment})" for end in (timed[0], timed[-1])]
            parts.append(f"{variant} " + " to ".join(dict.fromkeys(ends)))
        if len(timed) < len(sides):
            parts.append(f"{variant} without a number in {len(sides) - len(timed)}")
    return parts


def told(line: bundle.Measurement) -> str:
    return figures.seconds_text(line.seconds) if line.seconds else line.status
