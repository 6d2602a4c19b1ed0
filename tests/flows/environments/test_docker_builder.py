"""Environments in containers: the same measurement by the same probe, which can do no harm and leaves nothing."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from flows import core, upkeep
from flows.environments import (
    Asked,
    EnvironmentSpecError,
    MissingInterpreter,
    build,
    container,
    docker_builder,
    kept,
    parse_spec,
    rebuild,
)
from flows.environments.docker_builder import BASE_VARIABLE, REPOSITORY, find
from flows.home import open_home
from flows.settings import read_settings
from flows.unfinished import start_bundle
from storage.schema import read_valid
from tests.workloads.measuring import ROOT, a_plan
from workloads import machine, memory, outside, sampler
from workloads.bundle import Header, Measurement, Ratio
from workloads.link import Link
from workloads.plan import Brought, PlannedCase
from workloads.probes import ask

SPEC = "numpy==2.2.6"
START = {"do": "start", "mode": "numpy", "platform": None, "asked": ["numpy"], "memory_bytes": None}
ALLOWED = {"read": [], "write": [], "memory_bytes": 2**30}
TWO_CORES = pytest.mark.skipif(len(machine.affinity()) < 2, reason="needs two cores")
GREED = Path(__file__).parent.parent.parent / "workloads" / "planted_greed.py"

#: A sampler that has heard an answer, so that its probe is stopped, and now waits.
SAMPLER = """
import sys, time
from workloads.link import Link
link = Link(sys.argv[1], contained={"read": [], "write": [], "memory_bytes": None})
link.send(do="start", mode="numpy", platform=None, asked=[], memory_bytes=None)
print(link.receive(60)["status"], link._process.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def place(home, base):
    """NumPy in a container; the image is made once for all tests."""
    return build(Asked(parse_spec(SPEC), builder="docker"), open_home())


@pytest.fixture
def link_to(place):
    """Starts a link to a contained probe, and ends it with the test."""
    with contextlib.ExitStack() as stack:

        def start(**said):
            return stack.enter_context(contextlib.closing(Link(place.python, **{"contained": ALLOWED, **said})))

        yield start


def ask_inside(place, code, **allowed):
    """What a piece of code prints as JSON in a container of this place."""
    command = [place.python, "-I", "-c", code, json.dumps({**ALLOWED, **allowed})]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        _, said = running.stdout.readline(), running.stdout.readline()
    return json.loads(said)


def containers(engine):
    return engine.containers.list(all=True, filters={"label": container.LABEL}, ignore_removed=True)


def remaining(engine, seconds=3.0):
    """The containers of probes that do not end within a while."""
    end = time.monotonic() + seconds
    while (found := containers(engine)) and time.monotonic() < end:
        time.sleep(0.05)
    return found


@pytest.mark.slow
def test_a_container_and_a_virtual_environment_are_measured_side_by_side(place, tiny, engine):
    """One run, two builders: a number each, the ratio between them, and the header says which is which."""
    other = build(Asked(parse_spec(SPEC)), open_home())
    choice = core.Choice("tiny", variants=("numpy",))
    plan = core.make_plan(choice, read_settings(), core.named_apart([other, place]))
    path = start_bundle(plan, open_home())
    outcome = core.measure_and_store(path, open_home(), label="test", machine=None, say=lambda _: None)
    lines = list(read_valid(path))
    assert outcome.is_whole
    assert [(one.environment, one.status) for one in lines if isinstance(one, Measurement)] == [
        (SPEC, "measured"),
        (f"{SPEC} (docker)", "measured"),
    ]
    (ratio,) = [one for one in lines if isinstance(one, Ratio)]
    assert (ratio.baseline_environment, ratio.environment) == (SPEC, f"{SPEC} (docker)")
    header = next(one for one in lines if isinstance(one, Header))
    uv, docker = header.environments
    assert (uv["builder"], docker["builder"]) == ("uv", "docker")
    assert uv["found"]["libraries"] == docker["found"]["libraries"]
    assert remaining(engine) == []


@pytest.mark.slow
def test_an_environment_holds_what_was_resolved_and_nothing_else(place, link_to):
    """The very packages of the resolution, each at its version; not even pip."""
    found = ask(link_to(), 60, do="describe")["environment"]["packages"]
    assert found == {package["name"]: package["version"] for package in place.resolution}
    assert place.asked["python"] == find().version


@pytest.mark.slow
def test_nothing_of_the_machine_is_within_reach(place):
    """No network, nothing to write to but memory, no rights, and no more rights to be had; the cores are ours."""
    found = ask_inside(
        place,
        """
import json, os
def written(path):
    try:
        with open(path, "w") as file:
            return file.write("x")
    except OSError as error:
        return error.strerror
status = dict(line.split(":\\t", 1) for line in open("/proc/self/status").read().splitlines())
print(json.dumps({
    "network": os.listdir("/sys/class/net"), "root": written("/x"), "scratch": written(os.environ["HOME"] + "/x"),
    "user": os.getuid(), "rights": int(status["CapEff"], 16), "no_new": status["NoNewPrivs"],
    "filtered": status["Seccomp"], "cores": sorted(os.sched_getaffinity(0)), "first": os.getpid(),
    "variables": [name for name in os.environ if name.startswith(("CROSSOVER_", "DOCKER_"))],
}))
""",
    )
    assert found == {
        "network": ["lo"],
        "root": "Read-only file system",
        "scratch": 1,
        "user": os.getuid() or container.NOBODY,
        "rights": 0,
        "no_new": "1",
        "filtered": "2",
        "cores": machine.affinity(),
        "first": 1,
        "variables": [],
    }


@pytest.mark.slow
@TWO_CORES
def test_a_contained_probe_is_stopped_and_moved_like_any_other(link_to):
    """Not what stands for it: the process that computes, and from before it imports anything."""
    last = machine.affinity()[-1]
    link = link_to(cores=[last])
    started = ask(link, 60, **START)
    assert (started["cores"], started["threads"], started["found"]) == ([last], 1, {"numpy": "2.2.6"})
    assert b"-I" in Path(f"/proc/{link.pid}/cmdline").read_bytes()
    time.sleep(0.05)
    assert Path(f"/proc/{link.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
    link.keep_on(machine.affinity())
    assert ask(link, 60, **START)["cores"] == machine.affinity()


@pytest.mark.slow
def test_a_want_of_memory_has_its_status(link_to, engine):
    """The limit of the container strikes, whatever the process itself is allowed; what is brought is readable there."""
    kills = memory.kills()
    link = link_to(contained={**ALLOWED, "read": [str(GREED)], "memory_bytes": 2**28})
    ask(link, 60, **START)
    case = {"case": {"n": 8, "dtype": "float32"}, "variant": "numpy_greed", "seed": 1, "sample_seconds": 0.001}
    answer = ask(link, 60, do="prepare", workload=outside.name_of(GREED), file=str(GREED), **case)
    assert answer["status"] == "out_of_memory"
    assert "had no memory left" in answer["reason"]
    assert memory.kills() > kills
    assert remaining(engine) == []


@pytest.mark.slow
def test_what_is_brought_is_measured_within_the_memory_of_the_plan(place):
    """A file of somebody's own, and a limit for each process, as everywhere."""
    name = outside.name_of(GREED)
    sizes = (PlannedCase(name, 1, {"n": n, "dtype": "float32"}, "n", n, ["numpy", "numpy_greed"]) for n in (4, 8))
    brought = {name: Brought(str(GREED), GREED.name, outside.sha256_of(GREED))}
    plan = replace(a_plan(list(sizes), [place], memory_bytes=2**28), brought=brought)
    lines = []
    assert sampler.measure(plan, plan.blocks(), lines.extend)
    rows = {(one.variant, one.case["n"]): one.status for one in lines if isinstance(one, Measurement)}
    assert rows == {
        ("numpy", 4): "measured",
        ("numpy_greed", 4): "measured",
        ("numpy", 8): "measured",
        ("numpy_greed", 8): "out_of_memory",
    }


@pytest.mark.slow
def test_a_closed_link_has_no_container(link_to, engine):
    """From the moment on at which it is closed, though the process was stopped."""
    link = link_to()
    ask(link, 60, **START)
    assert len(containers(engine)) == 1
    link.close()
    assert containers(engine) == []
    assert link.has_ended()


@pytest.mark.slow
@pytest.mark.parametrize("killed", ["what stands for it", "the sampler", "both"])
def test_a_container_outlives_nobody(place, engine, killed):
    """SIGKILL of whoever started it, while it is stopped and can notice nothing."""
    command = [sys.executable, "-P", "-c", SAMPLER, place.python]
    sampler = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True)
    status, stand_in = sampler.stdout.readline().split()
    assert (status, len(containers(engine))) == ("ready", 1)
    if killed == "both":  # as a run that is interrupted does
        os.killpg(sampler.pid, signal.SIGKILL)
    else:
        os.kill(sampler.pid if killed == "the sampler" else int(stand_in), signal.SIGKILL)
    assert remaining(engine) == []
    sampler.kill()
    sampler.wait()
    sampler.stdout.close()


@pytest.mark.slow
def test_an_image_is_built_once_and_again_where_it_is_gone(place, tmp_path, engine):
    """Another home finds it; a run that is gone on with gets it back."""
    said = []
    asked = Asked(parse_spec(SPEC), builder="docker")
    assert build(asked, open_home(), said.append) == place
    elsewhere = build(asked, open_home(tmp_path / "another"), said.append)
    assert said == []
    image = f"{REPOSITORY}:{Path(elsewhere.python).parent.parent.name}"
    assert image == f"{REPOSITORY}:{Path(place.python).parent.parent.name}"
    engine.images.remove(image)
    rebuild(place, open_home(), said.append)
    assert said == [f"building image {SPEC} (docker)"]
    assert engine.images.get(image).labels["crossover.environment"] == SPEC
    (kept_one,) = kept.all_in(open_home().environments)
    assert kept_one.size_bytes == engine.images.get(image).attrs["Size"]
    os.utime(kept_one.folder / kept.MARKER, (0, 0))  # it was not asked for just now
    upkeep.environments(prune=True, days=0)
    assert not docker_builder.has(engine, image)


@pytest.mark.slow
def test_another_python_than_that_of_the_base_image_is_missing(base):
    """Which is said with what to do about it."""
    with pytest.raises(MissingInterpreter, match=rf"has Python 3\.\d+\.\d+, not 2\.7: name another in {BASE_VARIABLE}"):
        find("2.7")


@pytest.mark.slow
def test_a_base_image_that_is_not_there_is_named(engine, monkeypatch):
    """And how it is had."""
    monkeypatch.setenv(BASE_VARIABLE, "no-such-image:of-ours")
    with pytest.raises(EnvironmentSpecError, match="`docker pull no-such-image:of-ours`"):
        find()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "wrong", "reason"),
    [
        ("COPY packages", "COPY packages/bin", "No module named 'numpy'"),
        ("-m venv", "-m no_venv", "No module named no_venv"),
    ],
)
def test_what_cannot_be_used_is_no_environment(place, engine, monkeypatch, line, wrong, reason):
    """Proven by its probe to be wrong, or not even built: neither an image nor a folder stays, and it says why."""
    image = f"{REPOSITORY}:{Path(place.python).parent.parent.name}"
    engine.images.remove(image)
    monkeypatch.setattr(docker_builder, "DOCKERFILE", docker_builder.DOCKERFILE.replace(line, wrong))
    with pytest.raises(EnvironmentSpecError, match=rf"cannot build numpy==2\.2\.6 \(docker\): .*{reason}"):
        rebuild(place, open_home())
    assert not docker_builder.has(engine, image)
    assert not Path(place.python).exists()


def test_no_engine_is_said(monkeypatch):
    """With what to do about it."""
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    with pytest.raises(EnvironmentSpecError, match=r"no Docker engine can be used.*start one"):
        find()
