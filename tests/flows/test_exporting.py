"""Runs travel as bundles, and other programs read what was measured."""

import gzip
import json
import shutil
from pathlib import Path

import pyarrow.parquet
import pytest
from sqlalchemy import update

from flows import entry
from storage import database, models
from storage.derived import DERIVED
from tests import builders
from tests.contents import contents


def crossover(*arguments):
    """The command in this process: its exit code."""
    with pytest.raises(SystemExit) as ended:
        entry.main([str(argument) for argument in arguments])
    return ended.value.code


def held(url):
    engine = database.open_database(url)
    try:
        return contents(engine)
    finally:
        engine.dispose()


@pytest.fixture(scope="module")
def three_runs(tmp_path_factory):
    """A database with three runs: two of a machine, one of another that was cut short."""
    file = tmp_path_factory.mktemp("three") / "crossover.db"
    lines = [builders.a_measurement("numpy"), builders.a_measurement("jax_jit", seconds=5e-4, spread=None)]
    hole = builders.a_measurement("jax_eager", status="timed_out", reason="too <b>slow</b>")
    for day, said in ((1, {"machine": "otter"}), (2, {"machine": "otter"}), (3, {"finished": False})):
        started = {"started_at": f"2026-03-0{day}T02:00:00Z", "run": f"00000000-0000-4000-8000-00000000000{day}"}
        builders.stored(f"sqlite:///{file}", [*lines, hole], **started, **said)
    return file


@pytest.fixture
def url(home, three_runs):
    """The address of a copy of it that is this home's."""
    home.mkdir()
    shutil.copy(three_runs, home / "crossover.db")
    return f"sqlite:///{home / 'crossover.db'}"


def test_all_runs_travel_to_another_home(url, tmp_path, capsys, monkeypatch):
    """One file a run; there each table is what it was here, but for what is worked out from the others."""
    folder = tmp_path / "out" / "bundles"
    assert crossover("export", "-o", folder) == 0
    files = sorted(folder.iterdir())
    assert [path.name[:8] for path in files] == ["20260301", "20260302", "20260303"]
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.splitlines()[2] == f"[3/3] run 00000003: {files[2].name}, 3 measurements"
    monkeypatch.setenv("CROSSOVER_HOME", str(tmp_path / "other"))
    assert crossover("ingest", *files) == 1  # one was cut short
    here, there = held(url), held(f"sqlite:///{tmp_path}/other/crossover.db")
    assert [name for name in here if here[name] != there[name] and name not in DERIVED] == []


