"""`run`: measure one design and print its figures."""

from __future__ import annotations

import argparse
import json
import sys

from core.analysis.figures import FIGURES
from core.analysis.tradeoff_table import quality_columns
from core.cli.arguments import case_of, design_of, knob_options, one_case, seed
from core.contract.design import describe
from core.export.answer import answer
from core.serving.evaluate import Evaluated, evaluate
from core.serving.requirement_text import required
from core.serving.scenario import Scenario

PRINTED = ("p50_ms", "p95_ms", "p99_ms", "memory_bytes", "build_s", "cpu_ms", "clock_noise")

WORDS = "measure one design and print its figures"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    one_case(parser)
    seed(parser)
    knob_options(parser)
    parser.add_argument("--require", nargs="*", default=[], metavar="name=value", help="e.g. items=1e9 p99_ms=50")
    parser.add_argument("--json", action="store_true", help="one JSON object, with fleet, bill and verdict")


def figures(evaluated: Evaluated) -> dict[str, float]:
    """What was measured of a design by name, units at the end of the names: nothing here needs a price."""
    measured = {key: FIGURES[key].read(evaluated) for key in PRINTED}
    return {**quality_columns(evaluated), **measured, **evaluated.measured.counts}


def run_command(asked: argparse.Namespace) -> int:
    """Print choices, figures, steps and verdict; 2 for requirements that cannot be read."""
    case = case_of(asked)
    design = design_of(case, asked)
    try:
        scenario = Scenario(required(case.requirements, asked.require))
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    evaluated = evaluate(case, design, case.run(design, seed=asked.seed), scenario, asked.seed)
    if asked.json:
        print(json.dumps(answer(evaluated), indent=2, allow_nan=False))
        return 0
    for label, option in describe(design).items():
        print(f"{label:28} {option}")
    for name, value in figures(evaluated).items():
        print(f"{name:28} {value:.6g}")
    for step in evaluated.measured.steps:
        print(f"step {step.name:23} {step.cpu_s:.3f} s  {step.nbytes:,} bytes{'  reused' if step.reused else ''}")
    print(f"{evaluated.verdict} the requirements at {evaluated.sized.n_items:,}; binding: {evaluated.binding.label}")
    return 0
