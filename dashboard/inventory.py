"""Machines and environments as facts: rows in, what is shown and compared of them out.

Facts are an ordered table of text, name -> value; one that nobody knows has no value. Whatever stands in a description
came out of a bundle, and may be of any shape.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from dashboard import wording

Facts = dict[str, str | None]

UNKNOWN, ABSENT = "unknown", "not there"
HARDWARE = {
    "Processor": "processor",
    "Architecture": "architecture",
    "Cores": "cores",
    "Memory": "memory_gib",
    "Operating system": "system",
    "Kernel": "kernel",
}
CONDITIONS = {
    "Cores that may be used": "usable_cores",
    "Governor": "governor",
    "Turbo": "turbo",
    "Hyper-threading": "hyper_threading",
    "Isolated cores": "isolated_cores",
    "Clock source": "clock_source",
    "Huge pages": "huge_pages",
    "Virtual machine": "virtual",
    "Swap in use": "swap_used_bytes",
    "On battery": "battery",
}
LIBRARIES = {"numpy": "NumPy", "jax": "JAX", "jaxlib": "jaxlib", "scipy": "SciPy"}
PEAKS = {
    "bandwidth": ("memory", "GB/s"),
    "matrix": ("matrices", "GFLOP/s"),
    "elementwise": ("elementwise", "GFLOP/s"),
}
SHORT_HASH, SHORT_DIGEST = 12, 8


@dataclass(frozen=True)
class Apart:
    """Facts and packages of two sides: name, value of the first, of the second. unknown: names of what is not known."""

    facts: Sequence[tuple[str, str, str]]
    packages: Sequence[tuple[str, str, str]]
    unknown: Sequence[str]


def machine_names(machines: Sequence[Any]) -> dict[str, Any]:
    """Each row of `storage.inventory.machines` by its nickname, and by its fingerprint where two share one."""
    names = [row.name for row in machines]
    return {row.name if names.count(row.name) == 1 else f"{row.name} ({row.fingerprint})": row for row in machines}


def machine_facts(row: Any) -> Facts:
    """What is known of a computer: what it is, and how it was set up when it was first seen."""
    found = _objects(row.description)
    conditions = _objects(found.get("conditions"))
    facts = {name: _value(key, found.get(key)) for name, key in HARDWARE.items()}
    facts |= {name: _value(key, conditions.get(key)) for name, key in CONDITIONS.items()}
    return facts


def environment_names(environments: Sequence[Any]) -> dict[str, Any]:
    """Each row of `storage.inventory.environments` as it stands in a choice: versions, and enough of the digest."""
    short = {row.digest[:SHORT_DIGEST] for row in environments}
    length = SHORT_DIGEST if len(short) == len(environments) else None
    return {environment_name(row, length): row for row in environments}


def environment_name(row: Any, length: int | None = None) -> str:
    """`NumPy 2.4.6, JAX 0.10.2, Python 3.11.7 (99df54ae)`, with so many characters of the digest, or all."""
    jax = f"JAX {row.jax}" if row.jax else "no JAX"
    return f"NumPy {row.numpy}, {jax}, Python {row.python} ({row.digest[:length]})"


def environment_facts(places: Sequence[Any]) -> Facts:
    """What was found in an environment, from rows of `storage.inventory.environment`: versions, build, variables."""
    found = _objects(places[0].description)
    libraries = _objects(found.get("libraries"))
    facts = {"Python": _value("", found.get("python")), "Python's build": _value("", found.get("build"))}
    facts |= {title: _value("", libraries.get(name)) or ABSENT for name, title in LIBRARIES.items()}
    facts |= {"BLAS": _value("", found.get("blas"))}
    facts |= {f"plug-in {name}": str(version) for name, version in _objects(found.get("plugins")).items()}
    facts |= {f"variable {name}": str(value) for name, value in _objects(found.get("variables")).items()}
    return facts


def packages(places: Sequence[Any]) -> pd.DataFrame:
    """The packages of an environment: name, version, and what is known of the file that each was installed from."""
    resolved = {one["name"]: one for one in _resolution(places)}
    installed = _objects(_objects(places[0].description).get("packages"))
    names = sorted({*resolved, *installed})
    return pd.DataFrame(
        {
            "Package": names,
            "Version": [str(installed.get(name) or resolved[name]["version"]) for name in names],
            "SHA-256": [resolved.get(name, {}).get("sha256") for name in names],
            "Download": [resolved.get(name, {}).get("download_bytes") for name in names],
            "Uploaded": [resolved.get(name, {}).get("uploaded") for name in names],
        }
    )


def packages_table(frame: pd.DataFrame) -> pd.DataFrame:
    """The same as text; without the columns of which nothing is known."""
    table = frame.assign(
        Download=[_megabytes(size) for size in frame["Download"]],
        Uploaded=[str(moment)[:10] if isinstance(moment, str) else "–" for moment in frame["Uploaded"]],
    )
    table["SHA-256"] = table["SHA-256"].fillna("–")
    return table if frame["SHA-256"].notna().any() else table[["Package", "Version"]]


def environments_apart(first: Sequence[Any], second: Sequence[Any]) -> Apart:
    """What differs between two environments, from rows of `storage.inventory.environment` of each."""
    one, other = packages(first), packages(second)
    apart = compared(environment_facts(first), environment_facts(second))
    if one.empty or other.empty:  # older bundles do not say
        return apart
    facts = [row for row in apart.facts if row[0] not in LIBRARIES.values()]  # they are packages, with their files
    return Apart(facts, compared(*_versions(one, other)).facts, apart.unknown)


def machines_apart(first: Any, second: Any) -> Apart:
    """What differs between two computers."""
    return compared(machine_facts(first), machine_facts(second))


def compared(first: Facts, second: Facts) -> Apart:
    """Two tables of facts beside each other. What one lacks altogether is not there; what has no value is unknown."""
    rows, unknown = [], []
    for name in dict.fromkeys([*first, *second]):
        one, other = first.get(name, ABSENT), second.get(name, ABSENT)
        if one is None or other is None:
            unknown.append(name)
        else:
            rows.append((name, one, other))
    return Apart(rows, [], unknown)


def apart_table(apart: Apart) -> pd.DataFrame:
    """Only what differs: what both have first."""
    rows = [row for row in (*apart.packages, *apart.facts) if row[1] != row[2]]
    return pd.DataFrame(sorted(rows, key=lambda row: ABSENT in row), columns=["Fact", "First", "Second"])


def same_table(apart: Apart) -> pd.DataFrame:
    """Only what is the same."""
    return pd.DataFrame(
        [row[:2] for row in (*apart.packages, *apart.facts) if row[1] == row[2]], columns=["Fact", "Both"]
    )


def facts_table(facts: Facts) -> pd.DataFrame:
    """The facts that are known."""
    known = {name: value for name, value in facts.items() if value is not None}
    return pd.DataFrame({"Fact": list(known), "Value": list(known.values())})


def unknown(facts: Facts) -> list[str]:
    """The names of the others."""
    return [name for name, value in facts.items() if value is None]


def machines_table(computers: Mapping[str, Any]) -> pd.DataFrame:
    """Every computer, the one that ran last first."""
    facts = [machine_facts(row) for row in computers.values()]
    columns = ("Processor", "Cores", "Memory", "Operating system", "Virtual machine")
    nights = {
        "First night": [wording.day(row.first_night) for row in computers.values()],
        "Last night": [wording.day(row.last_night) for row in computers.values()],
    }
    return pd.DataFrame(
        {"Machine": list(computers), **{name: [one[name] or UNKNOWN for one in facts] for name in columns}, **nights}
    )


def environments_table(environments: Sequence[Any]) -> pd.DataFrame:
    """The environments of a machine, the one last used first."""
    return pd.DataFrame(
        {
            "NumPy": [row.numpy for row in environments],
            "JAX": [row.jax or "–" for row in environments],
            "jaxlib": [row.jaxlib or "–" for row in environments],
            "Python": [row.python for row in environments],
            "First used": [wording.day(row.first_night) for row in environments],
            "Last used": [wording.day(row.last_night) for row in environments],
            "Runs": [row.runs for row in environments],
            "Track": [row.track or "–" for row in environments],
            "Digest": [row.digest for row in environments],
        }
    )


def peaks_table(peaks: Iterable[Any]) -> pd.DataFrame:
    """The most that was seen of each device, by library."""
    rows: dict[tuple[Any, ...], dict[str, Any]] = {}
    for peak in peaks:
        what, unit = PEAKS.get(peak.resource, (peak.resource, "G/s"))
        key = (peak.resource, peak.dtype, peak.environment, peak.device, peak.threads)
        row = rows.setdefault(key, {"At most": f"{what}, {peak.dtype}", "NumPy": "–", "JAX": "–"})
        row[LIBRARIES.get(peak.library, peak.library)] = f"{_figure(peak.per_second / 1e9)} {unit}"
        row |= {"Environment": peak.environment, "Device": peak.device, "Threads": peak.threads}
    table = pd.DataFrame(list(rows.values()))
    single = [name for name in ("Environment", "Device", "Threads") if len(table) and table[name].nunique() == 1]
    return table.drop(columns=single)


def _versions(one: pd.DataFrame, other: pd.DataFrame) -> tuple[Facts, Facts]:
    """The version of each package; with its file's hash where both are known and only that differs."""
    sides = [{row["Package"]: row for row in frame.to_dict("records")} for frame in (one, other)]
    facts: tuple[Facts, Facts] = ({}, {})
    for name in sorted({**sides[0], **sides[1]}, key=lambda name: (name not in LIBRARIES, name)):
        rows = [side.get(name) for side in sides]
        hashes = [row["SHA-256"] if row else None for row in rows]
        is_other_file = all(hashes) and hashes[0] != hashes[1] and rows[0]["Version"] == rows[1]["Version"]
        for side, row in zip(facts, rows, strict=True):
            if row:
                file = f", file {row['SHA-256'][:SHORT_HASH]}" if is_other_file else ""
                side[name] = row["Version"] + file
    return facts


def _figure(value: float) -> str:
    """With the two or three digits that a peak is worth."""
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def _megabytes(size: Any) -> str:
    return f"{size / 1e6:,.1f} MB" if isinstance(size, int | float) and not math.isnan(size) else "–"


def _resolution(places: Sequence[Any]) -> Sequence[Mapping[str, Any]]:
    """Of the newest run that built the environment from files that are recorded."""
    return next((place.resolution for place in places if place.resolution), [])


def _value(key: str, value: Any) -> str | None:
    """A fact as text: `24 GiB`, `yes`, `no`."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    if key == "memory_gib":
        return f"{value} GiB"
    if key == "swap_used_bytes":
        return f"{value / 1e6:,.0f} MB" if isinstance(value, int | float) else str(value)
    return str(value)


def _objects(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
