"""`export`: write documents, tables and figures of one design."""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path

from core.analysis.tradeoff_table import roles, tradeoff_rows
from core.cli.arguments import case_of, design_of, knob_options, one_case, seed
from core.contract.design import with_data_of
from core.export.bundle import files
from core.export.subject import Subject
from core.serving.evaluate import evaluate
from core.serving.scenario import Scenario

WORDS = "write documents, tables and figures of one design"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    one_case(parser)
    seed(parser)
    knob_options(parser)
    parser.add_argument("--out", required=True, help="a folder that is new or empty")


def run_command(asked: argparse.Namespace) -> int:
    """Write the documents, tables and figures of one design into a folder that is new or empty."""
    folder = Path(asked.out)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        print(f"{folder} is there already and not an empty folder: name another one", file=sys.stderr)
        return 2
    case = case_of(asked)
    scenario, design = Scenario(case.requirements), design_of(case, asked)
    baseline = with_data_of(case.baseline, design)
    present, other = (evaluate(case, d, case.run(d, seed=asked.seed), scenario, asked.seed) for d in (design, baseline))
    parts = roles(design, baseline)
    rows = tuple(tradeoff_rows([present, other], parts, design))
    subject = Subject(present, (other,), rows, made_on=date.today().isoformat())
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files(subject, {}).items():
        (folder / name).write_text(text(), encoding="utf-8")
        print(folder / name)
    return 0
