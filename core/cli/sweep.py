"""`sweep`: measure many designs and write one CSV row each."""

from __future__ import annotations

import argparse
import csv
import dataclasses
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

from core.cli.arguments import case_of, design_of, knob_options, one_case, seed
from core.cli.run import figures
from core.contract.case import Case
from core.contract.design import knobs
from core.runtime.sweep import Row, spread, sweep
from core.serving.evaluate import evaluate
from core.serving.scenario import Scenario

WORDS = "measure many designs and write one CSV row each"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    one_case(parser)
    seed(parser)
    knob_options(parser)
    parser.add_argument("--n", type=int, default=200, help="how many designs")
    parser.add_argument("--out", help="a CSV file; standard output without it")


def run_command(asked: argparse.Namespace) -> int:
    """Write the rows; 1 where a design failed, 2 where the file cannot be written."""
    case = case_of(asked)
    designs = spread(design_of(case, asked), asked.n, asked.seed)
    rows = sweep(case, designs, seed=asked.seed)
    try:
        opened = open(asked.out, "w", newline="") if asked.out else nullcontext(sys.stdout)  # noqa: SIM115
    except OSError as error:
        print(error, file=sys.stderr)
        return 2
    with opened as file:
        failed = _write(file, rows, case)
    print(f"{len(designs)} designs, {failed} failed", file=sys.stderr)
    return 1 if failed or not designs else 0


def _write(file: Any, rows: Iterator[Row], case: Case) -> int:
    lines, failed = [], 0
    try:
        for row in rows:
            failed += row.measurement is None
            measured = _figures_of(case, row)
            lines.append({**dataclasses.asdict(row.design), **measured, "error": row.error})
    finally:  # the columns are known with the last row; an interrupt keeps those that are in
        columns = dict.fromkeys(name for line in lines for name in line if name != "error")
        writer = csv.DictWriter(file, [*(columns or knobs(case.Design)), "error"], restval="")
        writer.writeheader()
        writer.writerows(lines)
    return failed


def _figures_of(case: Case, row: Row) -> dict[str, float]:
    if row.measurement is None:
        return {}
    return figures(evaluate(case, row.design, row.measurement, Scenario(case.requirements)).within_world)
