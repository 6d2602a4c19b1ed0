"""The stated load: N processes that compute and rest in turn, at random.

    python benchmarks/peers/neighbours.py 4

Bursts of 20 to 500 ms of matrix products, memory traffic or Python loops, with rests of up to 200 ms between them; each
process is single-threaded. They end with Ctrl-C, when this process is killed, and when it dies.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

SINGLE_THREADED = dict.fromkeys(["OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"], "1")


@contextlib.contextmanager
def neighbours(count: int) -> Iterator[None]:
    """`count` neighbours, all of them at work when the block begins and gone when it ends."""
    command = [sys.executable, __file__, "--neighbour"]
    started: list[subprocess.Popen[bytes]] = []
    try:
        for seed in range(count):
            own = subprocess.Popen(
                [*command, str(seed)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=os.environ | SINGLE_THREADED,
                start_new_session=True,  # Ctrl-C is for the parent, which ends them
            )
            started.append(own)
        for each in started:
            assert each.stdout is not None
            if not each.stdout.readline():
                raise RuntimeError("a neighbour did not start")
        yield
    finally:
        for each in started:
            each.kill()
        for each in started:
            each.communicate()


def _neighbour(seed: int) -> None:
    """Compute and rest until the parent is gone: its end of standard input closes with it."""
    import numpy

    os.set_blocking(0, False)
    draw = random.Random(seed)
    matrix, memory = numpy.random.default_rng(seed).random((300, 300)), numpy.ones(1_000_000)
    bursts = [lambda: matrix @ matrix, lambda: (memory * 2 + 1).sum(), lambda: sum(range(20_000))]
    print("ready", flush=True)
    while _parent_lives():
        burst, end = draw.choice(bursts), time.monotonic() + draw.uniform(0.02, 0.5)
        while time.monotonic() < end:
            burst()
        time.sleep(draw.uniform(0, 0.2))


def _parent_lives() -> bool:
    try:
        return os.read(0, 1) != b""
    except BlockingIOError:
        return True


def _leave(*_: object) -> None:
    raise SystemExit


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("count", type=int, nargs="?", default=4)
    parser.add_argument("--neighbour", type=int, metavar="SEED", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.neighbour is not None:
        _neighbour(options.neighbour)
        return
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # a shell's `&` leaves Ctrl-C ignored
        signal.signal(number, _leave)
    with neighbours(options.count):
        print(f"{options.count} neighbours; Ctrl-C ends them", flush=True)
        signal.pause()


if __name__ == "__main__":
    main()
