"""Where the peers run: an environment of their own, with the NumPy and the JAX that this one has."""

from __future__ import annotations

import os
import subprocess
from importlib import metadata
from pathlib import Path

HERE = Path(__file__).resolve().parent
LIBRARIES = ("numpy", "jax", "jaxlib")


def python(folder: Path) -> Path:
    """The interpreter of the peers' environment in `folder`, made there by uv unless it is there already."""
    from uv import find_uv_bin

    interpreter = folder.resolve() / "environment" / "bin" / "python"
    pins = [f"{name}=={metadata.version(name)}" for name in LIBRARIES]
    uv = find_uv_bin()
    if not interpreter.exists():
        subprocess.run([uv, "venv", "--quiet", "--python", "3.11", interpreter.parent.parent], check=True)
    install = [uv, "pip", "install", "--quiet", "--python", interpreter, "-r", HERE / "peers.txt", *pins]
    subprocess.run(install, check=True)
    return interpreter


def variables(**more: str | Path) -> dict[str, str]:
    """The environment variables every peer is started with."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    return own | {"JAX_PLATFORMS": "cpu", "PEERS": str(HERE)} | {name: str(value) for name, value in more.items()}
