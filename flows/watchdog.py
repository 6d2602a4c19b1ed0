"""Look at every machine's nights now and then, and tell people what is wrong: once, and again when it is over."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime

from analysis.watch import Alarm
from flows import telling, watching
from flows.home import Home
from flows.settings import Settings

Say = Callable[[str], None]


def watch(home: Home, settings: Settings, say: Say, now: datetime | None = None) -> list[Alarm]:
    """The alarms that there are now. Those that nobody was told of yet are told, and those that are over."""
    alarms = [alarm for state in watching.look(home, settings, now or datetime.now(UTC)) for alarm in state.alarms]
    memory = home.scratch / "alarms.json"
    told = read(memory)
    current = {f"{alarm.kind} {alarm.machine}": alarm.text for alarm in alarms}
    new = [f"- {key}: {text}" for key, text in current.items() if key not in told]
    over = [f"- over: {key}" for key in told if key not in current]
    if new or over:
        title = "Crossover: something needs a look" if new else "Crossover: what was wrong is over"
        telling.tell(title, "\n".join([*new, *over]), settings.notify, say)
        fresh = memory.with_suffix(f".{os.getpid()}")
        fresh.write_text(json.dumps(current))
        os.replace(fresh, memory)
    return alarms


def read(memory: os.PathLike[str]) -> dict[str, str]:
    """What people were told already; nothing where that is not known."""
    try:
        with open(memory) as file:
            return dict(json.load(file))
    except (OSError, ValueError, TypeError):
        return {}
