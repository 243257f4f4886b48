"""The recorded spread between worlds, and what verdicts rest on it: the same under every seed."""

import pytest

from core.analysis.worlds import designs_by_kind
from core.catalog import BY_SLUG, CASES
from core.runtime.measuring import untimed
from core.runtime.worlds import kind_of_data, recorded_spread
from core.scaling.extrapolate import Projected
from core.serving.projection import quality_at
from core.serving.slo import floor
from core.serving.worlds import of_worlds

SEEDS = range(5)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.slug)
def test_every_quality_of_the_default_has_a_recorded_spread(case):
    kind, recorded = kind_of_data(case, case.Design()), recorded_spread()
    known = [recorded[case.slug, kind, axis.key] for axis in case.qualities if (case.slug, kind, axis.key) in recorded]
    assert known[0].quality == case.qualities[0].key and "" in known[0].between and len(known[0].between) >= 6
    assert all(spread.within >= 0 and min(spread.between.values()) >= 0 for spread in known)
    assert known[0].n_worlds == 5


def floor_of(case, design, seed, items=None):
    with untimed():
        measured = case.run(design, seed=seed)
    axis = case.qualities[0]
    covered = of_worlds(case, design, seed, axis.key, measured.quality[axis.key])
    at = Projected(measured, measured.n_items, int(items or measured.n_items))
    return floor(case.requirements.quality_floor, axis, quality_at(case, design, covered, at))


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.slug)
def test_the_verdict_on_the_default_is_the_same_under_every_seed(case):
    here = [floor_of(case, case.Design(), seed) for seed in SEEDS]
    assert {limit.verdict for limit in here} == {"meets"}, [(limit.got, limit.band) for limit in here]
    asked = {floor_of(case, case.Design(), seed, case.requirements.items).verdict for seed in SEEDS}
    assert len(asked) == 1, asked


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.slug)
def test_a_recorded_design_that_is_worse_is_not_let_through(case):
    designs = designs_by_kind(case)[kind_of_data(case, case.Design())]
    if case.slug == "video_recommendation":
        pytest.xfail("at ten thousand films the band of the law is wide and its floor so low that none is ruled out")
    asked = case.requirements.items
    assert any(floor_of(case, design, 0, asked).verdict != "meets" for design in designs)


def test_where_no_seed_draws_other_data_nothing_is_added():
    """The mails of harmful content are the same under every seed, so the default's interval is over its posts alone."""
    case = BY_SLUG["harmful_content"]
    spread = recorded_spread()[case.slug, kind_of_data(case, case.Design()), "ap"]
    assert spread.between[""] == 0 and spread.shared
