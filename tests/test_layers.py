"""Who may import whom: the layers of pyproject.toml, and heavy libraries only inside the function that needs them."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HEAVY = {"torch", "sentence_transformers", "onnxruntime", "numba", "sklearn", "cv2", "lightgbm", "implicit"}
HEAVY |= {"transformers", "tokenizers", "datasketch", "pandera", "optuna", "jinja2"}
ARITHMETIC = {"numpy", "pandas", "sklearn", "faiss", "torch", "plotly"}  # a page has no use for it


def top_level_imports(source: str) -> set[str]:
    """The packages that a file imports when it is itself imported."""
    statements = ast.parse(source).body
    plain = {alias.name for node in statements if isinstance(node, ast.Import) for alias in node.names}
    named = {node.module for node in statements if isinstance(node, ast.ImportFrom) and node.module}
    return {name.partition(".")[0] for name in plain | named}


def offenders(folder: str, packages: set[str]) -> dict[str, set[str]]:
    """The files below a folder that import one of the packages at their top."""
    found = {path: top_level_imports(path.read_text()) & packages for path in (ROOT / folder).rglob("*.py")}
    return {path.relative_to(ROOT).as_posix(): some for path, some in found.items() if some}


def test_heavy_libraries_load_only_inside_the_function_that_needs_them():
    assert not offenders("core", HEAVY) and not offenders("pages", HEAVY)


def test_a_page_holds_order_and_words_and_no_arithmetic():
    assert not offenders("pages", ARITHMETIC)


def lint_imports(root: Path) -> subprocess.CompletedProcess:
    program = shutil.which("lint-imports", path=Path(sys.executable).parent) or "lint-imports"
    return subprocess.run([program, "--no-cache"], cwd=root, capture_output=True, text=True)


def test_imports_keep_to_the_layers():
    pytest.importorskip("importlinter")
    said = lint_imports(ROOT)
    assert said.returncode == 0, said.stdout[-3_000:]


def test_the_layers_would_catch_an_arrow_upwards(tmp_path):
    pytest.importorskip("importlinter")
    for name in ("core", "pages"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "static"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    prices = tmp_path / "core" / "serving" / "prices.py"
    prices.write_text(prices.read_text() + "\n\ndef late():\n    import core.analysis.explain\n")
    said = lint_imports(tmp_path)
    assert said.returncode != 0 and "core.serving.prices" in said.stdout
