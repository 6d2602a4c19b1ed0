"""Machines and environments as facts, and what differs between two."""

from datetime import date
from types import SimpleNamespace

import pytest

from dashboard import inventory, inventory_words

FILES = [
    {
        "name": "numpy",
        "version": "2.4.6",
        "sha256": "a" * 64,
        "download_bytes": 15_700_000,
        "uploaded": "2026-11-15T21",
    },
    {"name": "jax", "version": "0.10.2", "sha256": "b" * 64},
]


def a_computer(name="vm", fingerprint="f00d", **description):
    nights = {"first_night": date(2026, 3, 1), "last_night": date(2026, 3, 2)}
    return SimpleNamespace(name=name, fingerprint=fingerprint, description=description, **nights)


def a_place(*, resolution=(), packages=None, spec="", builder="uv", **found):
    described = {"python": "3.11.7", "libraries": {"numpy": "2.4.6"}, "packages": packages or {}, **found}
    how = {"resolution": resolution, "spec": spec, "builder": builder}
    return SimpleNamespace(digest="d", description=described, **how)


def an_environment(digest, jax="0.10.2", compares=1):
    versions = {"numpy": "2.4.6", "jax": jax, "python": "3.11.7", "jaxlib": jax, "track": None}
    used = {"first_night": date(2026, 3, 1), "last_night": date(2026, 3, 2), "runs": 1, "compares": compares}
    return SimpleNamespace(digest=digest, **versions, **used)


def test_facts_are_known_or_unknown():
    """In words; whatever shape a description has."""
    facts = inventory.machine_facts(
        a_computer(
            processor="P", cores=2, memory_gib=8, conditions={"turbo": False, "virtual": True, "governor": "powersave"}
        )
    )
    assert (facts["Processor"], facts["Cores"], facts["Memory"]) == ("P", "2", "8 GiB")
    assert (facts["Turbo"], facts["Virtual machine"], facts["Governor"]) == ("no", "yes", "powersave")
    assert "Clock source" in inventory.unknown(facts)
    assert list(inventory.facts_table(facts)["Fact"])[-1] == "Virtual machine"
    odd = inventory.machine_facts(a_computer(conditions=["odd"], cores={"odd": 1}))
    assert (odd["Cores"], odd["Turbo"]) == ("{'odd': 1}", None)


def test_two_computers_of_one_name_are_told_apart():
    """By their fingerprints, and only then."""
    computers = [a_computer("vm", "f1"), a_computer("otter", "f2"), a_computer("vm", "f3")]
    assert list(inventory.machine_names(computers)) == ["vm (f1)", "otter", "vm (f3)"]


def test_an_environment_is_named_by_its_versions():
    """And by as much of its digest as it takes."""
    names = inventory.environment_names([an_environment("0123456789"), an_environment("abcdefghij", jax=None)])
    assert list(names) == [
        "NumPy 2.4.6, JAX 0.10.2, Python 3.11.7 (01234567)",
        "NumPy 2.4.6, no JAX, Python 3.11.7 (abcdefgh)",
    ]
    alike = inventory.environment_names([an_environment("01234567x"), an_environment("01234567y")])
    assert [name[-11:] for name in alike] == ["(01234567x)", "(01234567y)"]


def test_packages_come_with_their_files():
    """Of the newest run that recorded any; what was installed beside them has a version alone."""
    places = [a_place(packages={"pip": "1.0"}), a_place(resolution=FILES)]
    table = inventory.packages_table(inventory.packages(places))
    assert list(table["Package"]) == ["jax", "numpy", "pip"]
    assert list(table["Version"]) == ["0.10.2", "2.4.6", "1.0"]
    assert list(table["SHA-256"]) == ["b" * 64, "a" * 64, "–"]
    assert list(table["Download"]) == ["–", "15.7 MB", "–"]
    assert list(table["Uploaded"]) == ["–", "2026-11-15", "–"]
    assert list(inventory.packages_table(inventory.packages(places[:1]))) == ["Package", "Version"]


def test_only_what_is_known_of_both_can_differ():
    """What one lacks altogether differs, what is not known of one does not."""
    apart = inventory.compared({"a": "1", "b": "1", "c": None, "d": "1"}, {"a": "2", "b": "1", "c": "2"})
    table = inventory.apart_table(apart)
    assert table.values.tolist() == [["a", "1", "2"], ["d", "1", "not there"]]
    assert inventory.same_table(apart).values.tolist() == [["b", "1"]]
    assert apart.unknown == ["c"]


