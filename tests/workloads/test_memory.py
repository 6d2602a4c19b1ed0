"""A process's memory: a limit that holds, a peak that forgets, and whom the kernel is to end first."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.workloads.measuring import ROOT
from workloads import memory

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits and peaks as Linux has them")


def said_by(code):
    """What a process of its own prints: a limit cannot be taken back."""
    code = "import resource, numpy as np\nfrom workloads import memory\n" + code
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True).stdout.split()


def test_more_than_the_limit_is_refused():
    """An array of 512 MiB in a process that may have 256; one of 64 is given."""
    code = "memory.limit(2**28); np.empty(2**23)\ntry: np.empty(2**26)\nexcept MemoryError: print('refused')"
    assert said_by(code) == ["refused"]


def test_no_limit_is_none():
    """The same array where nothing is limited."""
    assert said_by("memory.limit(None); print(np.empty(2**26).size)") == [str(2**26)]


def test_a_limit_that_is_there_already_is_not_raised():
    """Whoever set it had a reason."""
    code = "resource.setrlimit(resource.RLIMIT_DATA, (2**30, 2**30)); memory.limit(2**40)"
    assert said_by(code + "; print(*resource.getrlimit(resource.RLIMIT_DATA))") == [str(2**30)] * 2


def test_the_kernel_is_told_to_end_the_probe_first():
    """Else it might choose whoever started it."""
    assert said_by("memory.limit(None); print(open('/proc/self/oom_score_adj').read())") == ["1000"]


def test_the_peak_of_an_earlier_case_is_forgotten():
    """256 MiB, touched and freed, then measured anew."""
    memory.reset_peak()
    before = memory.peak_bytes()
    np.ones(2**25)
    assert memory.peak_bytes() > before + 2**27
    memory.reset_peak()
    assert memory.peak_bytes() < before + 2**27


def test_without_proc_the_peak_is_that_of_the_life():
    """Larger than nothing, and no crash."""
    code = "memory.open = lambda *_: open('/no/such/file'); memory.limit(None); memory.reset_peak()"
    peak, kills = said_by(code + "; print(memory.peak_bytes(), memory.kills())")
    assert int(peak) > 2**23
    assert kills == "0"


def test_what_the_kernel_has_killed_is_counted():
    """As it says itself."""
    counted = [line for line in Path("/proc/vmstat").read_text().splitlines() if line.startswith("oom_kill ")]
    assert [f"oom_kill {memory.kills()}"] == counted
