"""Build a virtual environment with uv: its files are linked from uv's cache, so that a second one costs little."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

from flows.environments import kept
from flows.environments.interpreters import Interpreter
from flows.environments.proof import prove
from flows.environments.resolution import Resolution
from flows.environments.spec import EnvironmentSpecError
from flows.environments.uv import run_uv
from workloads.plan import Place


def build(resolution: Resolution, interpreter: Interpreter, root: Path, name: str, say: Callable[[str], None]) -> Path:
    """The environment's folder, built unless it is there already. Several processes may ask for it at once.

    name: what it is called in messages. EnvironmentSpecError where it cannot be built; nothing half-built is left.
    """
    folder = root / resolution.key(interpreter)
    with kept.locked(folder):
        if kept.is_built(folder):
            kept.use(folder)
            return folder
        say(f"building environment {name}")
        start = time.monotonic()
        shutil.rmtree(folder, ignore_errors=True)
        try:
            run_uv("venv", "--python", interpreter.path, str(folder))
            run_uv(
                *("pip", "install", "--python", str(folder / "bin" / "python"), "--no-deps", "--require-hashes"),
                *("--only-binary", ":all:", "-r", "-"),
                read=resolution.requirements,
            )
            prove(Place(name, str(folder / "bin" / "python"), resolution.asked))
            kept.mark(folder, name, interpreter.version, resolution.record, time.monotonic() - start)
        except (EnvironmentSpecError, OSError) as error:
            shutil.rmtree(folder, ignore_errors=True)
            kind = type(error) if isinstance(error, EnvironmentSpecError) else EnvironmentSpecError
            raise kind(f"cannot build {name}: {error}") from None
    return folder
