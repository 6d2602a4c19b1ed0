"""What a bundle's first line must hold before any of the bundle is stored."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from storage.texts import check_name, check_time
from workloads import bundle

#: How an environment takes part in a run, and what bundles mean that do not say it.
DEFAULTS: dict[str, Any] = {
    "again": False,
    "group": 0,
    "anchor": False,
    "measures": None,
    "spec": "",
    "track": None,
    "builder": "current",
    "resolution": [],
}
#: Of each package: whatever builds the environment again hands these on.
PACKAGE = {
    "name": re.compile(r"[a-z0-9](-?[a-z0-9]){0,99}"),
    "version": re.compile(r"[0-9][0-9A-Za-z.!+_-]{0,99}"),
    "sha256": re.compile(r"[0-9a-f]{64}"),
}
MAX_TEXT, MAX_GROUP, MAX_PACKAGES, MAX_PLANNED = 1000, 10_000, 2_000, 1_000_000


def check_header(header: bundle.Header) -> list[str]:
    """The names of its environments, once it is known to hold all that is stored of a run."""
    if str(UUID(header.run)) != header.run:
        raise ValueError("run is not a UUID as it is usually written: small letters, with hyphens")
    check_time(header.started_at)
    for name in ("name", "fingerprint"):
        check_name(header.machine[name], f"machine.{name}")
    for environment in header.environments:
        place_facts(environment)
        check_name(environment["name"], "environment.name")
        for value in (environment["asked"], environment["import_seconds"], environment["found"]["libraries"]):
            if not isinstance(value, dict):
                raise ValueError("an environment's asked, import_seconds and libraries are objects")
        check_name(environment["found"]["digest"], "digest")
        check_name(environment["found"]["python"], "python")
        check_name(environment["found"]["libraries"]["numpy"], "numpy")
        for library, version in environment["found"]["libraries"].items():
            check_name(version, f"the version of {library}")
    check_name(header.plan["suite"], "suite")
    if not isinstance(header.plan.get("request", ""), str):
        raise ValueError("request is a text")
    left_out = header.plan.get("left_out", [])
    if not isinstance(left_out, list) or not all(isinstance(reason, str) for reason in left_out):
        raise ValueError("left_out is a list of texts")
    names = [environment["name"] for environment in header.environments]
    if len(set(names)) != len(names) or not names:
        raise ValueError("environments need names, each its own")
    before: list[str] = []
    for environment in header.environments:
        facts, digest = place_facts(environment), environment["found"]["digest"]
        # in the first group it is there for the noise floor, and so must be the baseline
        if facts["again"] and digest not in (before if facts["group"] else before[:1]):
            raise ValueError(f"environment {environment['name']!r} is none that was there before it `again`")
        before.append(digest)
    planned_measurements(header)
    return names


def place_facts(environment: dict[str, Any]) -> dict[str, Any]:
    """How an environment takes part, complete. ValueError for what is not as it must be."""
    facts = {name: environment.get(name, default) for name, default in DEFAULTS.items()}
    facts |= {name: flag(environment, name) for name in ("again", "anchor")}
    if type(facts["group"]) is not int or not 0 <= facts["group"] <= MAX_GROUP:
        raise ValueError("group is a number from 0 on")
    if facts["measures"] not in (None, "numpy", "jax"):
        raise ValueError("measures is numpy or jax")
    if facts["track"] is not None:
        check_name(facts["track"], "track")
    check_name(facts["builder"], "builder")
    if not isinstance(facts["spec"], str) or len(facts["spec"]) > MAX_TEXT:
        raise ValueError(f"spec is a text of at most {MAX_TEXT} characters")
    packages = facts["resolution"]
    if not isinstance(packages, list) or len(packages) > MAX_PACKAGES:
        raise ValueError("resolution is a list of packages")
    for package in packages:
        for name, shape in PACKAGE.items():
            if not isinstance(package[name], str) or not shape.fullmatch(package[name]):
                raise ValueError(f"{name} of a package is not as it must be")
    return facts


def flag(facts: dict[str, Any], name: str) -> bool:
    """A fact that is true or false, and false where it is not said."""
    value = facts.get(name, False)
    if not isinstance(value, bool):
        raise ValueError(f"{name} is true or false")
    return value


def planned_measurements(header: bundle.Header) -> int:
    """How many measurements the plan asks for: one per case, and variant that is measured in an environment."""
    planned, cases = 0, header.plan["cases"]
    if not isinstance(cases, list) or len(cases) * len(header.environments) > MAX_PLANNED:
        raise ValueError(f"cases is a list, and there are at most {MAX_PLANNED} in all environments")
    for environment in header.environments:
        facts = place_facts(environment)
        part = {"again": facts["again"], "group": facts["group"], "of": facts["measures"]}
        for case in cases:
            variants = case["variants"]
            if not isinstance(variants, list) or not all(isinstance(variant, str) for variant in variants):
                raise ValueError("the variants of a planned case are texts")
            planned += len(bundle.taken(variants, case_again=flag(case, "again"), **part))
    return planned
