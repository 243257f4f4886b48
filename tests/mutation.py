"""Mutation testing: change one operator, constant or return of a module and see whether its tests notice.

    python -m tests.mutation core/serving/slo.py              # tests/test_slo.py, every mutant
    python -m tests.mutation core/serving/*.py --n 20         # twenty mutants of each file, drawn by --seed
    python -m tests.mutation core/stages/store.py --tests tests/stages/test_store.py

Prints one line a mutant (killed or SURVIVED, file:line and the change) and exits 1 where any survived. The tests run in
a copy, so the work tree is never touched. A survivor is a test to write, or a mutant that means the same.
"""

from __future__ import annotations

import argparse
import ast
import copy
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
COPIED = ("core", "pages", "tests", "benchmarks", ".streamlit")
LINKED = ("data", "docs")
LONGEST_S = 300  # for the tests of one mutant; a mutant that never ends counts as killed
SWAPS: dict[type, type] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.And: ast.Or, ast.Or: ast.And,
}  # fmt: skip
CALLS = {"min": "max", "max": "min", "any": "all", "all": "any"}


@dataclass(frozen=True)
class Mutant:
    """One change of a module: where it is, what it does, and the module's text with it."""

    line: int
    change: str
    text: str


def mutants(source: str) -> Iterator[Mutant]:
    """Every mutant of a module, one change each; texts, imports and annotations stay as they are."""
    tree = ast.parse(source)
    for at, node in enumerate(ast.walk(tree)):
        for change in range(len(changes(node))):
            mutated = copy.deepcopy(tree)
            target = next(n for i, n in enumerate(ast.walk(mutated)) if i == at)
            words, apply = changes(target)[change]
            apply()
            yield Mutant(getattr(node, "lineno", 0), words, ast.unparse(ast.fix_missing_locations(mutated)))


def changes(node: ast.AST) -> list[tuple[str, Callable[[], None]]]:
    """What can be changed about a node: (in words, how)."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in SWAPS:
        swap = SWAPS[type(node.ops[0])]
        return [(f"{type(node.ops[0]).__name__} → {swap.__name__}", lambda: node.ops.__setitem__(0, swap()))]
    if isinstance(node, (ast.BinOp, ast.BoolOp)) and type(node.op) in SWAPS:
        swap = SWAPS[type(node.op)]
        return [(f"{type(node.op).__name__} → {swap.__name__}", lambda: setattr(node, "op", swap()))]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return [("not x → not not x", lambda: setattr(node, "operand", ast.UnaryOp(ast.Not(), node.operand)))]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
        name = node.func.id
        return [(f"{name} → {CALLS[name]}", lambda: setattr(node.func, "id", CALLS[name]))]
    if isinstance(node, ast.Constant) and type(node.value) in (int, float, bool):
        value = (not node.value) if isinstance(node.value, bool) else node.value + 1
        return [(f"{node.value} → {value}", lambda: setattr(node, "value", value))]
    return []


def tests_of(module: Path) -> list[str]:
    """The test files of a module by name, anywhere below tests/."""
    return sorted(str(path.relative_to(ROOT)) for path in (ROOT / "tests").rglob(f"test_{module.stem}.py"))


def copied(folder: Path) -> Path:
    """The project in another folder; data and pictures are only linked."""
    for name in COPIED:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in LINKED:
        os.symlink(ROOT / name, folder / name)
    for path in (*ROOT.glob("*.toml"), *ROOT.glob("*.md"), *ROOT.glob("*.txt"), ROOT / "app.py"):
        shutil.copy(path, folder)
    return folder


def survives(project: Path, module: Path, mutant: Mutant, tests: list[str]) -> bool:
    """True when the tests pass although the module was changed."""
    (project / module).write_text(mutant.text)
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-n", "0", "-p", "no:cacheprovider", *tests]
    try:
        return subprocess.run(command, cwd=project, capture_output=True, timeout=LONGEST_S).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def report(project: Path, module: Path, tests: list[str], n: int | None, seed: int) -> int:
    """Try the mutants of one module; returns how many survived."""
    source = (ROOT / module).read_text()
    tried = list(mutants(source))
    if n is not None and n < len(tried):
        tried = random.Random(seed).sample(tried, n)
    survived = 0
    for mutant in tried:
        alive = survives(project, module, mutant, tests)
        survived += alive
        print(f"{'SURVIVED' if alive else 'killed  '} {module}:{mutant.line} {mutant.change}", flush=True)
    (project / module).write_text(source)
    print(f"{module}: {len(tried)} mutants, {survived} survived", flush=True)
    return survived


def main(argv: list[str] | None = None) -> int:
    """Try the mutants of the modules named; 2 where a module has no tests to try them on."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="+", type=Path)
    parser.add_argument("--tests", nargs="+", help="test files, where they do not carry the module's name")
    parser.add_argument("--n", type=int, help="how many mutants of each module")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args(argv)
    untested = [module for module in given.modules if not (given.tests or tests_of(module))]
    if untested:
        print(f"no test file carries the name of {', '.join(map(str, untested))}: say --tests", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        project = copied(Path(folder))
        survived = [report(project, m, given.tests or tests_of(m), given.n, given.seed) for m in given.modules]
    return 1 if any(survived) else 0


if __name__ == "__main__":
    sys.exit(main())
