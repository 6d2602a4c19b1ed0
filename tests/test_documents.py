"""What is documented exists, and what exists is documented."""

from __future__ import annotations

import gzip
import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

import make_article
import make_workloads
from analysis.compare import Verdict
from flows.entry import app
from workloads import bundle, suite

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
COMMANDS = {name for name in app if not name.startswith("-")}


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.splitlines() if (ROOT / name).is_file()]


def test_the_readme_names_every_command_and_no_other():
    """A command nobody can find does not exist; one that does not exist must not be named."""
    named = set(re.findall(r"\bcrossover ([a-z-]+)", README))
    assert named == COMMANDS


def test_the_readme_names_every_option_of_run():
    """And each is an option that there is."""
    told = subprocess.run(
        [str(Path(sys.executable).parent / "crossover"), "run", "--help"], capture_output=True, text=True
    ).stdout
    options = set(re.findall(r"│ (--[a-z-]+)", told))
    assert len(options) >= 9
    assert options <= set(re.findall(r"--[a-z-]+", README))


def test_the_readme_names_every_variable():
    """Every CROSSOVER_ variable that the code reads, and no other."""
    rooms = [path for path in tracked() if path.suffix == ".py" and "tests" not in path.parts]
    read = {name for path in rooms for name in re.findall(r"CROSSOVER_[A-Z_]+", path.read_text())}
    assert set(re.findall(r"CROSSOVER_[A-Z_]+", README)) == read


def test_the_glossary_has_every_status_and_verdict():
    """One word, one meaning: those that a user meets in a table are explained."""
    glossary = (ROOT / "docs" / "glossary.md").read_text()
    for word in (*bundle.STATUSES, *get_args(Verdict)):
        assert f"`{word}`" in glossary, word


def test_the_changelog_tells_what_moves_numbers():
    """Under a heading of its own."""
    assert "### Method" in (ROOT / "CHANGELOG.md").read_text()


def test_contributing_is_short():
    """Under 70 lines, or nobody reads it."""
    assert len((ROOT / "CONTRIBUTING.md").read_text().splitlines()) < 70


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_what_a_document_points_to_is_there(document):
    """Pictures, files and modules named in backticks, links inside the repository."""
    text = document.read_text()
    named = re.findall(r"\]\((?!http|#)([^)]+)\)", text)
    named += re.findall(r"`((?:docs|workloads|analysis|storage|flows|dashboard|tests|deploy)/[\w./-]*)`", text)
    missing = [name for name in named if not (ROOT / name).exists() and not (document.parent / name).exists()]
    assert missing == []


def test_the_article_has_a_workload_for_each_of_its_examples():
    """Its three benchmarks and its three examples."""
    assert {
        "elementwise_chain",
        "matrix_chain",
        "mse_gradient",
        "broadcast_sum",
        "wave_gradient",
        "batched_score",
    } <= set(suite.names())


def test_the_article_is_up_to_date():
    """Its figures are those of the bundle that ships; `make documents` brings them in."""
    made = make_article.page(ROOT / "examples" / "article.jsonl")
    assert (ROOT / "docs" / "article.md").read_text() == made


def test_the_page_of_workloads_is_up_to_date():
    """It is made from the workloads' own files and the bundle that ships; `make documents` makes it again."""
    made = make_workloads.page(ROOT / "examples" / "suite.jsonl.gz")
    assert (ROOT / "docs" / "workloads.md").read_text() == made
    assert len(re.findall("^### ", made, re.MULTILINE)) == len(suite.names())


def test_the_readmes_table_is_a_real_one(tmp_path):
    """Line by line what `crossover show` prints of the bundle that ships."""
    command = str(Path(sys.executable).parent / "crossover")
    subprocess.run([command, "ingest", str(ROOT / "examples" / "article.jsonl")], check=True, capture_output=True)
    printed = subprocess.run([command, "show"], check=True, capture_output=True, text=True).stdout
    lines = [line.rstrip() for line in printed.splitlines()]
    shown = [line[4:] for line in README.splitlines() if re.match(r" +(numpy|jax_\w+) .* ms", line)]
    assert len(shown) == 3
    assert [line for line in shown if line not in lines] == []


def test_no_registry_and_no_path_of_a_machine_is_named():
    """The repository runs anywhere."""
    hosts = re.compile("|".join(("pypi" + r"\.org", "python" + "hosted", "registry" + r"\.npmjs", "deb" + r"\.debian")))
    paths = re.compile(r"(^|[\s\"'(])/(root|home|work)/\w")
    for path in tracked():
        if path.suffix in (".woff2", ".png"):
            continue
        text = gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text()
        assert not hosts.search(text), path
        assert not paths.search(text), path
