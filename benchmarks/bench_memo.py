"""Designs through the memo of steps against the same from scratch: `python -m benchmarks.bench_memo`.

200 designs made for sharing, and what the Sweep button draws, with and without shared choices. Prints the ratio of CPU
seconds, the most that any memo could reach (from scratch ÷ the distinct steps alone, which is what loops nested by hand
run), whether every figure that does not depend on a clock is equal, and what one remembered design costs.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from core.cases.people_you_may_know import CASE as PEOPLE
from core.cases.visual_search import CASE as VISUAL_SEARCH
from core.cases.visual_search.design import VisualSearch
from core.contract.case import Case
from core.contract.design import Design
from core.runtime.memo import MEMO
from core.runtime.sweep import shared_spread, spread

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


def facts(case: Case, design: Design) -> tuple[float, int]:
    """The figures of a run that hold no clock: the first quality and bytes."""
    measured = case.run(design)
    return measured.quality[case.qualities[0].key].value, measured.memory_bytes


def main(quick: bool = False) -> None:
    """Run and print; `quick` takes every tenth design, and fewer of a sweep."""
    told("Encoder × size × lookup", VISUAL_SEARCH, designs()[:: 10 if quick else 1])
    for case in (VISUAL_SEARCH, PEOPLE):
        for draw in (spread, shared_spread):
            told(f"{draw.__name__} of {case.slug}", case, draw(case.Design(), 20 if quick else 60))


def told(what: str, case: Case, chosen: Sequence[Design]) -> None:
    """Both ways through the designs, and what is between them.

    The distinct steps alone, each once, are what loops nested by hand over the same knobs would run: the limit.
    """
    facts(case, chosen[-1])  # libraries and page cache warm for both
    facts(VISUAL_SEARCH, replace(VisualSearch(), encoder="contrastive"))
    MEMO.clear()
    through, began = [], time.process_time()
    for design in chosen:
        through.append(facts(case, design))
    memo_s = time.process_time() - began
    loops_s = sum(record.cpu_s for record in MEMO.records.values())
    remembered_ms = [_milliseconds(case, design) for design in chosen]

    scratch, began = [], time.process_time()
    for design in chosen:
        MEMO.clear()
        scratch.append(facts(case, design))
    scratch_s = time.process_time() - began
    equal = sum(a == b for a, b in zip(through, scratch, strict=True))
    print(f"{what}: {len(chosen)} designs, quality and bytes equal in {equal}")
    print(f"  from scratch {scratch_s:.1f} CPU s, through the memo {memo_s:.1f}: {scratch_s / memo_s:.1f} times less")
    print(
        f"  nested loops {loops_s:.1f} CPU s: at most {scratch_s / loops_s:.1f} times, {loops_s / memo_s:.0%} reached"
    )
    print(f"  a remembered design: median {np.median(remembered_ms):.2f} ms, slowest {max(remembered_ms):.2f} ms")


def _milliseconds(case: Case, design: Design) -> float:
    began = time.perf_counter()
    case.run(design)
    return 1e3 * (time.perf_counter() - began)


if __name__ == "__main__":
    main(quick="quick" in sys.argv[1:])
