"""Kneepoint's core: pipelines, measuring and explaining. Importing it fixes the thread count before numpy loads."""

import os

# One thread a library: on a shared two-core server the defaults turned a 1.3 s run into 231 s, and a latency measured
# with two threads is not that of one request. It must be in the environment before numpy, faiss or torch is loaded.
for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")  # its own pool keeps 17 MB that nothing uses
os.environ.setdefault("HF_HUB_OFFLINE", "1")  # weights come inside packages; an accidental download must fail at once
