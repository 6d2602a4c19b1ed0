"""The state of an NVIDIA GPU, where the package nvidia-ml-py is there to ask it."""

from __future__ import annotations

import contextlib
import importlib
import os
from typing import Any

#: Names of NVML's reasons for running slower, those of its bits that a measurement suffers from.
THROTTLED = {
    0x4: "power cap",
    0x8: "hardware slowdown",
    0x20: "software thermal slowdown",
    0x40: "hardware thermal slowdown",
    0x80: "hardware power brake",
}


def state() -> dict[str, Any]:
    """Clocks, temperature, power and throttle reasons of the first GPU; empty where there is none, or nobody to ask."""
    with contextlib.suppress(Exception):  # no package, no driver, no GPU: each raises something of its own
        nvml = importlib.import_module("pynvml")
        nvml.nvmlInit()
        try:
            visible = os.environ.get("CUDA_VISIBLE_DEVICES", "0").partition(",")[0]
            gpu = nvml.nvmlDeviceGetHandleByIndex(int(visible) if visible.isdigit() else 0)
            reasons = nvml.nvmlDeviceGetCurrentClocksThrottleReasons(gpu)
            return {
                "gpu_mhz": nvml.nvmlDeviceGetClockInfo(gpu, nvml.NVML_CLOCK_SM),
                "gpu_memory_mhz": nvml.nvmlDeviceGetClockInfo(gpu, nvml.NVML_CLOCK_MEM),
                "gpu_celsius": nvml.nvmlDeviceGetTemperature(gpu, nvml.NVML_TEMPERATURE_GPU),
                "gpu_watts": nvml.nvmlDeviceGetPowerUsage(gpu) / 1000,
                "gpu_throttled": [name for bit, name in THROTTLED.items() if reasons & bit],
            }
        finally:
            nvml.nvmlShutdown()
    return {}
