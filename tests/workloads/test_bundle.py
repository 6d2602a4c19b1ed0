"""The document: what is written is what is read, and what is damaged is refused by line."""

import gzip
import io
import json

import numpy as np
import pytest

from tests import builders
from workloads import bundle


def a_file(tmp_path, *lines):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"".join(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n" for line in lines))
    return path


HEADER = {"kind": "header", "version": bundle.VERSION}
FOOTER = {"kind": "footer", "finished_at": "2026-01-01T00:00:00Z"}


def test_what_is_written_is_what_is_read(tmp_path):
    """Every field comes back, in order."""
    path = tmp_path / "a.jsonl"
    measurement = builders.a_measurement()
    with open(path, "w") as stream:
        bundle.write(stream, [builders.a_header([measurement]), measurement])
        bundle.write(stream, [bundle.Footer(finished_at=bundle.now())])
    lines = list(bundle.read(path))
    assert [line["kind"] for line in lines] == ["header", "measurement", "footer"]
    processes = [bundle.Process(**process) for process in lines[1].pop("processes")]
    assert bundle.Measurement(**lines[1], processes=processes) == measurement


def test_a_line_cut_off_in_the_middle_is_left_out(tmp_path):
    """A killed run loses the measurement in flight, not its bundle."""
    path = a_file(tmp_path, HEADER, b'{"kind": "measurement", "wor')
    assert [line["kind"] for line in bundle.read(path)] == ["header"]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([], "empty"),
        ([b"{not json}\n"], "line 1: damaged"),
        ([FOOTER], "line 1: a bundle has one header"),
        ([HEADER, HEADER], "line 2: a bundle has one header"),
        ([HEADER, {"kind": "gossip"}], "line 2: not a line of a bundle"),
        ([HEADER, [1]], "line 2: not a line of a bundle"),
        ([HEADER, b'{"kind": "ratio", "ratio": NaN}\n'], "NaN is not a number"),
        ([HEADER, FOOTER, FOOTER], "line 3: stands after the footer"),
        ([{**HEADER, "version": 99}], "bundle version 99; this Crossover reads 1 and 2"),
        ([HEADER, b"[" * 100_000 + b"\n"], "line 2: damaged"),
        ([HEADER, b"\xff\xfe\n"], "line 2: damaged"),
    ],
)
def test_a_damaged_bundle_is_refused_with_its_line(tmp_path, lines, said):
    """The error names the file and the line, and says what is wrong with it."""
    with pytest.raises(bundle.BundleError, match=said):
        list(bundle.read(a_file(tmp_path, *lines)))


def test_no_nan_is_ever_written():
    """JSON has none, and a reader elsewhere would refuse the whole bundle."""
    with pytest.raises(ValueError, match="not JSON compliant"):
        bundle.write(io.StringIO(), [builders.a_measurement(max_error=float("nan"))])


def test_a_kept_sample_survives_four_bytes():
    """What the bundle says is what float32 gives back: storing and exporting loses nothing."""
    for value in np.random.default_rng(5).lognormal(-9, 4, 1000):
        once = bundle.kept(value)
        assert bundle.kept(float(np.float32(once))) == once
        assert once == pytest.approx(value, rel=1e-7)


def test_a_longer_line_than_any_of_ours_is_refused(tmp_path, monkeypatch):
    """Before it is read into memory."""
    monkeypatch.setattr(bundle, "MAX_LINE_BYTES", 1000)
    with pytest.raises(bundle.BundleError, match="line 2: longer than"):
        list(bundle.read(a_file(tmp_path, HEADER, b"x" * 1001 + b"\n")))


def test_a_longer_bundle_than_any_of_ours_is_refused(tmp_path, monkeypatch):
    """Also one that is short until it is decompressed."""
    monkeypatch.setattr(bundle, "MAX_BYTES", 5000)
    plain, packed = a_file(tmp_path, HEADER, b" " * 6000 + b"\n"), tmp_path / "a.jsonl.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert packed.stat().st_size < 500
    for path in (plain, packed):
        with pytest.raises(bundle.BundleError, match="line 2: the bundle is longer than"):
            list(bundle.read(path))


