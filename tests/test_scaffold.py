"""A new case by one command: it runs, keeps every rule, and a name that cannot be one is refused."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from core import __main__ as cli
from core.runtime.scaffold import ROOT, create, refuse_bad_slug, renamed

LEFT_OUT = shutil.ignore_patterns(".git", "__pycache__", ".*_cache", "docs")
CONTRACT = ("contract", "interview", "scaling_spec", "walk_contract", "deployment_drawing")


@pytest.fixture
def root(tmp_path):
    """The folders that a new case is written to, with the skeleton and the catalog."""
    for path in ("core/cases/skeleton", "pages", "tests/cases"):
        (tmp_path / path).mkdir(parents=True)
    shutil.copytree(ROOT / "core/cases/skeleton", tmp_path / "core/cases/skeleton", dirs_exist_ok=True, ignore=LEFT_OUT)
    shutil.copy(ROOT / "core/catalog.py", tmp_path / "core/catalog.py")
    return tmp_path


def test_a_new_case_is_a_folder_a_page_a_test_file_and_one_line_of_the_catalog(root):
    before = (root / "core/catalog.py").read_text().splitlines()
    written = {str(path.relative_to(root)) for path in create("hand_writing", root)}
    assert {"pages/hand_writing.py", "tests/cases/test_hand_writing.py", "core/catalog.py"} < written
    assert {path.name for path in (root / "core/cases/hand_writing").iterdir()} == {
        "__init__.py", "architecture.py", "checks.py", "data.py", "design.py", "evaluate.py", "interview.py",
        "interview.toml", "pipeline.py", "scaling.py", "sources.toml",
    }  # fmt: skip
    after = (root / "core/catalog.py").read_text().splitlines()
    assert [line for line in after if line not in before] == ['    "hand_writing",']
    assert after[after.index('    "hand_writing",') + 1] == ")"


def test_nothing_of_the_skeletons_name_is_left(root):
    for path in create("hand_writing", root)[:-1]:
        text = path.read_text()
        assert "skeleton" not in text.lower() and "inding digits" not in text, path
    assert "class HandWriting:" in (root / "core/cases/hand_writing/design.py").read_text()


def test_a_second_case_stands_below_the_first(root):
    create("one", root)
    create("other", root)
    assert '    "one",\n    "other",\n)' in (root / "core/catalog.py").read_text()


def test_a_name_within_a_word_is_left_alone():
    assert renamed("skeletons skeleton.data Skeleton", "digits") == "skeletons digits.data Digits"


@pytest.mark.parametrize(
    ("slug", "words"),
    [
        ("", "use lower-case letters"),
        ("Digits", "use lower-case letters"),
        ("my-case", "use lower-case letters"),
        ("9lives", "use lower-case letters"),
        ("../up", "use lower-case letters"),
        ("class", "a word of Python"),
        ("match", "a word of Python"),
        ("visual_search", "core/cases/visual_search exists already"),
        ("skeleton", "core/cases/skeleton exists already"),
        ("glossary", "pages/glossary.py exists already"),
    ],
)
def test_a_name_that_cannot_be_one_is_refused_with_what_to_do(slug, words, capsys):
    with pytest.raises(ValueError, match=words):
        refuse_bad_slug(slug)
    assert cli.main(["new", slug]) == 2
    assert words in capsys.readouterr().err


def run(root: Path, *arguments: str) -> str:
    """What a command prints, in a copy of the repository; its exit code is 0."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV"))}
    done = subprocess.run(
        [sys.executable, "-m", *arguments], cwd=root, env=environment, capture_output=True, text=True, timeout=900
    )
    assert done.returncode == 0, done.stdout[-3_000:] + done.stderr[-3_000:]
    return done.stdout


def commands() -> list[list[str]]:
    """What CONTRIBUTING.md says to type for a new case."""
    block = (ROOT / "CONTRIBUTING.md").read_text().split("## Add a case\n\n")[1].split("\n\n")[0]
    return [shlex.split(line, comments=True) for line in block.splitlines()]


@pytest.mark.slow
def test_a_new_case_is_made_as_contributing_says(tmp_path):
    root = tmp_path / "kneepoint"
    shutil.copytree(ROOT, root, ignore=LEFT_OUT)
    (*typed, tests) = commands()
    said = {command[3]: run(root, *command[2:]) for command in typed}
    assert "pages/digits.py" in said["new"] and "step time search" in said["run"]
    assert said["lint"].endswith("digits: nothing lacks\n") and "holds digits/T1" in said["check"]
    files = ["tests/cases/test_digits.py", *(f"tests/test_{name}.py" for name in CONTRACT)]
    assert " passed" in run(root, *tests, *files, "-m", "", "-n", "0", "-q", "-p", "no:cacheprovider")
    assert not subprocess.run([sys.executable, "-m", "ruff", "check", "-q", "."], cwd=root).returncode
