"""`record`: measure designs and run the checks, and keep both as Parquet."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from core.checks.common import checks_of
from core.checks.results import CheckResult
from core.cli.arguments import cases_of, left_out, one_or_all, seed
from core.contract.case import Case
from core.contract.check import Check, Verdict, verdicts
from core.runtime import recorded
from core.runtime.sweep import spread, sweep

WORDS = "measure designs and run the checks, and keep both as Parquet"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    one_or_all(parser)
    seed(parser)
    parser.add_argument("--n", type=int, default=200, help="how many designs of each case")
    parser.add_argument("--out", default="data/recorded", help="the folder; data/recorded without it")


def run_command(asked: argparse.Namespace) -> int:
    """Sweep and check every case that was asked for, and keep what came out."""
    folder, failed = Path(asked.out), 0
    checks = folder / recorded.CHECKS
    kept = [] if not checks.exists() else recorded.read(checks)  # of the cases that are not recorded again
    for case in cases_of(asked):
        rows = list(sweep(case, spread(case.Design(), asked.n, asked.seed), seed=asked.seed))
        measured = [recorded.row(row.design, asked.seed, row.measurement) for row in rows if row.measurement]
        n = recorded.write(folder / f"{case.slug}.parquet", measured)
        said = [_recorded_check(case, *pair, asked.seed) for pair in verdicts(checks_of(case), asked.seed)]
        kept = [row for row in kept if row["case"] != case.slug] + said
        recorded.write(checks, kept)
        failed += len(rows) - n
        print(f"{case.slug}: {n} designs and {len(said)} checks in {folder}", flush=True)
    return 1 if left_out(asked) or failed else 0


def _recorded_check(case: Case, check: Check, verdict: Verdict, seed: int) -> dict[str, Any]:
    result = CheckResult(case, check, seed, verdict)
    said = {"holds": verdict.holds, "ran": verdict.ran, "state": result.state, "numbers": verdict.numbers}
    return {"design": "", "case": case.slug, "seed": seed, "check": check.id, **said}
