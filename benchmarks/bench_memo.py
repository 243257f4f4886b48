"""200 designs through the memo of steps against the same designs from scratch: `python -m benchmarks.bench_memo`.

Prints the ratio of CPU seconds, the most that any memo could reach (from scratch ÷ the distinct steps alone), whether
every figure that does not depend on a clock is equal, and what one remembered design costs.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace

import numpy as np

from core.cases.visual_search import CASE
from core.cases.visual_search.design import VisualSearch
from core.runtime.memo import MEMO

LOOKUPS = (
    *({"index": "ivf_flat", "effort": e} for e in (4, 8, 16, 32, 64)),
    *({"index": "hnsw", "effort": e} for e in (16, 32, 64)),
    *({"index": "ivf_sq8", "effort": e} for e in (8, 16, 32)),
    *({"index": "pq4", "rerank": r} for r in (0, 20, 50, 100)),
    *({"index": "binary", "rerank": r} for r in (0, 100)),
    {"index": "flat"},
    {"index": "pq8"},
    {"index": "lsh", "rerank": 100},
)
ENCODERS = ("pixels", "pca", "hog", "contrastive", "lite0")
DIMS = (32, 64)


def designs() -> list[VisualSearch]:
    """Encoder × size × lookup, 200 in all, neighbours sharing their early steps as a sweep orders them."""
    start = VisualSearch()
    return [replace(start, encoder=e, dim=d, **lookup) for e in ENCODERS for d in DIMS for lookup in LOOKUPS]


def facts(design: VisualSearch) -> tuple[float, int]:
    """The figures of a run that hold no clock: recall and bytes."""
    measured = CASE.run(design)
    return measured.quality["recall@10"].value, measured.memory_bytes


def main(quick: bool = False) -> None:
    """Run and print; `quick` takes every tenth design."""
    chosen = designs()[:: 10 if quick else 1]
    facts(chosen[-1])  # libraries and page cache warm for both
    facts(replace(VisualSearch(), encoder="contrastive"))
    MEMO.clear()
    through, began = [], time.process_time()
    for design in chosen:
        through.append(facts(design))
    memo_s = time.process_time() - began
    distinct_s = sum(record.cpu_s for record in MEMO.records.values())
    remembered_ms = [_milliseconds(design) for design in chosen]

    scratch, began = [], time.process_time()
    for design in chosen:
        MEMO.clear()
        scratch.append(facts(design))
    scratch_s = time.process_time() - began
    equal = sum(a == b for a, b in zip(through, scratch, strict=True))
    print(f"{len(chosen)} designs, recall and bytes equal in {equal}")
    print(f"from scratch {scratch_s:.1f} CPU s, through the memo {memo_s:.1f}: {scratch_s / memo_s:.1f} times less")
    print(f"distinct steps alone {distinct_s:.1f} CPU s: the limit is {scratch_s / distinct_s:.1f} times")
    print(f"the memo reaches {distinct_s / memo_s:.1%} of the limit")
    print(f"a remembered design: median {np.median(remembered_ms):.2f} ms, slowest {max(remembered_ms):.2f} ms")


def _milliseconds(design: VisualSearch) -> float:
    began = time.perf_counter()
    CASE.run(design)
    return 1e3 * (time.perf_counter() - began)


if __name__ == "__main__":
    main(quick="quick" in sys.argv[1:])
