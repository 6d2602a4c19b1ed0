"""How a machine is set up: read from the system, never guessed."""

import io

from workloads import conditions

FILES = {
    "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor": "powersave\n",
    "/sys/devices/system/cpu/intel_pstate/no_turbo": "0\n",
    "/sys/devices/system/cpu/smt/active": "1\n",
    "/sys/devices/system/cpu/isolated": "\n",
    "/sys/devices/system/clocksource/clocksource0/current_clocksource": "tsc\n",
    "/sys/kernel/mm/transparent_hugepage/enabled": "always [madvise] never\n",
    "/proc/cpuinfo": "processor : 0\nflags\t\t: fpu vme hypervisor avx2\n",
    "/proc/meminfo": "MemTotal: 100 kB\nSwapTotal: 64 kB\nSwapFree: 60 kB\n",
}


def system(monkeypatch, files):
    def opened(path, *_):
        if path not in files:
            raise FileNotFoundError(path)
        return io.StringIO(files[path])

    monkeypatch.setattr(conditions, "open", opened, raising=False)
    monkeypatch.setattr(conditions.glob, "glob", lambda pattern: [])


def test_what_the_system_says_is_told(monkeypatch):
    """Governor, turbo, hyper-threading, clock source, huge pages, virtual machine, swap in bytes."""
    system(monkeypatch, FILES)
    found = conditions.describe()
    found.pop("usable_cores", None)
    assert found == {
        "governor": "powersave",
        "turbo": True,
        "hyper_threading": True,
        "clock_source": "tsc",
        "huge_pages": "madvise",
        "virtual": True,
        "swap_used_bytes": 4096,
    }


def test_what_it_does_not_say_is_left_out(monkeypatch):
    """Not a guess, not a crash."""
    system(monkeypatch, {})
    assert set(conditions.describe()) <= {"usable_cores"}


def test_this_machine_can_be_described():
    """Whatever it is."""
    assert isinstance(conditions.describe(), dict)
