"""One kernel under pyperf: `pyperf_script.py OPTIONS`, the kernel and its work in the environment."""

import os
import sys

import pyperf

sys.path.insert(0, os.environ["PEERS"])

from kernels import KERNELS

runner = pyperf.Runner()
options = runner.parse_args()
name, work = os.environ["PEERS_KERNEL"], float(os.environ["PEERS_WORK"])
# The master only starts workers: it must not spend time and memory on a kernel of its own.
runner.bench_func(name, KERNELS[name](work) if options.worker else print)
