"""Kneepoint without a browser: `python -m core run | sweep | check`, or `kneepoint …` once installed."""

from __future__ import annotations

import argparse
import csv
import dataclasses
import sys
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from typing import Any

from core.analysis.figures import FIGURES
from core.analysis.tradeoff_table import quality_columns
from core.catalog import BY_SLUG
from core.checks.common import checks_of
from core.checks.results import FAILS_AS_KNOWN, state_of
from core.contract.case import SEED, Case
from core.contract.check import verdicts
from core.contract.design import Design, describe, from_query, knobs
from core.runtime.launch import serve_app
from core.runtime.sweep import Row, spread, sweep
from core.serving.evaluate import Evaluated, evaluate
from core.serving.scenario import Scenario


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code (0 fine, 1 a failure that is told, 2 unusable arguments)."""
    asked = _parser().parse_args(arguments)
    return asked.command(asked)


PRINTED = ("p50_ms", "p95_ms", "p99_ms", "memory_bytes", "build_s", "clock_noise")


def figures(evaluated: Evaluated) -> dict[str, float]:
    """What was measured of a design by name, units at the end of the names: nothing here needs a price."""
    measured = {key: FIGURES[key].read(evaluated) for key in PRINTED}
    return {**quality_columns(evaluated), **measured, **evaluated.measured.counts}


def _run(asked: argparse.Namespace) -> int:
    case = BY_SLUG[asked.case]
    design = _design(case, asked)
    for label, option in describe(design).items():
        print(f"{label:28} {option}")
    evaluated = evaluate(case, design, case.run(design, seed=asked.seed), Scenario(case.requirements), asked.seed)
    for name, value in figures(evaluated).items():
        print(f"{name:28} {value:.6g}")
    for step in evaluated.measured.steps:
        print(f"step {step.name:23} {step.cpu_s:.3f} s  {step.nbytes:,} bytes{'  reused' if step.reused else ''}")
    return 0


def _sweep(asked: argparse.Namespace) -> int:
    case = BY_SLUG[asked.case]
    designs = spread(_design(case, asked), asked.n, asked.seed)
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
            measured = _figures(case, row)
            lines.append({**dataclasses.asdict(row.design), **measured, "error": row.error})
    finally:  # the columns are known with the last row; an interrupt keeps those that are in
        columns = dict.fromkeys(name for line in lines for name in line if name != "error")
        writer = csv.DictWriter(file, [*(columns or knobs(case.Design)), "error"], restval="")
        writer.writeheader()
        writer.writerows(lines)
    return failed


def _figures(case: Case, row: Row) -> dict[str, float]:
    if row.measurement is None:
        return {}
    return figures(evaluate(case, row.design, row.measurement, Scenario(case.requirements)))


def _check(asked: argparse.Namespace) -> int:
    cases = [BY_SLUG[asked.case]] if asked.case else list(BY_SLUG.values())
    broken = 0
    for case in cases:
        for check, verdict in verdicts(checks_of(case), asked.seed):
            as_known = state_of(check, verdict) == FAILS_AS_KNOWN  # one that could not run has not failed as known
            known = f" (known: {check.known_failure})" if as_known else ""
            broken += not verdict.holds and not as_known
            word = "holds" if verdict.holds else "fails"
            print(f"{word} {case.slug}/{check.id} {check.sentence} [{verdict.numbers}]{known}", flush=True)
    return 1 if broken else 0


def _app(asked: argparse.Namespace) -> int:
    return serve_app(asked.port)


def _design(case: Case, asked: argparse.Namespace) -> Design:
    pairs = dict(text.partition("=")[::2] for text in asked.set)
    given = {name: pairs.pop(name) for name in ("seed", "v") if name in pairs}  # a link has these, a command does not
    design, _, notes = from_query(case.Design, pairs)
    notes += [f"“{name}” is not a knob of this case and was left out; there is --seed." for name in given]
    for note in notes:
        print(note, file=sys.stderr)
    return design


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m core", description=__doc__)
    commands = parser.add_subparsers(required=True)
    for name, command, words in (
        ("run", _run, "measure one design and print its figures"),
        ("sweep", _sweep, "measure many designs and write one CSV row each"),
        ("check", _check, "run the truth checks, one line a check"),
    ):
        each = commands.add_parser(name, help=words)
        each.set_defaults(command=command)
        each.add_argument("case", choices=sorted(BY_SLUG), nargs="?" if name == "check" else None)
        each.add_argument("--seed", type=int, default=SEED)
        if name != "check":
            each.add_argument("--set", nargs="*", default=[], metavar="knob=option")
        if name == "sweep":
            each.add_argument("--n", type=int, default=200, help="how many designs")
            each.add_argument("--out", help="a CSV file; standard output without it")
    app = commands.add_parser("app", help="serve the app")
    app.set_defaults(command=_app)
    app.add_argument("--port", type=int, help="8501 without it, or the next that is free")
    return parser


if __name__ == "__main__":
    sys.exit(main())
