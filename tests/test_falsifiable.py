"""A check that cannot fail is worth nothing: each empirical one fails in a world that is broken on purpose."""

import pytest

from core.catalog import CASES
from core.checks.common import checks_of
from core.checks.toolkit import broken_labs
from core.contract.check import EMPIRICAL
from tests import toy_case

# They read one world, which the broken labs take away: tests/cases/test_ad_click.py breaks the auction instead.
ELSEWHERE = {("ad_click", "A13"), ("ad_click", "A13b")}
EMPIRICAL_CHECKS = [
    pytest.param(check, id=f"{case.slug}-{check.id}")
    for case in (*CASES, toy_case.CASE)
    for check in checks_of(case)
    if check.kind in EMPIRICAL and check.lab is not None and (case.slug, check.id) not in ELSEWHERE
]


def fails_in(check, lab) -> bool:
    """True when the check says that its sentence does not hold; one that cannot be worked out there says nothing."""
    try:
        return not check.test(lab).holds
    except (ArithmeticError, ValueError, KeyError, IndexError):  # nothing is left to compare in that world
        return False


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # figures of a broken world divide by nothing
@pytest.mark.parametrize("check", EMPIRICAL_CHECKS)
def test_an_empirical_check_fails_in_a_broken_world(check):
    labs = broken_labs(check.lab)
    assert any(fails_in(check, lab) for lab in labs), f"{check.sentence} holds whatever the designs do"
