"""A package that is not installed: page, command line and menu say what to install, and no module's name alone."""

import subprocess
import sys
from pathlib import Path

import pytest

from core import catalog
from core.catalog import BY_SLUG
from core.contract.missing_package import DISTRIBUTIONS, MissingPackage, how_to_install, told
from core.runtime.memo import MEMO
from core.runtime.results import RESULTS
from core.ui.home import gallery
from tests.page_driver import visit
from tests.test_requirements import MODULES, requirements

ROOT = Path(__file__).parents[2]
WITHOUT = "import sys\nsys.modules[{module!r}] = None\nfrom core.__main__ import main\nsys.exit(main({words!r}))\n"
# a module, and a design that cannot run without it
NEEDED = {
    "faiss": ("visual_search",), "lightgbm": ("event_recommendation",), "torch": ("news_feed",), "numba": ("ad_click",),
    "onnxruntime": ("street_view_blurring",), "cv2": ("street_view_blurring",),
    "implicit": ("video_recommendation", "--set", "source=als"),
}  # fmt: skip


def without(module, *words):
    """What the command line says where a module cannot be imported."""
    script = WITHOUT.format(module=module, words=list(words))
    return subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=600)


@pytest.mark.slow
@pytest.mark.parametrize("module", NEEDED)
def test_the_command_line_says_what_to_install(module, tmp_path, monkeypatch):
    monkeypatch.setenv("KNEEPOINT_CACHE", str(tmp_path))
    ran = without(module, "run", *NEEDED[module])
    assert ran.returncode == 1 and "Traceback" not in ran.stderr, ran.stderr
    assert f"`pip install {DISTRIBUTIONS.get(module, module)}`" in ran.stderr and "requirements.txt" in ran.stderr
    assert "No module named" not in ran.stderr


def test_the_page_says_what_to_install(monkeypatch):
    case = BY_SLUG["event_recommendation"]
    monkeypatch.setattr(gallery, "SAMPLE", 0)
    monkeypatch.setattr(RESULTS, "known", lambda *of: None)
    monkeypatch.setitem(sys.modules, "lightgbm", None)
    MEMO.clear()
    app = visit(case)
    assert not app.exception
    (error,) = app.error
    assert "pip install lightgbm" in error.value and "No module named" not in error.value


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ModuleNotFoundError("No module named 'cv2'", name="cv2"), "`pip install opencv-python-headless`"),
        (ModuleNotFoundError("No module named 'torch.nn'", name="torch.nn"), "`pip install torch`"),
        (ModuleNotFoundError("No module named 'sentence_transformers'", name="sentence_transformers"),
         "`pip install sentence-transformers`"),
        (ModuleNotFoundError("No module named 'core.cases.nosuch'", name="core.cases.nosuch"), "No module named"),
        (ImportError("libGL.so.1: cannot open shared object file", name="cv2"), "libGL.so.1"),
    ],
)  # fmt: skip
def test_what_is_missing_is_told_by_what_pip_calls_it(error, said):
    assert said in how_to_install(error)


def test_every_package_is_called_what_the_requirements_call_it():
    assert {module: package for package, module in MODULES.items()} == DISTRIBUTIONS
    assert set(DISTRIBUTIONS.values()) <= set(requirements("requirements.txt"))


def test_a_run_that_is_told_twice_is_told_once_and_other_errors_stay():
    def run(design, seed):
        raise (ModuleNotFoundError("No module named 'faiss'", name="faiss") if seed else ValueError("as before"))

    assert told(told(run)) == told(run) and told(run) is not run
    with pytest.raises(MissingPackage, match="faiss-cpu"):
        told(run)("design", seed=1)
    with pytest.raises(ValueError, match="as before"):
        told(run)("design", seed=0)


def test_a_case_that_cannot_be_imported_is_left_out_with_what_to_install(monkeypatch):
    def fails(slug):
        raise ModuleNotFoundError("No module named 'lightgbm'", name="lightgbm")

    monkeypatch.setattr(catalog, "load_case", fails)
    assert "`pip install lightgbm`" in catalog.load(["event_recommendation"])[1]["event_recommendation"]
