"""Tell people what is wrong with the nights: once, and once more when it is over."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence

from analysis import watch
from flows import telling
from flows.home import Home
from flows.settings import Settings

Say = Callable[[str], None]


def tell(alarms: Sequence[watch.Alarm], home: Home, settings: Settings, say: Say) -> None:
    """Tell of the alarms that nobody was told of yet, and of those that are over. What reached nobody is told again."""
    memory = home.scratch / "alarms.json"
    told = read(memory)
    current = {" ".join(filter(None, (alarm.kind, alarm.machine, alarm.about))): alarm for alarm in alarms}
    new = [f"- {alarm.kind} {alarm.machine}: {alarm.text}" for key, alarm in current.items() if key not in told]
    is_known = all(alarm.kind != watch.AWAY for alarm in alarms)  # else nobody knows whether anything is over
    over = [f"- over: {key}" for key in told if is_known and key not in current]
    if not (new or over):
        return
    title = "Crossover: something needs a look" if new else "Crossover: what was wrong is over"
    if telling.tell(title, "\n".join([*new, *over]), settings.notify, say):
        fresh = memory.with_suffix(f".{os.getpid()}")
        fresh.write_text(json.dumps(list(dict.fromkeys([*([] if is_known else told), *current]))))
        os.replace(fresh, memory)


def read(memory: os.PathLike[str]) -> list[str]:
    """What people were told already; nothing where that is not known."""
    try:
        with open(memory) as file:
            return [str(key) for key in json.load(file)]
    except (OSError, ValueError, TypeError):
        return []
