"""Who may import whom, as a table: data flows one way, and Streamlit stays in core/ui and pages."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = [*sorted(p for folder in ("core", "pages", "data") for p in (ROOT / folder).rglob("*.py")), ROOT / "app.py"]
HEAVY = {
    "torch",
    "sentence_transformers",
    "onnxruntime",
    "numba",
    "sklearn",
    "cv2",
    "lightgbm",
    "implicit",
    "transformers",
    "pandera",
    "optuna",
}

# who (first match counts) → what it must never import, not even inside a function
FORBIDDEN = [
    ("core/ui/", {"core.stages", "core.runtime.memo", "sklearn", "faiss", "torch"}),
    (
        "core/cases/",
        {
            "streamlit",
            "core.ui",
            "core.serving.prices",
            "core.serving.cost",
            "core.charts",
            "core.analysis.tradeoff_table",
            "core.catalog",
        },
    ),
    (
        "core/stages/",
        {
            "streamlit",
            "core.ui",
            "core.cases",
            "core.contract.case",
            "core.serving.prices",
            "core.serving.cost",
            "core.charts",
        },
    ),
    ("core/datasets/", {"streamlit", "core.ui", "core.cases", "core.contract.case", "core.stages"}),
    ("core/__main__.py", {"streamlit", "core.ui"}),
    ("core/", {"streamlit", "core.ui", "core.cases"}),
    (
        "pages/",
        {"numpy", "pandas", "sklearn", "faiss", "torch", "plotly", "core.stages", "core.runtime.memo", "core.datasets"},
    ),
]
ALLOWED = {("core/catalog.py", "core.cases")}  # the list of cases has to name them


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imports(path: Path, top_level_only: bool = False) -> set[str]:
    tree = ast.parse(path.read_text())
    nodes = tree.body if top_level_only else ast.walk(tree)
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def reaches(found: set[str], module: str) -> bool:
    return any(name == module or name.startswith(module + ".") for name in found)


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_imports_keep_to_the_table(path):
    name = relative(path)
    forbidden = next((rule for prefix, rule in FORBIDDEN if name.startswith(prefix)), set())
    found = imports(path)
    broken = {module for module in forbidden if reaches(found, module) and (name, module) not in ALLOWED}
    assert not broken, f"{name} must not import {sorted(broken)}"


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_heavy_libraries_load_only_inside_the_function_that_needs_them(path):
    heavy = {module for module in HEAVY if reaches(imports(path, top_level_only=True), module)}
    assert not heavy or relative(path).startswith("data/make/"), f"{relative(path)} imports {sorted(heavy)} at the top"


@pytest.mark.parametrize("path", [p for p in FILES if "core/cases/" in relative(p)], ids=relative)
def test_no_case_imports_another_case(path):
    own = relative(path).removeprefix("core/cases/").split("/")[0].removesuffix(".py")
    others = {n for n in imports(path) if n.startswith("core.cases.") and not n.startswith(f"core.cases.{own}")}
    assert not others


def test_the_table_would_catch_an_offender(tmp_path):
    offender = tmp_path / "offender.py"
    offender.write_text("def f():\n    import streamlit as st\n    from core.ui import state\n")
    assert reaches(imports(offender), "streamlit") and reaches(imports(offender), "core.ui")
    assert not reaches(imports(offender, top_level_only=True), "streamlit")
