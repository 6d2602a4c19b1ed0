"""A record may have come with a bundle from outside, and becomes lines that uv reads: so it may hold packages only."""

from __future__ import annotations

import pytest

from flows.environments.resolution import of_record
from flows.environments.spec import EnvironmentSpecError

NUMPY = {"name": "numpy", "version": "2.4.6", "sha256": "ab" * 32, "download_bytes": 1, "uploaded": None}


def test_a_record_becomes_a_file_that_admits_these_files_only():
    """And it is what it came from."""
    found = of_record([NUMPY])
    assert found.requirements == f"numpy==2.4.6 --hash=sha256:{'ab' * 32}\n"
    assert found.record == [NUMPY]


@pytest.mark.parametrize(
    "change",
    [
        {"name": "numpy\n--index-url http://elsewhere.invalid\nnumpy"},
        {"name": "-r/etc/passwd"},
        {"name": "NumPy"},
        {"name": 1},
        {"version": "2.4.6 ; --pre"},
        {"version": "newest"},
        {"sha256": ""},
        {"sha256": "AB" * 32},
        {"sha256": f"{'ab' * 32}\n--pre"},
        {"sha256": None},
        {"further": 1},
    ],
)
def test_what_is_no_package_with_a_hash_is_refused(change):
    """An option among the names, a version that is none, a hash that is missing or more than one."""
    with pytest.raises(EnvironmentSpecError, match="not the record of an environment"):
        of_record([{**NUMPY, **change}])
