"""Kneepoint without a browser: `python -m core run`, sweep, check …, or `kneepoint run` … once it is installed."""

from __future__ import annotations

import argparse
import csv
import dataclasses
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from datetime import date
from pathlib import Path
from typing import Any

from core.analysis import worlds
from core.analysis.figures import FIGURES
from core.analysis.tradeoff_table import quality_columns, roles, tradeoff_rows
from core.catalog import BROKEN, BY_SLUG
from core.checks import case_lint
from core.checks.common import checks_of
from core.checks.record import compare, record_checks
from core.checks.results import COULD_NOT_RUN, FAILS, FAILS_AS_KNOWN, CheckResult, headline
from core.contract.case import SEED, Case
from core.contract.check import verdicts
from core.contract.design import MOST_SEED, Design, describe, from_query, knobs, read_seed, with_data_of
from core.export.answer import answer
from core.export.bundle import files
from core.export.subject import Subject
from core.metrics.worlds import over_worlds
from core.monitoring.plan import Setting, as_json, lines
from core.runtime import recorded
from core.runtime.launch import serve_app
from core.runtime.record import record_designs
from core.runtime.scaffold import ROOT, create
from core.runtime.sweep import Row, spread, sweep
from core.runtime.worlds import World, worlds_of
from core.scaling.record import record_laws
from core.serving.evaluate import Evaluated, evaluate
from core.serving.requirement_text import required
from core.serving.scenario import Scenario


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code (0 fine, 1 a failure that is told, 2 unusable arguments)."""
    asked = _parser().parse_args(arguments)
    if getattr(asked, "case", None) in BROKEN:
        print(BROKEN[asked.case], file=sys.stderr)
        return 2
    return asked.command(asked)


DROP = 0.05  # no line of the plan depends on it
N_RECORDED, N_COMPARED = 80, 5  # designs of a case, unless it is said
PRINTED = ("p50_ms", "p95_ms", "p99_ms", "memory_bytes", "build_s", "cpu_ms", "clock_noise")


def figures(evaluated: Evaluated) -> dict[str, float]:
    """What was measured of a design by name, units at the end of the names: nothing here needs a price."""
    measured = {key: FIGURES[key].read(evaluated) for key in PRINTED}
    return {**quality_columns(evaluated), **measured, **evaluated.measured.counts}


def _run(asked: argparse.Namespace) -> int:
    case = BY_SLUG[asked.case]
    design = _design(case, asked)
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
    return figures(evaluate(case, row.design, row.measurement, Scenario(case.requirements)).within_world)


def _check(asked: argparse.Namespace) -> int:
    results = []
    for case in _cases(asked):
        for check, verdict in verdicts(checks_of(case), asked.seed):
            result = CheckResult(case, check, asked.seed, verdict)
            results.append(result)
            as_known = result.state == FAILS_AS_KNOWN  # one that could not run has not failed as known
            known = f" (known: {check.known_failure})" if as_known else ""
            word = "holds" if verdict.holds else "fails"
            print(f"{word} {result.address} {check.sentence} [{verdict.numbers}]{known}", flush=True)
    print(headline(results), file=sys.stderr)
    return 1 if _left_out(asked) or any(r.state in (FAILS, COULD_NOT_RUN) for r in results) else 0


def _lint(asked: argparse.Namespace) -> int:
    n_lacking = 0
    for case in _cases(asked):
        lacks = case_lint.lacks(case)
        n_lacking += bool(lacks)
        for sentence in lacks:
            print(f"{case.slug}: {sentence}")
        for sentence in case_lint.optional(case):
            print(f"{case.slug}: optional, and not there: {sentence}")
        if not lacks:
            print(f"{case.slug}: nothing lacks")
    return 1 if _left_out(asked) or n_lacking else 0


def _new(asked: argparse.Namespace) -> int:
    try:
        written = create(asked.slug)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    for path in written:
        print(path.relative_to(ROOT))
    print(f"It runs: python -m core run {asked.slug}. What it lacks: python -m core lint {asked.slug}", file=sys.stderr)
    return 0


def _laws(asked: argparse.Namespace) -> int:
    """Measure the scaling laws of a case, or of all and of every index kind, and keep them."""
    record_laws(_cases(asked), every=not asked.case, tell=lambda text: print(text, flush=True))
    return 1 if _left_out(asked) else 0


def _record(asked: argparse.Namespace) -> int:
    """Measure and check every case that was asked for and keep what came out, or tell what changed since then."""
    folder = Path(asked.out)
    if asked.compare:
        return _compare(asked, None if folder == recorded.FOLDER else folder)
    failed = 0
    for case in _cases(asked):
        path = folder / f"{case.slug}.parquet"
        failed += record_designs(case, path, asked.designs or N_RECORDED, asked.seed, asked.cpu_s, again=asked.again)
        n = record_checks(case, folder / recorded.CHECKS, asked.seed, again=asked.again)
        print(f"{case.slug}: {n} checks in {folder}", flush=True)
    return 1 if _left_out(asked) or failed else 0


def _compare(asked: argparse.Namespace, other: Path | None) -> int:
    changed = False
    try:
        for line, is_change in compare(_cases(asked), recorded.FOLDER, other, asked.designs or N_COMPARED):
            print(line, flush=True)
            changed |= is_change
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    return int(changed)


def _worlds(asked: argparse.Namespace) -> int:
    """Grade a design in further worlds; with --record, put the spread between worlds of whole cases into the file."""
    if asked.record:
        for case in _cases(asked):
            n = worlds.write({case.slug: list(worlds.spread_rows(case))})
            print(f"{case.slug}: {n} rows in all", flush=True)
        return 1 if _left_out(asked) else 0
    if not asked.case:
        print("name a case, or --record all of them", file=sys.stderr)
        return 2
    case, graded = BY_SLUG[asked.case], []
    for world in worlds_of(case, _design(case, asked), asked.seed):
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


def _export(asked: argparse.Namespace) -> int:
    """Write the documents, tables and figures of one design into a folder that is new or empty."""
    folder = Path(asked.out)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        print(f"{folder} is there already and not an empty folder: name another one", file=sys.stderr)
        return 2
    case = BY_SLUG[asked.case]
    scenario, design = Scenario(case.requirements), _design(case, asked)
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


def _plan(asked: argparse.Namespace) -> int:
    """The monitoring plan of one design: every threshold, the false alarms it promises, and those of its trial."""
    try:
        setting = Setting(asked.labels, asked.days, DROP)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    case, design = BY_SLUG[asked.case], _design(BY_SLUG[asked.case], asked)
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


def _cases(asked: argparse.Namespace) -> list[Case]:
    """The case that was named, or all of them."""
    return [BY_SLUG[asked.case]] if asked.case else list(BY_SLUG.values())


def _left_out(asked: argparse.Namespace) -> bool:
    """Whether cases that were meant cannot be loaded; each of them is named."""
    for message in BROKEN.values() if not asked.case else ():
        print(message, file=sys.stderr)
    return bool(BROKEN) and not asked.case


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
    for name, (command, words, *options) in COMMANDS.items():
        command_parser = commands.add_parser(name, help=words)
        command_parser.set_defaults(command=command)
        for add in options:
            add(command_parser)
    return parser


def _one_case(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("case", choices=sorted({*BY_SLUG, *BROKEN}))


def _one_or_all(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("case", choices=sorted({*BY_SLUG, *BROKEN}), nargs="?", help="all of them without it")


def _seed(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", type=_seed_number, default=SEED, help=f"0 to {MOST_SEED:,}, as links carry it")


def _seed_number(text: str) -> int:
    """The seed that an argument names; a usage error for what no link can name."""
    seed = read_seed(text)
    if seed is None:
        raise argparse.ArgumentTypeError(f"“{text[:40]}” is not a whole number from 0 to {MOST_SEED:,}")
    return seed


def _set(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--set", nargs="*", default=[], metavar="knob=option")


def _require(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--require", nargs="*", default=[], metavar="name=value", help="e.g. items=1e9 p99_ms=50")
    parser.add_argument("--json", action="store_true", help="one JSON object, with fleet, bill and verdict")


def _rows(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--n", type=int, default=200, help="how many designs")
    parser.add_argument("--out", help="a CSV file; standard output without it")


def _slug(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("slug", help="its name in files and links, e.g. digits")


def _recording(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--designs", "--n", type=int, help=f"how many of each case: {N_RECORDED}, or {N_COMPARED}")
    parser.add_argument("--cpu-s", type=float, default=90.0, help="CPU seconds for the designs of each case")
    parser.add_argument("--again", action="store_true", help="also what today's code has recorded already")
    parser.add_argument("--compare", action="store_true", help="tell what changed: of --out, or of designs run now")
    parser.add_argument("--out", type=Path, default=recorded.FOLDER, help="the folder; data/recorded without it")


def _recording_worlds(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON object a world")
    parser.add_argument("--record", action="store_true", help="write data/recorded/worlds.json")


def _folder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", required=True, help="a folder that is new or empty")


def _labels(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--labels", type=int, default=300, help="requests that get a label a day")
    parser.add_argument("--days", type=int, default=30, help="between two false alarms of one line")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def _port(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, help="8501 without it, or the next that is free")


# name → what runs, what it does in words, and what it takes
COMMANDS: dict[str, tuple[Any, ...]] = {
    "run": (_run, "measure one design and print its figures", _one_case, _seed, _set, _require),
    "sweep": (_sweep, "measure many designs and write one CSV row each", _one_case, _seed, _set, _rows),
    "check": (_check, "run the truth checks, one line a check", _one_or_all, _seed),
    "record": (_record, "measure designs and run the checks, and keep both as Parquet", _one_or_all, _seed, _recording),
    "worlds": (
        _worlds,
        "grade a design on data drawn anew, or record how far all move",
        _one_or_all,
        _seed,
        _set,
        _recording_worlds,
    ),
    "laws": (_laws, "measure the scaling laws that ship, for one case or for all", _one_or_all),
    "export": (_export, "write documents, tables and figures of one design", _one_case, _seed, _set, _folder),
    "plan": (_plan, "set and try the alarms of one design", _one_case, _seed, _set, _labels),
    "lint": (_lint, "say in sentences what a case still lacks", _one_or_all),
    "new": (_new, "write the files of a new case that runs", _slug),
    "app": (_app, "serve the app", _port),
}


if __name__ == "__main__":
    sys.exit(main())
