"""The mutation tool itself: what it changes, and that a test which notices nothing is reported."""

from pathlib import Path

import pytest

from tests import mutation

SOURCE = "def passes(got, asked):\n    return got <= asked and got > 1\n"


def test_each_mutant_changes_one_thing():
    found = list(mutation.mutants(SOURCE))
    assert {mutant.change for mutant in found} == {"And → Or", "LtE → Lt", "Gt → GtE", "1 → 2"}
    assert all(mutant.text != SOURCE and compile(mutant.text, "mutant", "exec") for mutant in found)


@pytest.mark.slow  # two runs of pytest
def test_a_mutant_that_no_test_notices_survives(tmp_path):
    (tmp_path / "passing.py").write_text(SOURCE)
    check = "from passing import passes\n\ndef test_passing():\n    assert passes(2, 3){more}\n"
    (tmp_path / "test_passing.py").write_text(check.format(more=""))
    strict = next(mutant for mutant in mutation.mutants(SOURCE) if mutant.change == "LtE → Lt")
    assert mutation.survives(tmp_path, Path("passing.py"), strict, ["test_passing.py"])
    (tmp_path / "test_passing.py").write_text(check.format(more=" and passes(3, 3)"))
    assert not mutation.survives(tmp_path, Path("passing.py"), strict, ["test_passing.py"])


def test_a_module_without_tests_is_an_error_and_not_a_success(capsys):
    assert mutation.main(["core/nothing_tests_this.py"]) == 2
    assert "say --tests" in capsys.readouterr().err
