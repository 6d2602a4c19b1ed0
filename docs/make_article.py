"""Put this machine's figures into docs/article.md: everything between its two `measured` marks.

    python docs/make_article.py examples/article.jsonl

The bundle is one that this wrote:

    crossover run --suite nightly --env "numpy==2.4.3,jax==0.9.2" \\
        --workload elementwise_chain --workload matrix_chain --workload mse_gradient
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from analysis.compare import verdict
from shipped import read
from workloads.figures import ratio_text, run_text, seconds_text, size_text

PAGE = Path(__file__).parent / "article.md"
START, END = "<!-- measured: start -->", "<!-- measured: end -->"
WORKLOADS = ("elementwise_chain", "matrix_chain", "mse_gradient")

# the article's milliseconds
ARTICLE_NUMPY, ARTICLE_EAGER = 2.806, 62.744
ARTICLE_FIRST, ARTICLE_LATER = 57.962, 3.765
ARTICLE_BY_HAND, ARTICLE_GRADIENT = 0.715, 0.311


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("bundle", type=Path, help="a bundle with the article's three benchmarks at all their sizes")
    PAGE.write_text(page(parser.parse_args().bundle))
    print(PAGE.name, "is up to date")


def page(bundle: Path) -> str:
    """The page's text with the figures of this bundle in it."""
    before, _, rest = PAGE.read_text().partition(START)
    after = rest.partition(END)[2]
    return f"{before}{START}\n{text(*read(bundle))}\n{END}{after}"


def text(run: Any, environment: Any, rows: list[Any]) -> str:
    machine = run.machine_description
    loads = [row.load for row in rows if row.load is not None]
    parts = [
        f"Measured {run.started_at:%Y-%m-%d %H:%M} UTC on {machine['cores']} cores of an {machine['processor']} "
        f"({machine['memory_gib']} GiB, shared; load {min(loads):.1f} to {max(loads):.1f}), "
        f"Python {environment.python}, NumPy {environment.numpy}, JAX {environment.jax}, run `{run_text(run.uuid)}`.",
        "",
        "## The article's ratios, looked for",
        "",
        *ratios(rows),
        "",
        *first_call_in_the_mean(rows),
        "",
        "## All figures",
        "",
    ]
    for workload in WORKLOADS:
        parts += [f"**{workload}**", "", *table([row for row in rows if row.workload == workload]), ""]
    return "\n".join(parts).rstrip()


def ratios(rows: list[Any]) -> list[str]:
    """Each of the article's ratios beside what it is here, size by size."""
    by = {(row.workload, row.size, row.variant): row for row in rows}
    sizes = {workload: sorted({row.size for row in rows if row.workload == workload}) for workload in WORKLOADS}
    eager = by["elementwise_chain", 1_000_000, "jax_eager"]
    lines = [
        "| ratio | the article | n | here |",
        "| --- | --: | --: | --- |",
        f"| eager JAX / NumPy | {ratio_text(ARTICLE_EAGER / ARTICLE_NUMPY)} | 1,000,000 | "
        f"{ratio_text(eager.ratio, eager.ratio_low, eager.ratio_high)} |",
    ]
    name, told = "first call / later call, compiled", ratio_text(ARTICLE_FIRST / ARTICLE_LATER)
    for size in sizes["matrix_chain"]:
        row = by["matrix_chain", size, "jax_jit"]
        lines.append(f"| {name} | {told} | {size_text(size)} | {ratio_text(row.first_call_seconds / row.seconds)} |")
        name = told = ""
    name, told = "compiled gradient / NumPy by hand", ratio_text(ARTICLE_GRADIENT / ARTICLE_BY_HAND)
    for size in sizes["mse_gradient"]:
        row = by["mse_gradient", size, "jax_jit"]
        lines.append(
            f"| {name} | {told} | {size_text(size)} | {ratio_text(row.ratio, row.ratio_low, row.ratio_high)} |"
        )
        name = told = ""
    return lines


def table(rows: list[Any]) -> list[str]:
    """One row per size and variant."""
    lines = [
        "| n | variant | seconds per call | first call | ratio to numpy | verdict |",
        "| --: | --- | --- | --: | --- | --- |",
    ]
    for row in rows:
        word = verdict(row.ratio, row.ratio_low, row.ratio_high) if row.ratio else ""
        cells = (
            size_text(row.size),
            f"`{row.variant}`",
            seconds_text(row.seconds, row.low_seconds, row.high_seconds),
            seconds_text(row.first_call_seconds),
            ratio_text(row.ratio, row.ratio_low, row.ratio_high) if row.ratio else "",
            word,
        )
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def first_call_in_the_mean(rows: list[Any]) -> list[str]:
    """What eager JAX's mean over k calls is when the first one is among them, at the article's size."""
    at_size = {row.variant: row for row in rows if row.workload == "elementwise_chain" and row.size == 1_000_000}
    numpy, eager = at_size["numpy"], at_size["jax_eager"]
    lines = [
        "**The first call inside the mean** (eager JAX, n = 1,000,000: one first call and k − 1 later ones)",
        "",
        "| calls averaged | mean | ratio to numpy |",
        "| --: | --: | --: |",
        f"| the article's | {seconds_text(ARTICLE_EAGER / 1e3)} | {ratio_text(ARTICLE_EAGER / ARTICLE_NUMPY)} |",
    ]
    for calls in (1, 3, 5, 10, 20, 100):
        mean = (eager.first_call_seconds + (calls - 1) * eager.seconds) / calls
        lines.append(f"| {calls} | {seconds_text(mean)} | {ratio_text(mean / numpy.seconds)} |")
    lines.append(f"| none of them the first | {seconds_text(eager.seconds)} | {ratio_text(eager.ratio)} |")
    return lines


if __name__ == "__main__":
    main()
