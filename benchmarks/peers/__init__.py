"""The peers' side of a comparison: what asv, pyperf and pytest-benchmark say of two kernels of known ratio."""
