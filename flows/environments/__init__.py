"""Where things are measured: environments, asked for by spec, resolved to exact files, built once, kept by content.

spec.py          what is asked for: requirements, as text or from a file
interpreters.py  the Pythons of this machine
resolution.py    what that comes to: every package with version and hash, the record from which it can be built again
registry.py      which releases there are, and when each appeared
kept.py          the folder of what was built: found again, shared, locked, pruned
uv.py            asks uv
uv_builder.py    builds a virtual environment
docker_builder.py  builds an image instead, for a container per probe
container.py     stands for the interpreter of an image while it is measured
proof.py         is it what was asked for?
asking.py        from a spec to a place to measure in
"""

from flows.environments.asking import CURRENT, Asked, asked_again, build, current, rebuild
from flows.environments.interpreters import MissingInterpreter
from flows.environments.spec import EnvironmentSpecError, Spec, parse_spec, read_spec, with_extra
from flows.environments.uv import DiskFull, RegistryAway

__all__ = [
    "CURRENT",
    "Asked",
    "DiskFull",
    "EnvironmentSpecError",
    "MissingInterpreter",
    "RegistryAway",
    "Spec",
    "asked_again",
    "build",
    "current",
    "parse_spec",
    "read_spec",
    "rebuild",
    "with_extra",
]
