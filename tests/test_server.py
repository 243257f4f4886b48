"""What the server does around the pages: memory that nobody needs any more goes back to the system."""

import subprocess
import sys
from pathlib import Path

SCRIPT = """
import numpy as np
from core.serving.queueing import max_rate
from core.stages.contrastive import train_contrastive
from core.ui.server import _code, code_bytes, give_back_memory

rows, labels = np.random.default_rng(0).normal(size=(400, 64)).astype(np.float32), np.arange(400) % 8
work = lambda: (train_contrastive(rows, labels, dim=8, seed=0, steps=5).linear, max_rate(np.full(50, 1e-3), 2, 0.1, 0))
(before, rate), held = work(), code_bytes()
give_back_memory()
kept = code_bytes()
again, rate_again = work()
assert np.array_equal(before, again) and rate == rate_again
print(held, kept, sum(size for _, size in _code()))
"""


def test_code_that_ran_once_goes_back_to_the_system_and_runs_again():
    ran = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, cwd=Path(__file__).parents[1])
    assert ran.returncode == 0, ran.stderr
    held, kept, code = map(int, ran.stdout.split())
    assert held > 2**27 and code > 2**27
    assert kept <= held  # far less where no other process uses the same libraries, whose pages stay
