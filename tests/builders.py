"""Bundles for tests, in few words: what is not said is ordinary. Whatever is built here, storage accepts."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from storage.database import open_database
from storage.record import store
from workloads import bundle

STARTED = "2026-03-01T02:00:00.000Z"
FINISHED = "2026-03-01T02:30:00.000Z"


def a_measurement(
    variant: str = "numpy", n: int = 1024, seconds: float | None = 1e-3, **said: Any
) -> bundle.Measurement:
    """One variant at one size, measured in three processes unless a `status` says otherwise.

    `spread`: half of its interval's width as a share; None for one process, and so no interval.
    Whatever else is said (`dtype`, `first_call_seconds`, or a field of the measurement) replaces what is ordinary.
    """
    spread = said.pop("spread", 0.02)
    case = said.pop("case", {"n": n, "dtype": said.pop("dtype", "float32")})
    first_call_seconds = said.pop("first_call_seconds", 0.05)
    status = said.get("status", "measured")
    if status != "measured":
        seconds = None
    fields: dict[str, Any] = {
        "environment": "current",
        "workload": "broadcast_sum",
        "workload_version": 1,
        "case": case,
        "size_name": "n",
        "size": float(n),
        "variant": variant,
        "status": status,
        "reason": "",
        "device": "cpu",
        "threads": 2,
        "measured_at": STARTED,
        "seconds": seconds,
    }
    if seconds is not None:
        count = 1 if spread is None else 3
        fields["processes"] = [a_process(seconds, seed, first_call_seconds) for seed in range(count)]
        if spread is not None:
            fields["low_seconds"], fields["high_seconds"] = seconds * (1 - spread), seconds * (1 + spread)
    return bundle.Measurement(**{**fields, **said})


def a_process(seconds: float, seed: int = 0, first_call_seconds: float = 0.05, **said: Any) -> bundle.Process:
    """What one process contributed: five equal samples and a first call; `said` replaces fields of it."""
    fields: dict[str, Any] = {
        "seed": seed,
        "samples_seconds": [bundle.kept(seconds)] * 5,
        "calls_per_sample": 10,
        "first_call": {"seconds": first_call_seconds},
        "transfer_in_seconds": None,
        "transfer_out_seconds": None,
        "peak_bytes": None,
        "settled": True,
    }
    return bundle.Process(**{**fields, **said})


def a_ratio(candidate: bundle.Measurement, baseline: bundle.Measurement, **said: Any) -> bundle.Ratio:
    """Candidate / baseline seconds of two measurements; `spread` as for a measurement."""
    assert candidate.seconds is not None
    assert baseline.seconds is not None
    spread = said.pop("spread", 0.02)
    ratio = candidate.seconds / baseline.seconds
    fields: dict[str, Any] = {
        "workload": candidate.workload,
        "workload_version": candidate.workload_version,
        "case": candidate.case,
        "baseline_environment": baseline.environment,
        "baseline_variant": baseline.variant,
        "environment": candidate.environment,
        "variant": candidate.variant,
        "ratio": ratio,
        "low": None if spread is None else ratio * (1 - spread),
        "high": None if spread is None else ratio * (1 + spread),
    }
    return bundle.Ratio(**{**fields, **said})


def ratios_to_numpy(measurements: Sequence[bundle.Measurement], **said: Any) -> list[bundle.Ratio]:
    """The ratio of every measured variant to NumPy on the same case in the same environment."""

    def case(line: bundle.Measurement) -> tuple[Any, ...]:
        return line.environment, line.workload, line.workload_version, bundle.case_key(line.case)

    measured = [line for line in measurements if line.status == "measured"]
    numpy = {case(line): line for line in measured if line.variant == "numpy"}
    return [
        a_ratio(line, numpy[case(line)], **said) for line in measured if line.variant != "numpy" and case(line) in numpy
    ]


def a_peak(resource: str = "bandwidth", per_second: float = 2e10, **said: Any) -> bundle.Peak:
    """The most that NumPy saw of the CPU in the environment `current`; `said` replaces fields of it."""
    fields = {"environment": "current", "device": "cpu", "threads": 2, "library": "numpy", "dtype": "float32"}
    return bundle.Peak(**{**fields, "resource": resource, "per_second": per_second, **said})


def an_environment(
    name: str = "current", *, numpy: str = "2.4.6", jax: str | None = "0.10.2", again: bool = False, **said: Any
) -> dict:
    """An environment as it stands in a header; without JAX if `jax` is None. `said` is what was found there."""
    libraries = {"numpy": numpy} | ({"jax": jax, "jaxlib": jax} if jax else {})
    found = {"digest": f"numpy-{numpy}-jax-{jax}", "python": "3.11.7", "libraries": libraries, **said}
    environment = {"name": name, "asked": {}, "found": found, "import_seconds": {"numpy": 0.1}}
    return environment | ({"again": True} if again else {})


def a_header(
    measurements: Sequence[bundle.Measurement] = (),
    *,
    machine: str = "vm",
    environments: Sequence[dict] | None = None,
    run: str | None = None,
    started_at: str = STARTED,
    suite: str = "all",
    request: str = "",
    unreached: int = 0,
    left_out: Sequence[str] = (),
    settings: Mapping[str, Any] | None = None,
) -> bundle.Header:
    """The header of a run that planned these measurements, and `unreached` more in each environment.

    A case that has a measurement in an environment that is there `again` was planned to.
    """
    names = list(dict.fromkeys(line.environment for line in measurements)) or ["current"]
    again = {environment["name"] for environment in environments or [] if environment.get("again")}
    cases: dict[tuple[str, str], dict[str, Any]] = {}
    for line in measurements:
        planned = {"workload": line.workload, "case": line.case, "variants": []}
        case = cases.setdefault((line.workload, bundle.case_key(line.case)), planned)
        if line.variant not in case["variants"]:
            case["variants"].append(line.variant)
        if line.environment in again:
            case["again"] = True
    more = [{"workload": "unreached", "case": {"n": n}, "variants": ["numpy"]} for n in range(unreached)]
    return bundle.Header(
        run=run or str(uuid.uuid4()),
        started_at=started_at,
        machine={"name": machine, "fingerprint": "f00d", "processor": "A processor", "cores": 2, "memory_gib": 24},
        environments=list(environments or [an_environment(name) for name in names]),
        plan={"suite": suite, "request": request, "cases": [*cases.values(), *more], "left_out": list(left_out)}
        | ({"settings": dict(settings)} if settings else {}),
    )


def a_bundle(
    path: Path,
    measurements: Sequence[bundle.Measurement] = (),
    ratios: Sequence[bundle.Ratio] | None = None,
    *,
    peaks: Sequence[bundle.Peak] = (),
    finished: bool = True,
    **header: Any,
) -> Path:
    """A bundle file. Without `ratios`, every variant is compared with NumPy; `header` goes to `a_header`."""
    if ratios is None:
        ratios = ratios_to_numpy(measurements)
    lines: list[bundle.Line] = [a_header(measurements, **header), *peaks, *measurements, *ratios]
    if finished:
        lines.append(bundle.Footer(finished_at=FINISHED))
    with open(path, "w", encoding="utf-8") as stream:
        bundle.write(stream, lines)
    return path


def a_full_run(folder: Path, run: str, machine: str = "otter", **said: Any) -> Path:
    """The bundle of a night with something for every table that belongs to a run."""
    lines = [a_measurement(variant, environment=name) for name in ("A", "A again") for variant in ("numpy", "jax_jit")]
    sides = [an_environment("A"), an_environment("A again", again=True)]
    ratios = [a_ratio(lines[1], lines[0]), a_ratio(lines[2], lines[0])]
    said = {"environments": sides, "machine": machine, "request": "nightly", "peaks": [a_peak(environment="A")], **said}
    return a_bundle(folder / f"{run}.jsonl", lines, ratios, run=run, **said)


def stored(url: str, measurements: Sequence[bundle.Measurement] = (), *args: Any, **said: Any) -> str:
    """The database's address, once a bundle of these measurements is in it; arguments as for `a_bundle`."""
    engine = open_database(url)
    try:
        with TemporaryDirectory() as folder:
            store(engine, a_bundle(Path(folder) / "bundle.jsonl", measurements, *args, **said))
    finally:
        engine.dispose()
    return url


