"""A law fitted on three sizes against ten times the largest: `python -m benchmarks.bench_scale [largest] [kind …]`.

Fits are on 40, 70 and 100 % of `largest` (100,000 without a number: past the caches at width 64) and predict
10 × `largest`. Beside the law stands the older one for graphs, a + b log n without what memory costs. Also printed: the
load average, since a law of time is fitted on one spell of the machine and asked about another.
"""

import os
import sys

import numpy as np

from core.runtime.timing import environment
from core.scaling import ScalingFit, band_factor, index_fit, time_law_words
from core.scaling.samples import FOOTPRINTS

KINDS = {"flat": 1, "ivf_flat": 16, "hnsw": 32, "pq8": 1}  # kind → effort
DIM, SEED, LARGEST, STEP = 64, 0, 100_000, 10


def sizes_of(largest: int) -> tuple[int, ...]:
    """Three sizes to fit on and the one to predict."""
    return int(0.4 * largest), int(0.7 * largest), largest, STEP * largest


def footprints_of(largest: int) -> tuple[int, ...]:
    """Footprints up to what the predicted size takes."""
    found = list(FOOTPRINTS)
    while found[-1] < STEP * largest * DIM * 4:
        found.append(2 * found[-1])
    return tuple(found)


def line_alone(fit: ScalingFit) -> float:
    """Predicted ÷ measured − 1 of a line over the comparisons (over log n for a graph), as if memory cost the same."""
    over = np.log2 if fit.law.kind == "hnsw" else fit.law.distances
    n, us = ([getattr(sample, name) for sample in fit.fitted] for name in ("n", "us"))
    slope, start = np.polyfit([over(each) for each in n], us, 1)
    return (start + slope * over(fit.held_out.n)) / fit.held_out.us - 1


def report(kind: str, effort: int, largest: int) -> None:
    """Fit, predict, print."""
    r = index_fit(kind, DIM, effort, SEED, sizes=sizes_of(largest), footprints=footprints_of(largest))
    band = band_factor(r.held_out.n, r.law.largest)
    counted = r.law.distances(r.held_out.n) / r.held_out.distances - 1
    print(f"{kind:8} {r.held_out.n:>10,} vectors: {r.held_out.us:,.1f} µs, predicted {r.predicted_us:,.1f} "
          f"({r.error:+.0%}, {'within' if r.within else 'OUTSIDE'} a factor of {band:.2g}); "
          f"a line alone {line_alone(r):+.0%}; comparisons {counted:+.1%}; bytes {r.bytes_error:+.1%}; "
          f"{r.cpu_s:.0f} CPU s")  # fmt: skip
    print(f"         {time_law_words(r.law)}")


def main(arguments: list[str]) -> None:
    """Every kind, or those named."""
    numbers = [int(each) for each in arguments if each.isdecimal()]
    kinds = [each for each in arguments if each in KINDS] or list(KINDS)
    print(environment()["processor"], f"load {os.getloadavg()[0]:.1f}")
    for kind in kinds:
        report(kind, KINDS[kind], numbers[0] if numbers else LARGEST)
    print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main(sys.argv[1:])
