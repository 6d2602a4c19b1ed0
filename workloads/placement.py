"""Proof of place: is what the probe found what was asked for?"""

from __future__ import annotations

import re
from typing import Any

from workloads.plan import Place


def misplacement(place: Place, started: dict[str, Any], platform: str | None, cores: list[int] | None = None) -> str:
    """What the probe found that is not what was asked; empty where all is as asked.

    started: the probe's answer. platform: of the device asked for; cores: asked for. None: whatever there is.
    """
    for name, version in place.asked.items():
        found = started["found"].get(name, "none")
        if not is_version(found, version, prefix=name == "python"):
            return f"asked for {name} {version}, found {found}"
    if (
        platform
        and started["device"]["platform"] != platform
        and platform not in ALIASES.get(started["device"]["platform"], ())
    ):
        return f"asked for {platform}, found {started['device']['platform']}"
    if cores is not None and started["cores"] != sorted(cores):
        return f"asked for the cores {sorted(cores)}, found {started['cores']}"
    return ""


#: JAX answers with the first name where it is asked for one of the others.
ALIASES = {"gpu": ("cuda", "rocm")}


def is_version(found: str, asked: str, *, prefix: bool) -> bool:
    """Whether a version is the one asked for: 2.4 is 2.4.0; with `prefix`, 3.12 is any 3.12."""
    if prefix and (found + ".").startswith(asked + "."):
        return True
    return re.sub(r"(\.0)+$", "", found) == re.sub(r"(\.0)+$", "", asked)
