"""The page of machines and environments on stored runs, without a browser."""

from tests.builders import a_measurement, a_peak, an_environment, stored
from tests.dashboard.apps import choices, opened, text

NUMPY_FILE = {"name": "numpy", "version": "2.4.6", "sha256": "a" * 64, "download_bytes": 1_500_000}


def a_run(url, day, jax="0.10.2", machine="vm", peaks=(), **place):
    environment = {**an_environment("A", jax=jax, packages={"numpy": "2.4.6", "jax": jax}), **place}
    started = f"2026-03-{day:02}T02:00:00Z"
    lines = [a_measurement(environment="A")]
    stored(url, lines, environments=[environment], machine=machine, started_at=started, peaks=peaks)


def test_the_page_answers_its_question(url):
    """What the machine is, what it can do, and in what it measured."""
    a_run(url, 1, jax="0.10.1", peaks=[a_peak(environment="A"), a_peak(environment="A", library="jax", per_second=5e9)])
    a_run(url, 2)
    app = opened("machines")
    told = text(app)
    assert "**vm: A processor, 2 cores, 24 GiB.** 2 environments; the newest is NumPy 2.4.6 with JAX 0.10.2" in told
    facts, peaks, environments, packages, apart, same = (one.value for one in app.dataframe)
    assert dict(facts.values) == {"Processor": "A processor", "Cores": "2", "Memory": "24 GiB"}
    assert "Unknown: architecture, operating system, kernel, cores that may be used, governor, turbo" in text(app)
    assert peaks.values.tolist() == [["memory, float32", "20 GB/s", "5 GB/s"]]
    assert "in the run of 2026-03-01" in text(app)
    assert list(environments["JAX"]) == ["0.10.2", "0.10.1"]
    assert list(environments["First used"]) == ["2026-03-02", "2026-03-01"]
    assert list(packages["Package"]) == ["jax", "numpy"]
    assert apart.values.tolist() == [["jax", "0.10.1", "0.10.2"]]
    assert ["numpy", "2.4.6"] in same.values.tolist()
    assert "**They differ** in 1 of 2 packages that both have (jax)." in text(app)


def test_files_come_with_their_hashes(url):
    """As the run recorded them."""
    a_run(url, 1, resolution=[NUMPY_FILE], spec="numpy", builder="uv")
    app = opened("machines")
    assert "Built by uv from `numpy`, of one file, recorded with its hash." in text(app)
    table = app.dataframe[2].value.set_index("Package")
    assert table.loc["numpy", "SHA-256"] == "a" * 64
    assert table.loc["numpy", "Download"] == "1.5 MB"


def test_one_machine_with_one_environment_has_nothing_to_compare(url):
    """Said with what to type; and how peaks are had."""
    a_run(url, 1)
    app = opened("machines")
    assert "crossover run --env" in app.info[0].value
    assert "No run on this machine measured what it can do at most." in text(app)
    assert choices(app) == ["Environment"]


def test_a_link_restores_what_is_compared(url):
    """Two machines, or two environments of any machine; what does not exist is ignored."""
    a_run(url, 1)
    a_run(url, 2, jax="0.10.1", machine="otter")
    assert choices(opened("machines")) == ["Environment", "Compare", "First", "Second"]
    app = opened("machines", compare="machines", first_machines="vm", second_machines="vm")
    assert [one.value for one in app.main.selectbox][1:] == ["machines", "vm", "vm"]
    assert "**Nothing that is known of both differs.**" in text(app)
    app = opened("machines", compare="../etc", first_environments="999")
    assert [one.value for one in app.main.selectbox][1:3] == [
        "environments",
        "NumPy 2.4.6, JAX 0.10.2, Python 3.11.7 (numpy-2.4.6-jax-0.10.2)",
    ]
    assert list(app.dataframe[1].value["Machine"]) == ["otter", "vm"]