def test_the_first_version_is_still_read(tmp_path):
    """What it lacks has a default: its process says nothing of timings, warm-up or cores."""
    process = {"seed": 1, "samples_seconds": [1.0], "calls_per_sample": 1, "first_call": None, "settled": True}
    process |= dict.fromkeys(("transfer_in_seconds", "transfer_out_seconds", "peak_bytes"))
    _, line = bundle.read(a_file(tmp_path, {**HEADER, "version": 1}, {"kind": "measurement", "processes": [process]}))
    read = bundle.Process(**line["processes"][0])
    assert (read.timings_per_sample, read.mean_seconds, read.warm_up_seconds) == (1, None, [])
    assert (read.steady, read.cores, read.switches) == (None, None, None)


def test_a_peak_comes_back(tmp_path):
    """A line like any other."""
    path = tmp_path / "a.jsonl"
    peak = builders.a_peak()
    with open(path, "w") as stream:
        bundle.write(stream, [builders.a_header(), peak])
    assert bundle.Peak(**list(bundle.read(path))[1]) == peak


def test_a_bundle_is_replaced_whole_or_not_at_all(tmp_path, monkeypatch):
    """A crash in between leaves what was there."""
    path = a_file(tmp_path, HEADER)
    monkeypatch.setattr(bundle.os, "replace", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        bundle.replace(path, [FOOTER])
    assert list(bundle.read(path)) == [HEADER]
    monkeypatch.undo()
    bundle.replace(path, [HEADER, FOOTER])
    assert list(bundle.read(path)) == [HEADER, FOOTER]
    assert bundle.is_finished(path)


@pytest.mark.parametrize(
    ("lines", "is_finished"),
    [
        ("", False),
        (json.dumps(HEADER) + "\n", False),
        (json.dumps(HEADER) + "\n" + json.dumps(FOOTER) + "\n", True),
        (json.dumps(HEADER) + "\n" + json.dumps(FOOTER), False),  # cut off before the end of its line
        ("x" * 5000 + "\n" + json.dumps(FOOTER) + "\n", True),  # whatever stands before
        (json.dumps(FOOTER) + "\n[]\n", False),
    ],
)
def test_a_bundle_is_finished_when_it_ends_with_its_footer(tmp_path, lines, is_finished):
    """Of a long one only the end is read; a damaged one is an unfinished one, whoever reads it will say so."""
    path = tmp_path / "a.jsonl"
    path.write_text(lines)
    assert bundle.is_finished(path) == is_finished


def test_what_a_machine_does_not_have_is_no_lack():
    """It is a fact about the machine; anything else that was left out makes a run less than whole."""
    assert bundle.lacks(["unsupported: numpy: no Python 3.99 here", "latest: no wheel"]) == ["latest: no wheel"]


@pytest.mark.parametrize(
    ("device", "name"),
    [({"platform": "cpu", "kind": "cpu"}, "cpu"), ({"platform": "gpu", "kind": "NVIDIA H100"}, "gpu:NVIDIA H100")],
)
def test_a_device_is_named_after_what_it_is(device, name):
    """Its kind is said where it says more than its platform."""
    assert bundle.device_name(device) == name


def test_a_case_has_one_text():
    """Whatever the order of its parameters."""
    assert bundle.case_key({"n": 1, "dtype": "f"}) == bundle.case_key({"dtype": "f", "n": 1})


def test_a_compressed_bundle_is_read_as_it_is(tmp_path):
    """By its name's ending, so that history can be kept small."""
    plain, packed = tmp_path / "run.jsonl", tmp_path / "run.jsonl.gz"
    with open(plain, "w") as stream:
        bundle.write(stream, [builders.a_header(), bundle.Footer(bundle.now())])
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert list(bundle.read(packed)) == list(bundle.read(plain))


@pytest.mark.parametrize("damage", [lambda raw: raw[:-20], lambda raw: b"no gzip", lambda raw: raw[:15] + b"\xff" * 40])
def test_a_compressed_bundle_that_is_damaged_is_refused(tmp_path, damage):
    """Cut off, something else, or spoilt in the middle."""
    packed = tmp_path / "run.jsonl.gz"
    line = json.dumps({"kind": "header", "version": bundle.VERSION, "filler": list(range(5000))}).encode()
    packed.write_bytes(damage(gzip.compress(line + b"\n")))
    with pytest.raises(bundle.BundleError, match=r"run.jsonl.gz: damaged, cannot be decompressed"):
        list(bundle.read(packed))
