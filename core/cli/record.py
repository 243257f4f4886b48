"""`record`: measure designs and run the checks, and keep both as Parquet; or tell what changed since then."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from core.checks.record import compare, record_checks
from core.cli.arguments import cases_of, left_out, one_or_all, seed
from core.runtime import recorded
from core.runtime.record import record_designs

WORDS = "measure designs and run the checks, and keep both as Parquet"
N_RECORDED, N_COMPARED = 80, 5  # designs of a case, unless it is said


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    one_or_all(parser)
    seed(parser)
    parser.add_argument("--designs", "--n", type=int, help=f"how many of each case: {N_RECORDED}, or {N_COMPARED}")
    parser.add_argument("--cpu-s", type=float, default=90.0, help="CPU seconds for the designs of each case")
    parser.add_argument("--again", action="store_true", help="also what today's code has recorded already")
    parser.add_argument("--compare", action="store_true", help="tell what changed: of --out, or of designs run now")
    parser.add_argument("--out", type=Path, default=recorded.FOLDER, help="the folder; data/recorded without it")


def run_command(asked: argparse.Namespace) -> int:
    """Measure and check every case that was asked for and keep what came out, or tell what changed since then."""
    folder = Path(asked.out)
    if asked.compare:
        return _compare(asked, None if folder == recorded.FOLDER else folder)
    failed = 0
    for case in cases_of(asked):
        path = folder / f"{case.slug}.parquet"
        failed += record_designs(case, path, asked.designs or N_RECORDED, asked.seed, asked.cpu_s, again=asked.again)
        n = record_checks(case, folder / recorded.CHECKS, asked.seed, again=asked.again)
        print(f"{case.slug}: {n} checks in {folder}", flush=True)
    return 1 if left_out(asked) or failed else 0


def _compare(asked: argparse.Namespace, other: Path | None) -> int:
    changed = False
    try:
        for line, is_change in compare(cases_of(asked), recorded.FOLDER, other, asked.designs or N_COMPARED):
            print(line, flush=True)
            changed |= is_change
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    return int(changed)