@pytest.mark.parametrize(
    ("chosen", "days"),
    [
        (("00000002",), ["02"]),
        (("00000003", "00000001", "00000001"), ["01", "03"]),
        (("--machine", "otter"), ["01", "02"]),
        (("--since", "2026-03-02"), ["02", "03"]),
        (("--since", "2026-03-02", "--machine", "otter"), ["02"]),
    ],
)
def test_runs_are_chosen(url, tmp_path, chosen, days):
    """By the ends of their identities, or by machine and night."""
    assert crossover("export", *chosen, "-o", tmp_path / "out") == 0
    assert sorted(path.name[6:8] for path in (tmp_path / "out").iterdir()) == days


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nope",), "there is no run 'nope'"),
        (("00000001", "--machine", "otter"), "not both"),
        (("--machine", "badger"), "there is no such run: of machines, there are otter, vm"),
        (("--environment", "current"), "--environment goes with --pyperf"),
        (("00000001", "--pyperf", "x.json", "--environment", "new"), "no environment 'new' in this run: 'current'"),
        (("--pyperf", "x.json"), "--pyperf writes one run"),
        (("--workload", "softmax"), "--workload goes with --pyperf"),
        (("00000001", "--pyperf", "x.json", "--workload", "softmax"), "has no samples of softmax"),
        (("--parquet", "x", "--pyperf", "y"), "choose one"),
        (("--since", "yesterday"), "since"),
        (("--parquet", "file/x"), "cannot write file/x"),
        (("--parquet", "file"), "file is there already"),
    ],
)
def test_what_cannot_be_exported_is_said(url, tmp_path, capsys, monkeypatch, arguments, said):
    """In one line, with exit code 2; no file is made."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    Path("file").write_text("in the way")
    assert crossover("export", *arguments) == 2
    printed = capsys.readouterr()
    assert said in printed.err
    assert (printed.err.count("\n"), printed.out) == (1, "")
    assert [path.read_text() for path in Path().iterdir()] == ["in the way"]


def test_a_file_that_is_there_is_written_anew_only_on_request(url, tmp_path, capsys):
    """Else it is left, and that is counted: what was to be there is there."""
    assert crossover("export", "00000001", "-o", tmp_path / "out") == 0
    (path,) = (tmp_path / "out").iterdir()
    whole = path.read_text()
    path.write_text("mine")
    assert crossover("export", "-o", tmp_path / "out", "--json") == 0
    printed = capsys.readouterr()
    assert printed.err.splitlines()[-1] == "1 there already, left as they are: --overwrite writes them anew"
    told = json.loads(printed.out)
    assert [(one["measurements"], one["is_there_already"]) for one in told] == [(0, True), (3, False), (3, False)]
    assert told[0]["file"] == str(path)
    assert path.read_text() == "mine"
    assert crossover("export", "00000001", "-o", tmp_path / "out", "--overwrite") == 0
    assert path.read_text() == whole


def test_a_run_that_cannot_be_written_leaves_no_file(url, tmp_path, capsys):
    """And does not stop the others; what was pruned is said, and how much."""
    engine = database.open_database(url)
    with engine.begin() as connection:
        for number, seconds in ((1, b""), (2, b"1234")):
            connection.execute(update(models.Samples).filter_by(run_id=number).values(seconds=seconds))
    engine.dispose()
    assert crossover("export", "-o", tmp_path / "out") == 1
    pruned, damaged, whole = capsys.readouterr().err.splitlines()
    assert pruned.endswith("3 measurements; the samples of 2 were pruned, and are not in it")
    assert "run 00000002: the samples of broadcast_sum jax_jit at 1024 are damaged" in damaged
    assert whole.endswith("3 measurements")
    assert sorted(path.name[:8] for path in (tmp_path / "out").iterdir()) == ["20260301", "20260303"]


def test_what_would_be_refused_is_not_written(url, tmp_path, capsys):
    """An older release may have stored what is no bundle any more."""
    engine = database.open_database(url)
    with engine.begin() as connection:
        connection.execute(update(models.Run).values(uuid="{" + models.Run.uuid + "}"))
    engine.dispose()
    assert crossover("export", "00000001}", "-o", tmp_path / "out") == 1
    assert "as a bundle it would be refused" in capsys.readouterr().err
    assert list((tmp_path / "out").iterdir()) == []


def test_one_bad_file_does_not_stop_the_others(home, tmp_path, capsys):
    """`crossover ingest` names it, with its line and the reason; nothing of it is stored. Twice is as once."""
    lines = [builders.a_measurement("numpy"), builders.a_measurement("jax_jit")]
    good = builders.a_bundle(tmp_path / "good.jsonl", lines)
    bad = builders.a_bundle(tmp_path / "bad.jsonl", lines, finished=False)
    bad.write_text(bad.read_text().replace('"threads":2,', '"threads":2,"thr\\u001b[31m":2,', 1))
    packed = tmp_path / "packed.jsonl.gz"
    packed.write_bytes(gzip.compress(builders.a_bundle(tmp_path / "other.jsonl", lines).read_bytes()))
    arguments = ("ingest", tmp_path / "none.jsonl", bad, tmp_path, good, packed)
    assert crossover(*arguments) == 1
    said = capsys.readouterr().err.splitlines()
    assert said[0] == f"refused: cannot read {tmp_path}/none.jsonl (No such file or directory)"
    assert said[1].startswith("refused: bad.jsonl, line 2: thr?[31m: ")
    assert said[2] == f"refused: {tmp_path} is not a file"
    assert [line.partition(":")[0] for line in said[3:5]] == ["good.jsonl", "packed.jsonl.gz"]
    assert said[5] == "3 of 5 refused: nothing of them is stored"
    before = held(f"sqlite:///{home / 'crossover.db'}")
    assert len(before["run"]) == 2
    assert crossover(*arguments) == 1
    assert "good.jsonl: run" in capsys.readouterr().err
    assert held(f"sqlite:///{home / 'crossover.db'}") == before


def test_a_file_that_was_cut_off_is_said(home, tmp_path, capsys):
    """What there is of it is stored; the whole file brings the rest, and then a piece of it is nothing to mend."""
    lines = [builders.a_measurement("numpy"), builders.a_measurement("jax_jit")]
    path = builders.a_bundle(tmp_path / "run.jsonl", lines)
    whole = path.read_bytes()
    piece = tmp_path / "piece.jsonl"
    rows = whole.splitlines(keepends=True)
    piece.write_bytes(b"".join(rows[:2]) + rows[2][:100])
    assert crossover("ingest", piece) == 1
    said = capsys.readouterr().err.splitlines()
    assert said[0].endswith("1 of 1 measurements were new")
    assert "has no end (it was cut off, or is still being measured): 1 of 2 planned are stored; take the" in said[1]
    assert crossover("ingest", path) == 0
    assert crossover("ingest", piece) == 0
    assert "no end" not in capsys.readouterr().err


def test_summaries_are_a_row_for_every_measurement(url, tmp_path, capsys):
    """Of all runs, with holes and reasons, versions, ratio and interval, under names that say their units."""
    path = tmp_path / "all.parquet"
    assert crossover("export", "--parquet", path, "--json") == 0
    assert json.loads(capsys.readouterr().out) == [{"file": str(path), "runs": 3, "measurements": 9, "left_out": ""}]
    file = pyarrow.parquet.ParquetFile(path)
    chunk = file.metadata.row_group(0).column(0)
    assert (chunk.compression, "RLE_DICTIONARY" in chunk.encodings) == ("ZSTD", True)
    rows = file.read().to_pylist()
    assert [row["night"].day for row in rows] == [1, 1, 1, 2, 2, 2, 3, 3, 3]
    jit, numpy = (next(row for row in rows if row["variant"] == name) for name in ("jax_jit", "numpy"))
    assert (jit["machine"], jit["environment"], jit["numpy"], jit["jaxlib"]) == ("otter", "current", "2.4.6", "0.10.2")
    assert json.loads(jit["case"]) == {"n": 1024, "dtype": "float32"}
    assert (jit["seconds"], jit["low_seconds"], jit["first_call_seconds"]) == (5e-4, None, 0.05)
    assert (jit["ratio_to_numpy"], jit["ratio_to_numpy_low"]) == pytest.approx((0.5, 0.49))
    assert (numpy["ratio_to_numpy"], numpy["low_seconds"]) == (None, pytest.approx(0.98e-3))
    assert jit["measured_at"].isoformat() == "2026-03-01T02:00:00+00:00"
    hole = next(row for row in rows if row["variant"] == "jax_eager")
    assert (hole["status"], hole["reason"], hole["seconds"]) == ("timed_out", "too <b>slow</b>", None)


def test_a_summary_has_the_ratio_to_numpy_beside_it(home, tmp_path):
    """Not that to another environment, nor to another variant: one row for a measurement."""
    home.mkdir()
    lines = [builders.a_measurement(variant, environment=name) for name in "AB" for variant in ("numpy", "jax_jit")]
    pairs = [(2, 0, 0.9), (3, 1, 0.8), (3, 2, 0.7), (0, 1, 1.1)]
    ratios = [builders.a_ratio(lines[one], lines[other], ratio=ratio, spread=None) for one, other, ratio in pairs]
    builders.stored(f"sqlite:///{home / 'crossover.db'}", lines, ratios)
    assert crossover("export", "--parquet", tmp_path / "x.parquet") == 0
    rows = pyarrow.parquet.read_table(tmp_path / "x.parquet").to_pylist()
    found = {(row["environment"], row["variant"]): row["ratio_to_numpy"] for row in rows}
    assert found == {("A", "numpy"): None, ("A", "jax_jit"): None, ("B", "numpy"): None, ("B", "jax_jit"): 0.7}
    assert len(rows) == 4


def test_summaries_are_of_the_runs_that_were_chosen(url, tmp_path, monkeypatch):
    """Group after group, however few rows are held at a time."""
    from flows import parquet_file

    monkeypatch.setattr(parquet_file, "GROUP", 2)
    path = tmp_path / "otter.parquet"
    assert crossover("export", "--machine", "otter", "--parquet", path) == 0
    assert pyarrow.parquet.ParquetFile(path).metadata.num_row_groups == 3
    assert set(pyarrow.parquet.read_table(path)["machine"].to_pylist()) == {"otter"}
