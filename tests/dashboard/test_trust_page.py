"""The page on noise: what it says of floors with a known answer, and where there are none."""

from tests.builders import a_measurement, a_ratio, an_environment, ratios_to_numpy, stored
from tests.dashboard.apps import opened, text

#: Ratio to itself and half the width of its interval, night after night: the second is told from itself.
NIGHTS = ((1.0, 0.02), (1.1, 0.05), (0.99, 0.04))


def a_night(url, day, ratio, half):
    sides = [an_environment("A"), an_environment("A again", again=True)]
    lines = [a_measurement("numpy", environment=name, seconds=1e-3) for name in ("A", "A again")]
    itself = a_ratio(lines[1], lines[0], ratio=ratio, low=ratio - half, high=ratio + half)
    started = f"2026-03-{day:02}T02:00:00Z"
    stored(url, lines, [*ratios_to_numpy(lines), itself], environments=sides, started_at=started, machine="vm")


def test_the_newest_floor_and_all_false_alarms_are_told(url):
    """A floor is of the newest run; alarms are of all of them."""
    for day, (ratio, half) in enumerate(NIGHTS, 1):
        a_night(url, day, ratio, half)
    app = opened("trust")
    said = text(app)
    assert "On vm a change of 5.3 % can typically be told from none** (the middle of 1 series; at worst 5.3 %)." in said
    assert "In 3 runs, 1 of 3 comparisons of something with itself found a difference: 33.3 %" in said
    assert len(app.get("plotly_chart")) == 1
    table = app.dataframe[0].value
    assert list(table.iloc[0][["Floor", "Night", "Times"]]) == ["5.3 %", "2026-03-03", 3]


def test_where_nothing_was_measured_twice_it_says_how(url):
    """The commands that do."""
    stored(url, [a_measurement("numpy")], machine="vm")
    app = opened("trust")
    assert "crossover doctor" in app.info[0].value
    assert not app.get("plotly_chart")
