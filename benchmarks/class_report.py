"""What is told of a class: its joins, moves and submissions, how the wall followed, and the waits for fresh designs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks.report import percentile, used
from benchmarks.students import SUBMIT
from benchmarks.tally import FRESH, MOVES, RECORDED, REMEMBERED, Tally
from benchmarks.window import Window

GRACE_S = 2.0  # of a wait, beside the CPU time of the designs ahead


def moves_and_submissions(tally: Tally, seen: Window) -> dict[str, Any]:
    """Waits from the press to the end of the run; CPU time is that of all that the window held, for each move."""
    remembered, spent = tally.ms(REMEMBERED), used(len(tally.of(*MOVES)), seen.before, seen.after, seen.client_s)
    return {
        "join_p95_ms": percentile(tally.ms("first_page"), 95),
        "move_p50_ms": percentile(remembered, 50), "move_p95_ms": percentile(remembered, 95),
        "submit_p95_ms": percentile(tally.ms(SUBMIT), 95),
        "server_cpu_ms_per_move": spent.pop("cpu_ms_per_move"), **spent,
    }  # fmt: skip


def wall_lags(lags_s: Sequence[float]) -> dict[str, Any]:
    """From a submission being kept to the wall having received a drawing that holds it."""
    return {
        "submissions_on_wall": len(lags_s),
        "wall_lag_p50_s": percentile(lags_s, 50), "wall_lag_p95_s": percentile(lags_s, 95),
        "wall_lag_longest_s": percentile(lags_s, 100),
    }  # fmt: skip


def fresh_waits(tally: Tally, seen: Window) -> dict[str, Any]:
    """The longest wait for a design that was not measured before, and how many waits were beyond their goal.

    The goal is the mean CPU time of such a design for each one ahead, and two seconds; also with the student's own.
    """
    waited = sorted(tally.of(FRESH, RECORDED), key=lambda one: one.ms)
    cpu_s = (seen.after.worker_cpu_s - seen.before.worker_cpu_s) / max(1, len(waited))
    over_s = [one.ms / 1e3 - one.ahead * cpu_s - GRACE_S for one in waited]
    return {
        "longest_wait_s": round(waited[-1].ms / 1e3, 1) if waited else None,
        "designs_ahead_then": waited[-1].ahead if waited else None,
        "cpu_s_per_fresh_design": round(cpu_s, 2) if waited else None,
        "beyond_goal": sum(over > 0 for over in over_s),
        "beyond_goal_with_own": sum(over > cpu_s for over in over_s),
    }  # fmt: skip