GROUP = 3  # new releases in a group of a backfill, beside its anchor


def some_releases(versions: Sequence[str], library: str = "jax", *, first_group: int = 0) -> list[dict]:
    """The environments of a backfill through these releases, the oldest first, grouped as `flows.backfill` does it.

    Release k appeared on the k-th of a month, takes k MB more than 100 on disk, and 0.1 k seconds to import.
    """
    age = {version: k for k, version in enumerate(versions, 1)}
    places = []
    for number, group in enumerate(_groups(list(versions))):
        for version, name in group.items():
            k, libraries = age[version], {library: version} | ({"jax": None} if library == "numpy" else {})
            size = {"package_bytes": {library: 100_000_000 + k * 1_000_000}}
            environment = an_environment(f"{library}=={name}", again=name != version, **libraries, **size)
            package = {"name": library, "version": version, "sha256": "0" * 64, "download_bytes": k * 1_000_000}
            facts = {
                "group": first_group + number,
                "anchor": version == versions[-1],
                "measures": library,
                "import_seconds": {library: k / 10},
                "resolution": [package | {"uploaded": f"2024-01-{k:02}T12:00:00Z"}],
            }
            places.append(environment | facts)
    return places


def a_trend(
    levels: Mapping[str, float | None], variant: str = "jax_jit", *, seconds: float = 1e-3, **said: Any
) -> tuple[list[bundle.Measurement], list[bundle.Ratio]]:
    """One variant through releases, the oldest first: the seconds of each over the newest one's, None where it failed.

    `seconds` are the newest one's in the first group. From group to group the machine gets slower by half of that: only
    ratios can be compared. `said` is as for a measurement; `spread` holds for the ratios too.
    """
    library = variant.partition("_")[0]
    spread = {"spread": said["spread"]} if "spread" in said else {}
    measurements, ratios = [], []
    for number, group in enumerate(_groups(list(levels))):
        lines: list[bundle.Measurement] = []
        for version, name in group.items():
            level, beside = levels[version], {"environment": f"{library}=={name}"}
            if level is None:
                lines.append(a_measurement(variant, **{"status": "failed", "reason": "it broke", **said, **beside}))
            else:
                lines.append(a_measurement(variant, seconds=seconds * (1 + number / 2) * level, **said, **beside))
        measurements += lines
        pairs = [(line, lines[0]) for line in lines[1:]] + list(zip(lines[2:], lines[1:], strict=False))
        ratios += [a_ratio(*pair, **spread) for pair in pairs if all(line.status == "measured" for line in pair)]
    return measurements, ratios


def together(*trends: tuple[list, list]) -> tuple[list, list]:
    """Several trends as the measurements and ratios of one run."""
    return [one for lines, _ in trends for one in lines], [one for _, ratios in trends for one in ratios]


def _groups(versions: Sequence[str]) -> list[dict[str, str]]:
    """Releases in groups, each with its name there: the anchor first, then the last of the group before."""
    *others, newest = versions
    chunks = [others[start : start + GROUP] for start in range(0, len(others), GROUP)] or [[]]
    groups = []
    for number, chunk in enumerate(chunks):
        shared = [newest, chunks[number - 1][-1]] if number else [newest]
        groups.append(
            {one: f"{one} (group {number + 1})" if number else one for one in shared} | {one: one for one in chunk}
        )
    return groups
