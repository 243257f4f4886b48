"""`plan`: set and try the alarms of one design."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from typing import Any

from core.cli.arguments import case_of, design_of, knob_options, one_case, seed
from core.monitoring.plan import Setting, as_json, lines
from core.serving.evaluate import evaluate
from core.serving.scenario import Scenario

DROP = 0.05  # no line of the plan depends on it

WORDS = "set and try the alarms of one design"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    one_case(parser)
    seed(parser)
    knob_options(parser)
    parser.add_argument("--labels", type=int, default=300, help="requests that get a label a day")
    parser.add_argument("--days", type=int, default=30, help="between two false alarms of one line")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run_command(asked: argparse.Namespace) -> int:
    """The monitoring plan of one design: every threshold, the false alarms it promises, and those of its trial."""
    try:
        setting = Setting(asked.labels, asked.days, DROP)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    case, design = case_of(asked), design_of(case_of(asked), asked)
    measured = case.run(design, seed=asked.seed)
    table = as_json(lines(evaluate(case, design, measured, Scenario(case.requirements), asked.seed), setting))
    if asked.json:
        about = {"case": case.slug, "design": dataclasses.asdict(design), "seed": asked.seed}
        wished = {"labels": setting.daily, "days": setting.days, "false_alarm": setting.false_alarm}
        print(json.dumps({**about, **wished, "lines": table}, indent=2, allow_nan=False))
        return 0
    for line in table:
        print(_plan_text(line))
    return 0


def _plan_text(line: dict[str, Any]) -> str:
    if line["threshold"] is None:
        return f"{line['what']}: cannot be told; {line['reason']}"
    rates = f"promised {line['promised']:.2%} of quiet days, tried {line['tried']:.2%}"
    return f"{line['what']}: rings {line['rings']} {line['threshold']:.4g} {line['unit']}".rstrip() + f"; {rates}"
