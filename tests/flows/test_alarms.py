"""People are told what is wrong once, and once more when it is over."""

from __future__ import annotations

import pytest

from analysis.watch import Alarm
from flows import alarms
from flows.home import open_home
from flows.server import free_port
from flows.settings import Notify, Settings, Suite

LATE = Alarm("late", "seal", "no run since 02:00; the last one began 9 hours ago")
LACKING = [Alarm("lacking", "otter", f"{track}: no wheel", about=f"{track}: no wheel") for track in ("latest", "pre")]


@pytest.fixture
def told(home, tmp_path):
    """Tells of alarms, and answers with what was written to the digest since."""
    file = tmp_path / "digest.md"
    settings = Settings(suites={"tiny": Suite(workloads="all")}, notify=Notify(file=file))

    def tell(*found):
        before = file.read_text() if file.exists() else ""
        alarms.tell(found, open_home(), settings, print)
        return file.read_text().removeprefix(before) if file.exists() else ""

    return tell


def test_what_lasts_is_told_once(told):
    """Also while the words for it change: the hours grow."""
    assert told(LATE) == f"# Crossover: something needs a look\n\n- late seal: {LATE.text}\n\n"
    assert told(Alarm("late", "seal", "the last one began 10 hours ago")) == ""


def test_what_is_over_is_told_once(told):
    """And what comes again is told again."""
    told(LATE)
    assert told() == "# Crossover: what was wrong is over\n\n- over: late seal\n\n"
    assert told() == ""
    assert "- late seal: " in told(LATE)


def test_several_of_a_kind_on_one_machine_are_several(told):
    """The second environment that cannot be had is told though the first was."""
    told(LACKING[0])
    assert told(*LACKING) == "# Crossover: something needs a look\n\n- lacking otter: pre: no wheel\n\n"
    assert "- over: lacking otter latest: no wheel" in told(LACKING[1])


def test_what_reached_nobody_is_told_again(home, tmp_path):
    """When somebody can be reached."""
    suites, said = {"tiny": Suite(workloads="all")}, []
    away = Settings(suites=suites, notify=Notify(urls=[f"json://127.0.0.1:{free_port()}/hook"]))
    alarms.tell([LATE], open_home(), away, said.append)
    assert said
    file = tmp_path / "digest.md"
    alarms.tell([LATE], open_home(), Settings(suites=suites, notify=Notify(file=file)), print)
    assert "late seal" in file.read_text()


def test_while_the_database_is_away_nothing_is_over(told):
    """Nothing is known of any machine then: it is told, and what was wrong before is remembered."""
    told(LATE)
    away = Alarm("away", "the database", "cannot open it")
    assert told(away) == "# Crossover: something needs a look\n\n- away the database: cannot open it\n\n"
    assert told(LATE) == "# Crossover: what was wrong is over\n\n- over: away the database\n\n"
    assert told(LATE) == ""
