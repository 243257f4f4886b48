"""Designs side by side, with figures made by hand."""

from dataclasses import replace

import numpy as np
import pytest

from core.analysis.compare import (
    NO_DIFFERENCE,
    Lettered,
    compared_figures,
    deltas,
    dominance,
    dominates,
    knob_rows,
    largest_difference,
    paired_tests,
)
from core.contract.case import QualityAxis, estimate
from core.serving.cost import Assessment
from tests import toy_case
from tests.factory import KEY, evaluated, measurement

CASE = toy_case.CASE
SMALL, LARGE = toy_case.ToyDesign(dim=4), toy_case.ToyDesign(dim=64)
GOOD, POOR = (1.0,) * 100, (1.0,) * 60 + (0.0,) * 40


def contender(letter, design=SMALL, per_query=GOOD, service_ms=10.0, usd=100.0, p99_ms=20.0, seed=0, **facts):
    measured = measurement(per_query, service_ms, **facts)
    assessment = Assessment(2, 0.5, p99_ms, True, {"cores": usd})
    return Lettered(letter, evaluated(measured, design=design, seed=seed, assessment=assessment))


def changes(one, other):
    return deltas(one.evaluated, other.evaluated)


def sides(one, other):
    return {each.figure.key: each.side for each in changes(one, other)}


def test_a_delta_says_the_factor_of_a_cost_and_the_difference_of_a_quality():
    a, b = contender("a"), contender("b", LARGE, POOR, service_ms=40.0, usd=50.0)
    told = {each.figure.key: (each.text, each.side) for each in changes(a, b)}
    assert told[KEY] == ("-0.400", "worse")
    assert told["p50_ms"] == ("4× higher", "worse")
    assert told["usd"] == ("2× lower", "better")
    assert told["memory_mb"] == ("about the same", "same")


def test_a_difference_in_quality_that_may_be_noise_has_no_side():
    rng = np.random.default_rng(0)
    a = contender("a", per_query=rng.integers(0, 2, 100).astype(float))
    b = contender("b", LARGE, per_query=rng.integers(0, 2, 100).astype(float))
    (test,) = paired_tests(a, [b])
    assert test.words == NO_DIFFERENCE and test.low < 0 < test.high and test.n_queries == 100
    assert sides(a, b)[KEY] == "same"


def test_a_paired_test_says_which_is_better():
    a, b = contender("a", per_query=(0.0,) * 100), contender("b", LARGE, per_query=(1.0,) * 100)
    (test,) = paired_tests(a, [b])
    assert (test.letter, test.mean, test.words) == ("b", 1.0, "better than A")
    (back,) = paired_tests(b, [a])
    assert (back.mean, back.words) == (-1.0, "worse than B")


def test_designs_on_other_data_or_another_seed_are_never_paired():
    a = contender("a", per_query=(0.0, 1.0) * 50)
    noisy = contender("b", toy_case.ToyDesign(dim=4, noise=0.5), per_query=(1.0, 0.0) * 50)
    reseeded = contender("c", per_query=(1.0,) * 100, seed=1)
    assert paired_tests(a, [noisy, reseeded]) == []
    assert (changes(a, noisy)[0].text, changes(a, noisy)[0].side) == ("+0.000 (other data)", "same")
    assert changes(a, reseeded)[0].side == "better"  # the intervals do not touch
    assert "other data" in largest_difference(a, [reseeded])


def test_service_times_within_the_clock_s_own_spread_are_not_told_apart():
    assert sides(contender("a"), contender("b", LARGE, service_ms=11.0))["p50_ms"] == "same"
    assert sides(contender("a"), contender("b", LARGE, service_ms=12.0))["p50_ms"] == "worse"


def test_percentiles_whose_intervals_touch_are_not_told_apart():
    rng = np.random.default_rng(0)
    times = rng.lognormal(0.0, 2.0, 1_000)
    rare = np.concatenate([times[:-5], times[-5:] * 3])
    a, b = contender("a", service_ms=times), contender("b", LARGE, service_ms=np.where(times > 90, times * 1.5, rare))
    (p99,) = (each for each in changes(a, b) if each.figure.key == "p99_ms")
    assert p99.after > p99.before * 1.15 and p99.side == "same" and "intervals overlap" in p99.text


