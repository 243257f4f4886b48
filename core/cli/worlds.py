"""`worlds`: grade a design on data drawn anew, or record how far all move."""

from __future__ import annotations

import argparse
import sys

from core.analysis import worlds
from core.cli.arguments import case_of, cases_of, design_of, knob_options, left_out, one_or_all, seed
from core.metrics.worlds import over_worlds
from core.runtime.worlds import World, worlds_of

WORDS = "grade a design on data drawn anew, or record how far all move"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    one_or_all(parser)
    seed(parser)
    knob_options(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object a world")
    parser.add_argument("--record", action="store_true", help="write data/recorded/worlds.json")


def run_command(asked: argparse.Namespace) -> int:
    """Grade a design in further worlds; with --record, put the spread between worlds of whole cases into the file."""
    if asked.record:
        for case in cases_of(asked):
            n = worlds.write({case.slug: list(worlds.spread_rows(case))})
            print(f"{case.slug}: {n} rows in all", flush=True)
        return 1 if left_out(asked) else 0
    if not asked.case:
        print("name a case, or --record all of them", file=sys.stderr)
        return 2
    case, graded = case_of(asked), []
    for world in worlds_of(case, design_of(case, asked), asked.seed):
        graded.append(world)
        print(worlds.as_json(world) if asked.json else _world_text(world), flush=True)
    for axis in case.qualities if not asked.json and len(graded) > 1 else ():
        spans = [world.quality[axis.key] for world in graded if axis.key in world.quality]
        shared = any(axis.key in world.shared for world in graded)
        if len(spans) > 1:
            over = over_worlds(spans, shared)
            print(f"{axis.key:28} {over.value:.4g} ({over.low:.4g} to {over.high:.4g}) over {len(spans)} worlds")
    return 0


def _world_text(world: World) -> str:
    said = ", ".join(f"{key} {span.value:.4g}" for key, span in world.quality.items())
    return f"seed {world.seed}: {said}"
