"""One move away from the default, framings and rows of each case are as sound; the rules themselves by hand."""

import pytest

from core.catalog import CASES
from core.checks.interview_lint import framings_lack, sample_lacks, wrong_values
from core.contract.design import neighbours
from core.contract.interview_spec import Column
from tests.cases_of_tests import few_or_all

INTERVIEWED = [case for case in CASES if case.interview is not None]
every_case = few_or_all(INTERVIEWED)


@every_case
def test_one_move_away_framings_and_samples_are_as_sound(case):
    for _, start in neighbours(case.Design()):
        assert list(framings_lack(case, start)) == []
        assert list(sample_lacks(case.interview.sample(start, 0))) == [], start


@pytest.mark.parametrize("value", [None, "3", 3.0, -1, 11, float("nan"), True])
def test_the_checker_rejects_a_value_that_breaks_its_rule(value):
    assert wrong_values(Column("n", "int", 0, 10), [{"n": value}])
    assert wrong_values(Column("n", "int", unique=True), [{"n": 3}, {"n": 3}]) == [3]
    assert wrong_values(Column("n", "str", allowed=("a",)), [{"n": "b"}, {}]) == ["b", None]
