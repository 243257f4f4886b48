"""A data file that cannot be used: the command line says which, what is wrong and how to mend it, and no traceback."""

import subprocess
import sys
from pathlib import Path

import pytest

from core.__main__ import main
from core.cli import run
from core.datasets.files import DataError

ROOT = Path(__file__).parents[2]
SAID = "data/films.npz is corrupt; `git checkout -- data/films.npz` brings it back"
BROKEN = """
import sys
from core.datasets import files
files._bytes = lambda name, root, made_by="": b'{}' if name == files.CHECKSUMS else b''
from core.__main__ import main
sys.exit(main(['run', 'visual_search']))
"""


def test_a_broken_file_is_a_sentence_and_another_mistake_a_traceback(monkeypatch, capsys):
    def fails(asked):
        raise DataError(SAID)

    monkeypatch.setattr(run, "run_command", fails)
    assert main(["run", "visual_search"]) == 1
    assert capsys.readouterr().err.strip() == SAID
    monkeypatch.setattr(run, "run_command", lambda asked: {}["a bug"])
    with pytest.raises(KeyError):
        main(["run", "visual_search"])


@pytest.mark.slow
def test_a_run_over_files_that_are_gone_says_how_to_get_them_back():
    ran = subprocess.run([sys.executable, "-c", BROKEN], cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert ran.returncode == 1 and "Traceback" not in ran.stderr
    assert "`git checkout -- data/checksums.json` brings it back" in ran.stderr
