"""One kernel, made with the work of the commit that is checked out."""

import os
import sys

sys.path[:0] = [os.environ["PEERS"], os.path.join(os.environ["ASV_ENV_DIR"], "project")]

from kernels import KERNELS  # noqa: E402
from planted import WORK  # noqa: E402


class Kernel:
    def __init__(self):
        # Not in `setup`: where there is one, asv_runner 0.3 times single calls instead of batches of 10 ms.
        self.call = KERNELS[os.environ["PEERS_KERNEL"]](WORK)

    def time_call(self):
        self.call()
