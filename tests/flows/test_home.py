"""Everything of a machine in one folder."""

import pytest

from flows.home import HomeError, open_home


def test_a_home_is_made_where_it_is_asked_for(home):
    """CROSSOVER_HOME, with all that belongs into it."""
    opened = open_home()
    assert opened.path == home
    assert opened.bundles.is_dir()
    assert opened.database_url == f"sqlite:///{home / 'crossover.db'}"


def test_the_default_is_where_you_are(tmp_path, monkeypatch):
    """`.crossover/` in the folder the command is given in."""
    monkeypatch.delenv("CROSSOVER_HOME")
    monkeypatch.chdir(tmp_path)
    assert open_home().path == tmp_path / ".crossover"


def test_a_teams_database_can_be_named(monkeypatch):
    """Bundles stay here, rows go there."""
    monkeypatch.setenv("CROSSOVER_DATABASE_URL", "postgresql://db/crossover")
    assert open_home().database_url == "postgresql://db/crossover"


@pytest.mark.parametrize("name", ["file", "file/below"])
def test_a_home_that_cannot_be_written_to_is_named(tmp_path, name):
    """And the message says what to do. (A file in the way, because root may write anywhere else.)"""
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(HomeError, match="set CROSSOVER_HOME"):
        open_home(tmp_path / name)