def test_environments_differ_by_versions_files_and_build():
    """A file counts where both are known; a package that one lacks is counted apart."""
    first = a_place(packages={"numpy": "2.4.3", "jax": "0.10.2", "pip": "1"}, blas="one", variables={"X": "0"})
    second = a_place(packages={"numpy": "2.4.6", "jax": "0.10.2"}, blas="other", variables={"Y": "1"})
    apart = inventory.environments_apart([first], [second])
    assert inventory.apart_table(apart).values.tolist() == [
        ["numpy", "2.4.3", "2.4.6"],
        ["BLAS", "one", "other"],
        ["pip", "1", "not there"],
        ["variable X", "0", "not there"],
        ["variable Y", "not there", "1"],
    ]
    said = inventory_words.apart(apart)
    assert "1 of 2 packages that both have (numpy)" in said
    assert "1 package that only the first has" in said
    again = [{**file, "sha256": "c" * 64} for file in FILES]
    apart = inventory.environments_apart([a_place(resolution=FILES)], [a_place(resolution=again)])
    assert inventory.apart_table(apart).values.tolist()[1] == [
        "numpy",
        "2.4.6, file aaaaaaaaaaaa",
        "2.4.6, file cccccccccccc",
    ]
    half = inventory.environments_apart(
        [a_place(resolution=FILES)], [a_place(packages={"jax": "0.10.2", "numpy": "2.4.6"})]
    )
    assert inventory_words.apart(half).startswith("**Nothing that is known of both differs.**")


def test_packages_that_nobody_listed_are_no_difference():
    """Older bundles hold versions of libraries alone, and these are compared."""
    older = a_place(libraries={"numpy": "1.26.4"})
    apart = inventory.environments_apart([older], [a_place(packages={"numpy": "2.4.6"})])
    assert inventory.apart_table(apart).values.tolist() == [["NumPy", "1.26.4", "2.4.6"]]


def test_machines_differ_in_what_they_are():
    """A fact that one did not tell is named as such."""
    apart = inventory.machines_apart(a_computer(cores=2, processor="P"), a_computer(cores=4))
    assert inventory.apart_table(apart).values.tolist() == [["Cores", "2", "4"]]
    assert "Not known of both: processor, architecture" in inventory_words.apart(apart)


@pytest.mark.parametrize(("per_second", "text"), [(4.28e9, "4.3 GB/s"), (2.1e10, "21 GB/s"), (1.083e12, "1,083 GB/s")])
def test_peaks_stand_side_by_side(per_second, text):
    """Libraries in columns; where all is of one environment and device, neither is named."""
    one = {"resource": "bandwidth", "dtype": "float32", "environment": "A", "device": "cpu", "threads": 2}
    peaks = [SimpleNamespace(**one, library=name, per_second=per_second) for name in ("numpy", "jax")]
    assert inventory.peaks_table(peaks).to_dict("records") == [
        {"At most": "memory, float32", "NumPy": text, "JAX": text}
    ]
    other = SimpleNamespace(**{**one, "environment": "B"}, library="jax", per_second=1e9)
    table = inventory.peaks_table([*peaks, other])
    assert list(table["Environment"]) == ["A", "B"]
    assert list(table["NumPy"]) == [text, "–"]


def test_the_answer_names_machine_and_newest_environment():
    """And how many there are; releases of backfills among them."""
    here = [a_computer(processor="AMD <b>", cores=2, memory_gib=8)]
    environments = [an_environment("a"), an_environment("b", jax=None), an_environment("c", compares=0)]
    assert inventory_words.answer("vm", here, environments).replace("\\", "") == (
        "**vm: AMD <b>, 2 cores, 8 GiB.** 3 environments, 1 of them of releases in a backfill; the newest is NumPy "
        "2.4.6 with JAX 0.10.2 on Python 3.11.7, last used 2026-03-02."
    )
    said = inventory_words.answer("vm", [a_computer(), a_computer()], environments[1:2])
    assert "**vm: nothing is known of what it is.** 1 environment; the newest is NumPy 2.4.6 without JAX" in said
    assert "2 computers went by this name" in said


def test_how_an_environment_came_about():
    """From files that are recorded, or as it was found."""
    assert "`numpy,jax`, of 2 files" in inventory_words.built(
        [a_place(), a_place(resolution=FILES, spec="`numpy,jax`")]
    )
    assert "told by version alone" in inventory_words.built([a_place(builder="current")])
