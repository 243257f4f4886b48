"""The committed record: there for every case, true of today's code where no clock decides, and small."""

from pathlib import Path

import pytest

from core.catalog import CASES
from core.checks.results import NOT_RUN, Store, check_results
from core.contract.design import canonical
from core.runtime import recorded
from core.runtime.compare_records import SAME, sample
from core.runtime.measuring import untimed

FOLDER = Path(__file__).parents[1] / "data" / "recorded"
RERUN = 2  # designs of each case: the first of its record, and one that is drawn
LEAST = 20  # designs of a case: a front and some beside it
MOST_BYTES = 2_000_000
OF_INTERVAL = 0.1  # of its width, by which a quality may differ on another processor
RECORD = "python -m core record"

each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.slug)


def kept(case):
    path = FOLDER / f"{case.slug}.parquet"
    assert path.exists(), f"{path.name} is missing: {RECORD} {case.slug}"
    return recorded.recorded_designs(case, path)


@each_case
def test_a_case_is_recorded_with_its_default_and_its_baseline(case):
    designs = {one.design for one in kept(case)}
    assert len(designs) >= LEAST
    assert {canonical(case.Design()), canonical(case.baseline)} <= designs, f"record it again: {RECORD} {case.slug}"


@each_case
def test_recorded_qualities_are_those_of_a_run_today(case):
    """As far as another processor sums in another order: that has moved a recall by 1e-4 and an nDCG by 1e-3."""
    for one in sample(kept(case), RERUN):
        with untimed():
            again = case.run(one.design, seed=one.seed)
        far = {
            key: (then.value, again.quality[key].value)
            for key, then in one.measured.quality.items()
            if abs(then.value - again.quality[key].value) > max(SAME, OF_INTERVAL * (then.high - then.low))
        }
        assert not far, f"{one.design}: record it again: {RECORD} {case.slug}"


@each_case
def test_most_checks_of_a_case_have_a_recorded_verdict_of_their_sentence(case):
    path = FOLDER / recorded.CHECKS
    assert path.exists(), f"{path.name} is missing: {RECORD}"
    results = check_results([case], 0, Store(), recorded.recorded_verdicts(path))
    missing = [result.address for result in results if result.state == NOT_RUN]
    assert len(missing) <= 0.1 * len(results), f"not recorded: {missing}: {RECORD} {case.slug}"


def test_the_record_is_small():
    assert sum(path.stat().st_size for path in FOLDER.glob("*.parquet")) <= MOST_BYTES
