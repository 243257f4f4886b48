"""Whether a design can ship, which constraint binds, and what is offered instead."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.contract.case import QualityAxis
from core.serving.cost import Assessment, assess
from core.serving.prices import Prices, repriced
from core.serving.slo import Candidate, Constraint, binding, judge, offers, ruled_out_by
from tests.factory import KEY, NEEDS, asked, measurement

AXIS = QualityAxis(KEY, "precision@5", "")
ASKED = asked(100.0, 50.0, freshness_h=12.0, quality_floor=0.6, budget_usd=100.0)


def taken(p99_ms=40.0, usd=80.0):
    return Assessment(2, 0.5, p99_ms, p99_ms <= 50, {"cores": usd})


def candidate(name, quality=0.7, p99_ms=40.0, usd=80.0, needs=ASKED):
    made = measurement([quality] * 20)
    found = taken(p99_ms, usd)
    return Candidate(name, made, found, judge(made, found, needs, Prices(), AXIS))


def test_every_constraint_that_was_stated_is_judged_and_no_other():
    made = measurement([0.5] * 20, refresh_every_h=24.0)
    found = {each.key: each for each in judge(made, taken(), ASKED, Prices(), AXIS)}
    assert [(key, each.asked, each.got, each.met) for key, each in found.items()] == [
        ("p99_ms", 50.0, 40.0, True),
        ("freshness_h", 12.0, 24.0, False),
        ("quality_floor", 0.6, 0.5, False),
        ("budget_usd", 100.0, 80.0, True),
    ]
    assert [each.key for each in judge(made, taken(), NEEDS, Prices(), AXIS)] == ["p99_ms"]


def test_by_hand_how_much_of_a_bound_is_used():
    assert Constraint("", "", 50.0, 40.0, "", "lower").strain == 0.8
    assert Constraint("", "", 0.6, 0.5, "", "higher").strain == pytest.approx(1.2)
    assert Constraint("", "", 0.0, 10.0, "", "lower").strain == float("inf")  # a budget of nothing
    assert Constraint("", "", 0.5, 0.0, "", "higher").strain == float("inf")
    assert Constraint("", "", 0.0, 0.0, "", "lower").met


def test_what_binds_is_what_is_used_up_most():
    assert binding(candidate("", p99_ms=45.0, usd=80.0).constraints).key == "p99_ms"
    assert binding(candidate("", p99_ms=60.0, usd=300.0).constraints).key == "budget_usd"


def test_what_rules_a_design_out_is_named():
    assert ruled_out_by(candidate("").constraints) == ""
    assert ruled_out_by(candidate("", quality=0.1, p99_ms=60.0).constraints) == "p99 at the load, precision@5"


def test_the_three_offers_are_the_cheapest_the_fastest_and_the_best_that_ship():
    cheap, fast, good = candidate("cheap", usd=10.0), candidate("fast", p99_ms=5.0), candidate("good", quality=0.95)
    slow = candidate("too slow", quality=1.0, p99_ms=500.0, usd=1.0)
    made = offers([slow, good, fast, cheap], AXIS)
    assert [(each.title, each.candidate.design) for each in made] == [
        ("cheapest", "cheap"),
        ("fastest", "fast"),
        ("best", "good"),
    ]
    assert not any(each.gives_up for each in made)


def test_where_nothing_ships_the_closest_is_offered_and_what_it_gives_up():
    far, near = candidate("far", p99_ms=500.0), candidate("near", p99_ms=55.0)
    (only,) = offers([far, near], AXIS)
    assert (only.title, only.candidate.design) == ("closest", "near")
    assert [each.key for each in only.gives_up] == ["p99_ms"]


def test_nothing_measured_is_no_offer():
    assert offers([], AXIS) == ()


def test_of_a_quality_where_less_is_better_the_best_is_the_lowest_and_the_floor_is_a_ceiling():
    gap = replace(AXIS, better="lower")
    low, high = measurement([0.1] * 20), measurement([0.7] * 20)
    few, many = (
        Candidate(n, m, taken(), judge(m, taken(), ASKED, Prices(), gap)) for n, m in (("few", low), ("many", high))
    )
    assert few.feasible and not many.feasible
    assert offers([many, few], gap)[-1].candidate.design == "few"


@settings(deadline=None, max_examples=50)
@given(st.floats(1.0, 1e4), st.floats(1.0, 1e4), st.floats(0.0, 1.0), st.floats(0.0, 1e4))
def test_asking_for_more_never_lets_more_designs_ship(p99_ms, tighter_ms, floor, budget):
    made = measurement([0.7] * 20)
    loose = asked(100.0, max(p99_ms, tighter_ms), quality_floor=floor, budget_usd=budget)
    tight = replace(loose, p99_ms=min(p99_ms, tighter_ms), quality_floor=min(1.0, floor + 0.1), budget_usd=budget / 2)
    verdicts = [
        Candidate("", made, a, judge(made, a, n, Prices(), AXIS)) for n in (tight, loose) for a in [assess(made, n)]
    ]
    assert verdicts[0].feasible <= verdicts[1].feasible


def test_by_hand_results_age_in_the_store_and_then_in_the_cache():
    """A result is 24 h old when the store is about to be refreshed, and a cache that keeps it 2 h makes that 26."""
    cached = repriced(Prices(), cache_ttl_s=7_200.0)
    made = measurement([0.7] * 20, refresh_every_h=24.0)
    age = {each.key: each for each in judge(made, taken(), ASKED, cached, AXIS)}["freshness_h"]
    assert age.got == 26.0 and not age.met
