"""CPU of a remembered move on every case page: `python -m benchmarks.bench_redraw [slug …] [--measured 200]`.

A visitor turns one knob to and fro between two measured designs, without a browser and without a network: each
move runs the page's script anew and serialises what it sends. Prints one JSON object: per page the median CPU
milliseconds of 30 moves and the kilobytes sent, and with `--measured` the same with so many more measured designs on
the chart, also for a move of the number of items asked.
"""

from __future__ import annotations

import argparse
import gc
import json
import logging
import os
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from statistics import median

os.environ.setdefault("KNEEPOINT_WORLDS", "off")  # no second process beside the moves

from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.testing.v1 import AppTest, app_test, local_script_runner

from core.catalog import BY_SLUG, CASES
from core.contract.case import SEED, Case
from core.contract.design import Design, canonical, differences, knobs, to_query
from core.runtime.recorded import recorded_designs
from core.runtime.results import RESULTS
from core.runtime.sweep import spread
from core.serving.evaluate import evaluate
from core.serving.prices import Prices
from core.serving.scenario import Scenario

ROUTER = "../core/ui/router.py"
MOVES = 30
_COMPILED = ScriptCache()


@dataclass(frozen=True)
class Move:
    """What one run of a page cost and sent."""

    cpu_ms: float
    sent_kb: float


class Stopwatch(local_script_runner.LocalScriptRunner):
    """The script runner of AppTest, which takes the CPU time of its thread and of serialising what was sent."""

    taken: Move

    def _run_script_thread(self) -> None:
        began = time.thread_time()
        super()._run_script_thread()
        sent = sum(len(message.SerializeToString()) for message in self.forward_msgs())
        Stopwatch.taken = Move(1e3 * (time.thread_time() - began), sent / 1e3)


def install() -> None:
    """Time every run of AppTest; scripts are compiled once, as in a server."""
    app_test.LocalScriptRunner = Stopwatch
    app_test.ScriptCache = local_script_runner.ScriptCache = lambda: _COMPILED


def visit(case: Case, link: dict[str, str]) -> AppTest:
    """A new visitor on a case's page by a link."""
    app = AppTest.from_file(ROUTER, default_timeout=600).run()
    app.query_params.update(link)
    app.switch_page(f"../../pages/{case.slug}.py").run()
    if app.exception or app.error:
        raise RuntimeError(f"{case.slug}: {app.exception} {app.error}")
    return app


def two_options(case: Case) -> tuple[str, list[object]]:
    """The first main knob that does something to the default design, with its own option and another."""
    design = canonical(case.Design())
    for name, knob in knobs(case.Design).items():
        mine = getattr(design, name)
        others = [option for option in knob.offered(design) if option != mine]
        if knob.main and knob.active(design) and others and not _bars(case, replace(design, **{name: others[0]})):
            return name, [others[0], mine]
    raise ValueError(f"{case.slug} has no knob to turn")


def _bars(case: Case, design: Design) -> bool:
    return any(getattr(design, name) not in knob.offered(design) for name, knob in knobs(case.Design).items())


def moved(app: AppTest, key: str, values: Iterable[object]) -> list[Move]:
    """One run of the page for every value of a widget."""
    taken = []
    for value in values:
        app.session_state[key] = value
        app.run()
        if app.exception:
            raise RuntimeError(app.exception[0].message)
        taken.append(Stopwatch.taken)
    return taken


def told(moves: list[Move]) -> dict[str, float]:
    """The medians in a line."""
    return {
        "cpu_ms": round(median(move.cpu_ms for move in moves), 1),
        "sent_kb": round(median(move.sent_kb for move in moves), 1),
    }


def turn(case: Case, app: AppTest) -> list[Move]:
    """Thirty turns of one knob, both designs measured before."""
    name, options = two_options(case)
    key = f"{case.slug}.{name}"
    moved(app, key, options * 3)
    gc.freeze()  # as a server does once it is warm
    return moved(app, key, options * (MOVES // 2))


def ask(case: Case, app: AppTest) -> list[Move]:
    """Thirty numbers of items that nobody asked for before."""
    start = case.requirements.items or 1e6
    return moved(app, f"{case.slug}.items", [float(round(start * (1 + at / 100))) for at in range(1, MOVES + 1)])


def crowd(case: Case, many: int) -> None:
    """So many more designs on the chart as if they were measured: each has the figures of the nearest one on record."""
    kept = {one.design: one.measured for one in recorded_designs(case) if one.seed == SEED}
    scenario, added = Scenario(case.requirements, Prices()), 0
    for design in spread(canonical(case.Design()), 4 * many, SEED):
        nearest = min(kept, key=lambda other: len(differences(other, design)))
        measured = replace(kept[nearest])
        with suppress(KeyError, ZeroDivisionError):  # a design with a store needs figures that have one
            evaluate(case, design, measured, scenario).constraints  # noqa: B018
            RESULTS.add(case, design, SEED, measured)
            added += 1
        if added == many:
            return
    raise RuntimeError(f"{added} of {many} designs of {case.slug} could be added")


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("slugs", nargs="*", choices=[[], *BY_SLUG])
    parser.add_argument("--measured", type=int, default=0, help="further measured designs on the chart")
    asked = parser.parse_args()
    logging.getLogger("streamlit.runtime.scriptrunner_utils.script_run_context").disabled = True  # no visitor: known
    install()
    pages: dict[str, dict[str, object]] = {}
    for case in [BY_SLUG[slug] for slug in asked.slugs] or CASES:
        app = visit(case, to_query(case.Design(), SEED))
        page: dict[str, object] = {"knob": two_options(case)[0], "turned": told(turn(case, app))}
        if asked.measured:
            crowd(case, asked.measured)
            page |= {"turned_crowded": told(turn(case, app)), "asked_crowded": told(ask(case, app))}
        pages[case.slug] = page
        print(case.slug, page, file=sys.stderr, flush=True)
    print(json.dumps({"moves": MOVES, "pages": pages}, indent=2))


if __name__ == "__main__":
    main()
