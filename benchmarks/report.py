"""What is told of a measured window, as plain values of a JSON object."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from benchmarks.server_process import Server, Usage, serving
from benchmarks.tally import Tally
from benchmarks.window import Samples, Window, say
from core.runtime.timing import environment

SETTLED_S = 600.0  # memory is said to grow from here on


def print_measured(measured: Callable[[Server, Any], dict[str, Any]], asked: Any) -> None:
    """Measure on a server of its own and print the figures as one JSON object; after errors, what the server said."""
    with serving() as server:
        figures = measured(server, asked)
        if figures["errors"]:
            say(f"the end of the server's log:\n{server.log_end()}")
    print(json.dumps(figures, indent=1))


def told(waited_ms: Sequence[float]) -> dict[str, Any]:
    """How many waits and how long they were."""
    return {"n": len(waited_ms), "p50_ms": percentile(waited_ms, 50), "p95_ms": percentile(waited_ms, 95),
            "slowest_ms": percentile(waited_ms, 100)}  # fmt: skip


def percentile(values: Sequence[float], rank: float) -> float | None:
    """A percentile, rounded; None without values."""
    return round(float(np.percentile(values, rank)), 1) if values else None


def waits_by_kind(tally: Tally) -> dict[str, dict[str, Any]]:
    """The waits of each kind."""
    return {kind: told(tally.ms(kind)) for kind in sorted({one.kind for one in tally.waited})}


def used(n: int, before: Usage, after: Usage, client_s: float) -> dict[str, Any]:
    """CPU milliseconds of the window for each of `n` things that were finished in it."""
    spent_s = {
        "cpu_ms_per_move": after.cpu_s - before.cpu_s,
        "worker_cpu_ms_per_move": after.worker_cpu_s - before.worker_cpu_s,
        "client_cpu_ms_per_move": client_s,
    }
    return {name: round(1e3 * seconds / n, 1) if n else None for name, seconds in spent_s.items()}


def errors(tally: Tally) -> dict[str, Any]:
    """How many errors, of each kind, and the words of the most frequent ones."""
    kinds = sorted({kind for kind, _ in tally.errors})
    by_kind = {kind: sum(n for (name, _), n in tally.errors.items() if name == kind) for kind in kinds}
    texts = [text for (_, text), _ in tally.errors.most_common(5)]
    return {"errors": tally.errors.total(), "errors_by_kind": by_kind, "error_texts": texts}


def memory(samples: Samples, last: Usage) -> dict[str, Any]:
    """Memory at the end, at most, and its growth after the first ten minutes: first to last fifth of what follows."""
    usage = [*samples.usage, last]
    later = [
        one.rss_mb + one.worker_rss_mb for at, one in zip(samples.at_s, samples.usage, strict=True) if at > SETTLED_S
    ]
    fifth = len(later) // 5
    grown = float(np.mean(later[-fifth:]) - np.mean(later[:fifth])) if fifth else None
    return {
        "rss_mb": round(last.rss_mb), "worker_rss_mb": round(last.worker_rss_mb),
        "rss_most_mb": round(max(one.rss_mb for one in usage)),
        "both_most_mb": round(max(one.rss_mb + one.worker_rss_mb for one in usage)),
        "growth_after_ten_minutes_mb": None if grown is None else round(grown, 1),
        "workers_killed": samples.killed,
    }  # fmt: skip


def at_end(seen: Window) -> dict[str, Any]:
    """Who still waited, and the machine."""
    return {
        "waiting_at_end": len(seen.waiting_s), "waiting_longest_s": round(max(seen.waiting_s, default=0), 1),
        "machine": environment(),
        "load_average_before": round(seen.load_before, 1), "load_average_after": round(seen.load_after, 1),
    }  # fmt: skip
