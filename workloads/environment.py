"""Describe the interpreter that this runs in: what was found, never what was asked."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
from collections.abc import Iterable
from importlib import metadata
from typing import Any

#: What decides how fast a computation is: their versions name an environment. Any other package is only listed.
LIBRARIES = ("numpy", "jax", "jaxlib", "scipy", "ml-dtypes", "opt-einsum")

#: Prefixes of plug-in packages that compute (CUDA, ROCm, Metal, TPU): they name an environment too.
PLUGINS = ("jax-cuda", "jax-rocm", "jax-metal", "libtpu", "nvidia-")

#: Environment variables that move numbers, recorded where they are set.
VARIABLES = ("JAX_", "XLA_", "OPENBLAS_", "OMP_", "MKL_", "NPY_", "BLIS_", "VECLIB_")


def versions(names: Iterable[str] = LIBRARIES) -> dict[str, str]:
    """Installed versions of these packages (and of `python`), without importing any; what is not there is left out."""
    found = {}
    for name in names:
        try:
            if name == "python":
                found[name] = platform.python_version()
                continue
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def describe() -> dict[str, Any]:
    """Everything known of this environment. Imports NumPy, for its BLAS."""
    packages, sizes = {}, {}
    for distribution in metadata.distributions():
        name = distribution.metadata["Name"]
        if name:
            name = name.lower().replace("_", "-")
            packages[name], sizes[name] = distribution.version, installed_bytes(distribution)
    found = {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "build": " ".join((*platform.python_build(), platform.python_compiler())),
        "libraries": versions(),
        "plugins": {name: version for name, version in sorted(packages.items()) if name.startswith(PLUGINS)},
        "blas": blas(),
        "variables": {name: value for name, value in sorted(os.environ.items()) if name.startswith(VARIABLES)},
    }
    return {
        "digest": digest(found),
        **found,
        "packages": dict(sorted(packages.items())),
        "package_bytes": {name: size for name, size in sorted(sizes.items()) if size},
    }


def installed_bytes(distribution: metadata.Distribution) -> int:
    """What a package takes on the disk: all the files that it says are its own."""
    total = 0
    for file in distribution.files or []:
        with contextlib.suppress(OSError):
            total += os.stat(str(file.locate())).st_size
    return total


def digest(found: dict[str, Any]) -> str:
    """What makes two environments the same: SHA-256 (first 16 digits) of everything that decides speed."""
    return hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()[:16]


def blas() -> str:
    """Name and version of the BLAS that NumPy was built with; empty where NumPy does not say."""
    import numpy as np

    try:
        dependencies = np.show_config(mode="dicts")["Build Dependencies"]  # from NumPy 1.25 on
        return "{name} {version}".format(**dependencies["blas"])
    except (TypeError, KeyError):
        return ""
