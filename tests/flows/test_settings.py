"""`crossover.toml`: read strictly, so that a typing error is not a night that measures something else."""

import pytest

from flows.settings import SettingsError, read_settings
from workloads import declaration, suite


def test_the_settings_that_ship_are_valid():
    """Every workload and size of every suite is there."""
    settings = read_settings()
    assert {"quick", "nightly", "full", "history", "upgrade"} <= set(settings.suites)
    for name in settings.suites:
        chosen = settings.suite(name)
        if chosen.workloads != "all":
            for workload, sizes in chosen.workloads.items():
                assert declaration.of(suite.load(workload)).cases_of(None if sizes == "all" else sizes)


def test_the_quick_suite_holds_the_articles_sizes():
    """The three benchmarks, and the sizes that the article names."""
    workloads = read_settings().suite("quick").workloads
    assert 1_000_000 in workloads["elementwise_chain"]
    assert {"matrix_chain", "mse_gradient"} <= set(workloads)
    assert 2 in workloads["broadcast_sum"]
    assert 3 in workloads["wave_gradient"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("suites = 3", "suites"),
        ("[suites.a]\nworkloads = 'some'", "suites.a.workloads"),
        ("[suites.a]\nworkloads = 'all'\nproceses = 3", "proceses: Extra inputs"),
        ("[suites.a]\nworkloads = 'all'\nprocesses = 0", "greater than 0"),
        ("[suites.a]\nworkloads = 'all'\n[nightly]\ntimezone = 'Mars/Base'", "Mars/Base"),
        ("[suites.a]\nworkloads = 'all'\n[nightly]\ncron = 'daily'", "five fields"),
        ("[suites.a]\nworkloads = 'all'\n[nightly]\ncron = '0 2 1 * 1'", "days of the month and of the week"),
        ("[suites.a]\nx = ?", "line 2"),
        ("[suites.a]\nworkloads = 'all'\n[tracks.t]\nspec = 'numpy=2'", "tracks.t.spec.*not a package"),
        ("[suites.a]\nworkloads = 'all'\n[tracks.t]\nspec = 'numpy'\npre = true", "tracks.t.pre: Extra inputs"),
        ("[suites.a]\nworkloads = 'all'\n[nightly]\ntracks = ['new']", r"there is no \[tracks\.new\]"),
        ("[suites.a]\nworkloads = 'all'\n[nightly]\nsuite = 'b'", r"nightly.suite: there is no \[suites\.b\]"),
        ("[suites.a]\nworkloads = 'all'\n[retention]\nsamples_nights = 1_000_000", "less than or equal to 36500"),
        ("[suites.a]\nworkloads = 'all'\n[machines.otter]\nsuite = 'b'", r"machines.otter.suite: there is no"),
        ("[suites.a]\nworkloads = 'all'\n[machines.otter]\npool = 'fpga'", r"machines.otter.pool"),
        ("[suites.a]\nworkloads = 'all'\n[machines.GPU_Box]\npool = 'gpu'", r"machines: .*that one is called gpu-box"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path, text, said):
    """One line that says where."""
    path = tmp_path / "crossover.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=said):
        read_settings(path)


def test_an_unknown_suite_is_named_with_the_known_ones():
    """The error says what there is."""
    with pytest.raises(SettingsError, match=r"no suite .huge.. Known: quick, nightly"):
        read_settings().suite("huge")


def test_an_unknown_track_is_named_with_the_known_ones():
    """The error says what there is, or how one is made."""
    with pytest.raises(SettingsError, match=r"no track .old.. Known: pinned, latest, pre"):
        read_settings().track("old")


def test_a_settings_file_that_is_not_there_is_named(monkeypatch, tmp_path):
    """CROSSOVER_CONFIG points nowhere."""
    monkeypatch.setenv("CROSSOVER_CONFIG", str(tmp_path / "none.toml"))
    with pytest.raises(SettingsError, match=r"none\.toml"):
        read_settings()


def test_a_machine_may_have_nights_of_its_own(tmp_path):
    """What it does not say is as for all; a machine that nobody named is as all are."""
    path = tmp_path / "crossover.toml"
    path.write_text(
        "[suites.a]\nworkloads = 'all'\n[suites.b]\nworkloads = 'all'\n[nightly]\nsuite = 'a'\ncron = '0 3 * * *'\n"
        "[machines.otter]\nsuite = 'b'\npool = 'gpu'\nbudget_seconds = 3600\n"
    )
    settings = read_settings(path)
    otter, seal = settings.night_of("otter"), settings.night_of("seal")
    assert (otter.suite, otter.pool, otter.budget_seconds, otter.cron) == ("b", "gpu", 3600, "0 3 * * *")
    assert (seal.suite, seal.pool, seal.budget_seconds) == ("a", "cpu", None)
