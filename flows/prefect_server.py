"""Prefect's command line, which does not stand still on SQLite: `python -m flows.prefect_server server start ...`.

Prefect's server uses one SQLite connection per thread, and leaves cursors behind in reference cycles. Python frees them
in whichever thread its garbage collector happens to run. Where that is the thread of the server's event loop, it waits
for the cursor's connection; that one may wait up to 60 s for a transaction which only the event loop can end. Meanwhile
nothing is answered, and then requests fail with `database is locked` (`benchmarks/many_machines.py`: 3 machines were
enough). A thread that does nothing but collect may wait: SQLite lets the others go on.
"""

from __future__ import annotations

import gc
import threading
import time

YOUNG_SECONDS, ALL_EVERY = 1.0, 60


def collect_in_a_thread() -> None:
    """From now on garbage is collected in a thread of its own, and in no other one."""
    gc.disable()
    threading.Thread(target=_collect, name="garbage", daemon=True).start()


def _collect() -> None:
    turn = 0
    while True:
        time.sleep(YOUNG_SECONDS)
        turn += 1
        gc.collect(2 if turn % ALL_EVERY == 0 else 1)


if __name__ == "__main__":
    from prefect.cli import app

    collect_in_a_thread()
    app()
