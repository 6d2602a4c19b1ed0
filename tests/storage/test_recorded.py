"""How the environments of a run were asked for, and where they computed."""

from __future__ import annotations

from storage import queries, record, recorded
from tests import builders

PACKAGE = {"name": "numpy", "version": "2.2.6", "sha256": "0" * 64}
FACTS = {"spec": "numpy<3", "track": "latest", "builder": "uv", "resolution": [PACKAGE], "group": 0, "anchor": False}


def test_an_environment_can_be_built_again_from_what_is_kept(engine, tmp_path):
    """Its name, versions, spec, track, builder and every package, in place order; what is there again is left out."""
    places = [
        builders.an_environment("latest") | FACTS | {"asked": {"python": "3.12.1"}},
        builders.an_environment("other", numpy="2.3.0"),
        builders.an_environment("latest (again)", again=True),
    ]
    record.store(engine, builders.a_bundle(tmp_path / "a.jsonl", environments=places))
    with engine.connect() as connection:
        (run,) = queries.runs(connection)
        latest, other = recorded.environments(connection, run.id)
    assert {name: latest._mapping[name] for name in FACTS} == FACTS
    assert (latest.name, latest.asked) == ("latest", {"python": "3.12.1"})
    assert (other.spec, other.track, other.builder, other.resolution) == ("", None, "current", [])


def test_what_ran_in_a_container_has_series_of_its_own(engine, tmp_path):
    """The same workload, machine and device; but the interpreter is another build."""
    places = [builders.an_environment("A"), builders.an_environment("B", numpy="2.3.0") | {"builder": "docker"}]
    lines = [builders.a_measurement(environment=name) for name in ("A", "B")]
    record.store(engine, builders.a_bundle(tmp_path / "a.jsonl", lines, environments=places))
    with engine.connect() as connection:
        (run,) = queries.runs(connection)
        rows = queries.measurements(connection, run.id)
    assert [(row.environment, row.device) for row in rows] == [("A", "cpu"), ("B", "cpu in a container")]
