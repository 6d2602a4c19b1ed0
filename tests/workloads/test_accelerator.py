"""The state of a GPU: empty where there is none, and in plain words where there is."""

import shutil
import sys
from types import SimpleNamespace

import pytest

from workloads import accelerator


@pytest.mark.skipif(shutil.which("nvidia-smi") is not None, reason="there is a GPU here")
def test_where_there_is_no_gpu_nothing_is_said():
    """No package, no driver, no GPU: no crash."""
    assert accelerator.state() == {}


@pytest.fixture
def nvml(monkeypatch):
    """NVML's answers for a GPU that this machine does not have."""
    said = SimpleNamespace(
        asked=[],
        closed=0,
        reasons=0,
        NVML_CLOCK_SM="sm",
        NVML_CLOCK_MEM="memory",
        NVML_TEMPERATURE_GPU=0,
        nvmlInit=lambda: None,
        nvmlDeviceGetHandleByIndex=lambda index: said.asked.append(index),
        nvmlDeviceGetClockInfo=lambda gpu, clock: {"sm": 1980, "memory": 2619}[clock],
        nvmlDeviceGetTemperature=lambda gpu, sensor: 41,
        nvmlDeviceGetPowerUsage=lambda gpu: 70_500,
        nvmlDeviceGetCurrentClocksThrottleReasons=lambda gpu: said.reasons,
    )
    said.nvmlShutdown = lambda: setattr(said, "closed", said.closed + 1)
    monkeypatch.setitem(sys.modules, "pynvml", said)
    return said


def test_clocks_temperature_and_power_are_told(nvml):
    """In the units that their names say."""
    assert accelerator.state() == {
        "gpu_mhz": 1980,
        "gpu_memory_mhz": 2619,
        "gpu_celsius": 41,
        "gpu_watts": 70.5,
        "gpu_throttled": [],
    }
    assert nvml.closed == 1


def test_throttling_is_told_in_words_and_idleness_is_not(nvml):
    """NVML's bits: 0x1 is an idle GPU, 0x4 a power cap, 0x40 heat."""
    nvml.reasons = 0x1 | 0x4 | 0x40
    assert accelerator.state()["gpu_throttled"] == ["power cap", "hardware thermal slowdown"]


def test_a_gpu_that_does_not_answer_is_none(nvml):
    """NVML is closed all the same."""
    nvml.nvmlDeviceGetPowerUsage = lambda gpu: 1 / 0
    assert accelerator.state() == {}
    assert nvml.closed == 1


@pytest.mark.parametrize(("visible", "index"), [(None, 0), ("2,3", 2), ("", 0), ("GPU-5a1b", 0)])
def test_the_gpu_that_jax_computes_on_is_asked(nvml, monkeypatch, visible, index):
    """The first of those that are visible; one that has no number is taken for the first."""
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    accelerator.state()
    assert nvml.asked == [index]
