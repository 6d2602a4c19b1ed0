"""Prefect starts nights when we say that they are due, on the days on which clocks change too."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import anyio
import pytest
from prefect.server.schemas.schedules import CronSchedule

from flows.settings import Nightly
from flows.watching import early, last_due

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize("cron", ["30 2 * * *", "0 2 * * *", "0 3 * * *", "15 1 * * *", "0 2 * * 1-5"])
@pytest.mark.parametrize("around", [datetime(2026, 3, 29), datetime(2026, 10, 25)])
def test_prefect_and_the_watchdog_mean_the_same_nights(cron, around):
    """Once a day and no more; else a machine would be called late, or measure twice."""
    night = Nightly(cron=cron, timezone="Europe/Berlin")
    begin = (around - timedelta(days=3)).replace(tzinfo=BERLIN)
    end = (around + timedelta(days=3)).replace(tzinfo=BERLIN)
    schedule = CronSchedule(cron=night.cron, timezone=night.timezone)
    found = anyio.run(lambda: schedule.get_dates(start=begin, end=end))
    starts = [datetime.fromtimestamp(moment.timestamp(), UTC) for moment in found]  # plain ones, as the watchdog has
    days = [moment.astimezone(BERLIN).date() for moment in starts]
    assert len(set(days)) == len(days) >= 4
    for moment in starts:
        due = last_due(night, moment + timedelta(minutes=119))
        assert due.astimezone(UTC) - early(due) <= moment <= due
