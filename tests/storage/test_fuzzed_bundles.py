"""Bundles that nobody would write: each is refused, and nothing of it stored, or it is stored and can be read again."""

import contextlib
import json
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import database, export, models, record
from storage.schema import MAX_DEPTH, read_valid
from tests import builders
from tests.contents import contents
from workloads import bundle

FEW = settings(
    max_examples=int(os.environ.get("FUZZ", 60)),
    derandomize="CI" in os.environ,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def nested(depth, inner=None):
    for _ in range(depth):
        inner = {"deep": inner} if depth % 2 else [inner]
    return inner


NASTY = [
    *("", "\x00", "\ud800", "\u202e", "\x1b[2J", "1e3", "NaN", "x" * 121, "x" * 5000, "2026-03-01T02:00:00"),
    *("'; drop table run; --", "<script>alert(1)</script>", "[bold]x[/nope]", "%s %(id)s {0} :run", "../../etc/x"),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-03-01T02:00:00+23:59", "measured", "numpy"),
    *(True, None, 0, -1, -0.0, 2**31, 2**62, 2**63, 10**400, 5e-324, 1e-50, 1e308, 1e20, float("nan"), float("inf")),
    *([], {}, [None], [[]], {"": None}, {"\x00": 1}, {"x" * 121: 1}, {"a": "\ud800"}, [0] * 70_000),
    *(nested(29), nested(40), nested(201), nested(450)),
]
VALUES = st.sampled_from(NASTY) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=5,
)
#: What is done to the lines, where (any number will do), and with what.
CHANGES = st.tuples(st.sampled_from(["set"] * 7 + ["add", "add", "drop", "twice", "swap"]), st.integers(0), VALUES)


@pytest.fixture(scope="module")
def documents(tmp_path_factory):
    """The lines of a valid bundle with one of each kind."""
    sides = [builders.an_environment("A"), builders.an_environment("A again", again=True)]
    sides[0] |= {"builder": "docker", "resolution": [{"name": "numpy", "version": "2", "sha256": "0" * 64}]}
    rich = {"meanwhile": {"load": 1.0}, "xla": {"flops": 1.0}, "result": {"values": [1]}, "flops": 1.0}
    lines = [builders.a_measurement(environment=name, **rich) for name in ("A", "A again")]
    path = builders.a_bundle(
        tmp_path_factory.mktemp("valid") / "a.jsonl",
        lines,
        [builders.a_ratio(lines[1], lines[0])],
        environments=sides,
        peaks=[builders.a_peak(environment="A")],
    )
    return [json.loads(line) for line in path.read_text().splitlines()]


def another(value):
    """A copy, however deep."""
    return json.loads(json.dumps(value))


def places(value):
    """Everything inside of a document that can be replaced: what holds it, and where."""
    for key in value if isinstance(value, dict) else range(len(value)):
        yield value, key
        if isinstance(value[key], (dict, list)):
            yield from places(value[key])


def changed(documents, changes):
    """A bundle's text, after all of that was done to it."""
    documents = another(documents)
    for what, where, value in changes:
        every = list(places(documents))
        holder, key = every[where % len(every)]
        line = where % len(documents)
        if what == "set":
            holder[key] = another(value)
        elif what == "add" and isinstance(holder, dict):
            holder["added"] = another(value)
        elif what == "drop" and len(documents) > 1:
            del holder[key]
        elif what == "twice":
            documents.insert(where % 7, another(documents[line]))
        elif what == "swap":
            documents[line], documents[-1] = documents[-1], documents[line]
    return "".join(json.dumps(document) + "\n" for document in documents).encode()


def empty(engine):
    with engine.begin() as connection:
        for table in reversed(models.Base.metadata.sorted_tables):
            connection.execute(table.delete())


def assert_refused_or_stored(engine, path):
    """Refused, and no row is there; or stored, and a bundle of what is stored says nothing else."""
    empty(engine)
    refused = ""
    try:
        record.store(engine, path)
    except bundle.BundleError as error:
        refused = str(error)
    if refused:
        assert refused.startswith(path.name)
        assert not any(contents(engine).values())
        return
    before = contents(engine)
    with database.reading(engine.url.render_as_string(hide_password=False)) as connection:
        (run,) = export.runs(connection)
        lines = list(export.lines(connection, run.id))
    with open(path, "w") as stream:
        bundle.write(stream, lines)
    record.store(engine, path)
    assert contents(engine) == before
    empty(engine)
    record.store(engine, path)
    assert contents(engine) == before


@FEW
@given(changes=st.lists(CHANGES, min_size=1, max_size=2))
def test_changed_bundles(engine, documents, tmp_path, changes):
    """Other types, sizes, depths, names, times; lines twice, missing, in another order."""
    path = tmp_path / "changed.jsonl"
    path.write_bytes(changed(documents, changes))
    assert_refused_or_stored(engine, path)


@FEW
@given(
    where=st.integers(0, 10_000),
    length=st.integers(0, 100),
    put=st.binary(max_size=30) | st.sampled_from([b"\xed\xa0\x80", b"\xff\xfe", b"\n", b"}\n{", b'"kind":1,', b"\x00"]),
)
def test_damaged_bytes(documents, tmp_path, where, length, put):
    """Cut off, overwritten, no UTF-8: read as far as it is whole, or refused."""
    text = changed(documents, [])
    where %= len(text)
    path = tmp_path / "damaged.jsonl"
    for damaged in (text[:where], text[:where] + put + text[where + length :]):
        path.write_bytes(damaged)
        with contextlib.suppress(bundle.BundleError):
            assert len(read_valid(path)) <= len(documents) + 1


@pytest.mark.parametrize(
    "line",
    [
        b"[" * 100_000 + b"]" * 100_000 + b"\n",
        b'{"kind":"header","version":4,"plan":' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"}\n",
        b"[" * 100_000 + b"\n",
        b"x" * 100_000_000,
        b'{"kind":"header","version":4,"plan":{"n":' + b"9" * 5000 + b"}}\n",
        '{"kind":"header"}\n'.encode("utf-16"),
        b"",
        b"\n",
        b"null\n",
    ],
    ids=["lists", "objects", "open", "100 MB", "digits", "utf-16", "empty", "blank", "null"],
)
def test_what_is_no_bundle_at_all(tmp_path, line):
    """However deep or long, it is refused."""
    path = tmp_path / "none.jsonl"
    path.write_bytes(line)
    with pytest.raises(bundle.BundleError, match=r"none\.jsonl"):
        read_valid(path)


@pytest.mark.parametrize("depth", [28, 100, 190, 250, 400, 900, 980])
def test_depth_has_a_limit_of_its_own(documents, tmp_path, depth):
    """Not the interpreter's, nor that of a library, which differ."""
    header = json.dumps({**documents[0], "plan": {**documents[0]["plan"], "deep": "HERE"}})
    path = tmp_path / "deep.jsonl"
    path.write_text(header.replace('"HERE"', "[" * depth + "]" * depth) + "\n")
    if depth < MAX_DEPTH - 1:
        assert read_valid(path)
    else:
        with pytest.raises(bundle.BundleError, match=r"deep\.jsonl, line 1: "):
            read_valid(path)