def test_where_a_lower_quality_is_better_the_side_turns():
    case = replace(CASE, qualities=(QualityAxis(KEY, "error", "", "lower"),))
    a, b = (
        Lettered(letter, evaluated(measurement((value,) * 100), case=case))
        for letter, value in (("a", 1.0), ("b", 0.0))
    )
    assert changes(a, b)[0].side == "better"
    assert paired_tests(a, [b])[0].words == "better than A"


def test_only_figures_that_all_have_are_compared_and_each_has_its_kind():
    a = contender("a")
    b = contender("b", LARGE, quality={"other": estimate((0.0, 1.0))}, shipped_s=1.0)
    figures = compared_figures(a.evaluated, b.evaluated)
    kinds = {figure.key: figure.badge_of(a.evaluated, b.evaluated) for figure in figures}
    assert KEY not in kinds
    assert kinds["usd"] == kinds["load_p99_ms"] == kinds["build_s"] == "modelled" and kinds["p50_ms"] == "measured"


def test_a_design_dominates_when_it_is_worse_on_nothing_and_better_on_something():
    a, b = contender("a"), contender("b", LARGE, usd=50.0, service_ms=5.0)
    assert dominates(changes(a, b)) and not dominates(changes(b, a)) and not dominates(changes(a, a))
    told = dominance([a, b])
    assert told.startswith("**B dominates.**") and "better than A on" in told
    assert "cost" in told and "not told apart on" in told and "memory per replica" in told


def test_where_none_dominates_each_is_ahead_on_something():
    a, b = contender("a", usd=50.0), contender("b", LARGE, service_ms=5.0)
    told = dominance([a, b])
    assert told.startswith("**None dominates.**")
    assert "A is ahead on cost" in told and "B is ahead on p99 service time, p50 service time" in told


def test_one_must_dominate_every_other_to_dominate():
    a, b, c = contender("a"), contender("b", usd=50.0), contender("c", LARGE, usd=10.0, service_ms=100.0)
    assert dominance([a, b]).startswith("**B dominates.**")
    assert dominance([a, b, c]).startswith("**None dominates.**")


def test_equal_designs_are_said_to_be_equal():
    told = dominance([contender("a"), contender("b", LARGE)])
    assert NO_DIFFERENCE in told
    assert NO_DIFFERENCE in largest_difference(contender("a"), [contender("b", LARGE)])


def test_the_largest_difference_is_named_with_its_part_and_its_knob():
    times = {"encode": np.full(1_000, 1.0), "search": np.full(1_000, 9.0)}
    slow = {"encode": np.full(1_000, 1.0), "search": np.full(1_000, 79.0)}
    a, b = contender("a", parts_ms=times), contender("b", LARGE, service_ms=80.0, usd=200.0, parts_ms=slow)
    told = largest_difference(a, [b])
    assert "The largest difference in what it costs is p99 service time: 80 ms for B, 10 ms for A (8× higher)" in told
    assert "the part that differs most is search of the mean request, 9 ms → 79 ms" in told
    assert "One knob differs: embedding size 4 → 64." in told


def test_with_several_knobs_no_single_one_is_blamed():
    walk = toy_case.ToyDesign(dim=64, index="hnsw", effort=4)
    told = largest_difference(contender("a"), [contender("b", walk, usd=10.0)])
    assert "3 knobs differ (embedding size 4 → 64, index flat → hnsw, effort 16 → 4)" in told
    assert "do not say which" in told


def test_dollars_are_explained_by_their_parts():
    a = contender("a")
    dearer = Assessment(2, 0.5, 20.0, True, {"cores": 100.0, "memory": 900.0})
    b = Lettered("b", evaluated(a.evaluated.measured, design=LARGE, assessment=dearer))
    assert "memory, nothing → $900 per month" in largest_difference(a, [b])


def test_knobs_that_differ_come_apart_from_those_that_do_not():
    walk = toy_case.ToyDesign(dim=4, index="hnsw", effort=64)
    differ, same = knob_rows([contender("a").evaluated, contender("b", walk, seed=3).evaluated])
    assert differ == [("Index", ["flat", "hnsw"]), ("Effort", ["–", "64"]), ("Seed", ["0", "3"])]
    assert same == [("Noise", "0.0"), ("Embedding size", "4")]


@pytest.mark.parametrize("value", [0.0, float("inf")])
def test_figures_without_a_factor_do_not_count_as_the_largest(value):
    found = changes(contender("a"), contender("b", LARGE, p99_ms=value))
    assert all(each.size == 0 for each in found)
