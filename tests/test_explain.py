"""The sentences about a move, worked out from measurements made by hand."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.analysis.alternatives import gained
from core.analysis.explain import beside, changes, move, paired, quality_change, ratio_change, sentence
from core.checks.toolkit import Lab
from core.contract.case import QualityAxis
from core.metrics import NotEnoughSamples
from tests.factory import KEY, evaluated, measurement
from tests.toy_case import CASE, ToyDesign

steady = settings(deadline=None, derandomize=True, max_examples=60)
AXIS = CASE.qualities[0]
RNG = np.random.default_rng(0)
BASE = RNG.uniform(0.4, 0.6, 200)
NOISY = BASE + RNG.normal(scale=0.05, size=200) - 0.001
BETTER = BASE + 0.1 + RNG.normal(scale=0.01, size=200)
SMALL, LARGE = ToyDesign(dim=16), ToyDesign(dim=64)


def at(design, *figures, **facts):
    return evaluated(measurement(*figures, **facts), design=design)


# Names of moves and designs


def test_a_move_is_named_by_the_knobs_that_differ():
    assert move(SMALL, ToyDesign(dim=64, index="hnsw")) == "embedding size 16 → 64, index flat → hnsw"
    assert move(SMALL, SMALL) == ""


def test_another_design_is_named_by_what_it_has_other_than_this_one():
    assert beside(SMALL, LARGE) == "the one with embedding size 64"
    assert beside(SMALL, ToyDesign(dim=4, index="hnsw")) == "the one with embedding size 4 and index hnsw"
    assert beside(SMALL, SMALL) == "this design"


def test_a_design_with_many_differences_is_named_by_the_first_and_how_many_more():
    other = ToyDesign(noise=0.5, dim=4, index="hnsw", effort=64)
    assert beside(SMALL, other, most=2) == "the one with noise 0.5, embedding size 4 and 2 more changes"
    assert beside(SMALL, other) == "the one with noise 0.5, embedding size 4, index hnsw and 1 more change"


# Qualities


def test_noise_is_unchanged_and_a_real_difference_is_told():
    same = quality_change(AXIS, measurement(BASE), measurement(NOISY))
    assert (same.text, same.distinguishable) == ("precision@5 unchanged within noise", False)
    better = quality_change(AXIS, measurement(BASE), measurement(BETTER))
    assert better.text == f"precision@5 +{np.mean(BETTER - BASE):.3f}" and better.distinguishable
    assert (better.before, better.after) == (pytest.approx(BASE.mean()), pytest.approx(BETTER.mean()))


def test_the_pairing_tells_a_small_difference_that_two_intervals_do_not():
    spread = np.linspace(0, 1, 200)
    a, b = measurement(spread), measurement(np.minimum(spread + 0.01, 1.0))
    assert a.quality[KEY].high > b.quality[KEY].low
    assert quality_change(AXIS, a, b).text == "precision@5 +0.010"


def test_a_loss_has_a_minus():
    change = quality_change(AXIS, measurement([0.75] * 20), measurement([0.5] * 20))
    assert change.text == "precision@5 -0.250" and change.distinguishable


def test_other_queries_are_compared_by_their_intervals():
    near = quality_change(AXIS, measurement([0.0, 1.0] * 50), measurement([0.0, 1.0] * 20))
    assert (near.text, near.distinguishable) == ("precision@5 +0.000 (other queries)", False)
    far = quality_change(AXIS, measurement([0.25] * 20), measurement([0.75] * 30))
    assert (far.text, far.distinguishable) == ("precision@5 +0.500 (other queries)", True)
    assert quality_change(AXIS, measurement([0.75] * 20), measurement([0.25] * 30)).distinguishable


def test_values_of_other_units_are_not_paired_though_they_are_as_many():
    before, after = measurement([0.2, 0.3] * 50), measurement([0.6, 0.7] * 50)
    deciles = replace(after.quality[KEY], unit="deciles of its own order", pairable=False)
    other = replace(after, quality={KEY: deciles})
    assert paired(AXIS, before, after) is not None
    assert paired(AXIS, before, other) is None and paired(AXIS, other, other) is None
    assert quality_change(AXIS, before, other).text == "precision@5 +0.400 (not paired: deciles of its own order)"
    renamed = replace(after, quality={KEY: replace(after.quality[KEY], units=3)})
    assert quality_change(AXIS, before, renamed).text == "precision@5 +0.400 (other queries)"
    assert gained(other, before, KEY) is None


def test_a_check_cannot_compare_what_has_no_pairs():
    def run(design, seed):
        made = measurement([0.2, 0.3] * 50)
        return replace(made, quality={KEY: replace(made.quality[KEY], pairable=False)})

    with pytest.raises(ValueError, match="has no pairs"):
        Lab(ToyDesign, run, None).compare(KEY, SMALL, LARGE)


def test_seeds_that_only_train_anew_leave_as_many_queries_as_there_are():
    def run(design, seed):
        return measurement(BETTER if design.dim == 64 else BASE)

    lab = Lab(ToyDesign, run, None)
    once, pooled = lab.compare(KEY, SMALL, LARGE), lab.compare_pooled(KEY, SMALL, LARGE, same_queries=True)
    assert (pooled.low, pooled.high) == pytest.approx((once.low, once.high))


def test_five_queries_are_too_few_to_tell_anything():
    assert not quality_change(AXIS, measurement([0.0] * 5), measurement([1.0] * 5)).distinguishable


# Costs


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        (4.0, 1.0, "memory 4× lower"),
        (10.0, 27.0, "memory 2.7× higher"),
        (1.0, 9.97, "memory 10× higher"),
        (2.0, 3_000.0, "memory 1,500× higher"),
        (1.0, 1.0, "memory about the same"),
        (0.0, 5.0, "memory 0 → 5"),
        (5.0, 0.0, "memory 5 → 0"),
        (0.0, 0.0, "memory 0 → 0"),
    ],
)
def test_a_cost_is_told_as_a_factor_and_from_nothing_as_two_numbers(before, after, text):
    change = ratio_change("memory_bytes", "memory", before, after)
    assert (change.text, change.before, change.after) == (text, before, after)
    assert change.distinguishable == (before != after)


def test_a_factor_within_the_noise_is_no_change():
    assert ratio_change("p50_ms", "p50", 10.0, 11.0, noise=0.15).text == "p50 about the same"
    assert ratio_change("p50_ms", "p50", 10.0, 12.0, noise=0.15).text == "p50 +20\u00a0%"


def test_no_change_is_told_as_times_one():
    assert ratio_change("memory_bytes", "memory", 1_000_000, 1_001_000).text != "memory +0\u00a0%"


def test_a_change_one_way_is_a_change_the_other_way():
    there, back = (ratio_change("p50_ms", "p50", a, b, noise=0.15) for a, b in ((1.0, 1.16), (1.16, 1.0)))
    assert there.distinguishable == back.distinguishable


@steady
@given(st.floats(1e-3, 1e3), st.floats(1e-3, 1e3), st.floats(0, 0.5))
def test_the_unit_of_a_cost_does_not_matter(before, after, noise):
    one = ratio_change("k", "cost", before, after, noise)
    other = ratio_change("k", "cost", 1024 * before, 1024 * after, noise)  # a power of two: no rounding
    assert (one.text, one.distinguishable) == (other.text, other.distinguishable)


# Whole moves


def test_a_move_lists_qualities_first_and_then_the_costs():
    told = changes(evaluated(measurement(BASE)), evaluated(measurement(BETTER, 20.0, memory_bytes=2**28, build_s=3.0)))
    assert [change.key for change in told] == [KEY, "p50_ms", "p99_ms", "memory_bytes", "build_s"]
    assert [change.text for change in told[1:]] == [
        "p50 service time 2× higher",
        "p99 service time 2× higher",
        "memory per replica 4× lower",
        "build time 3× higher",
    ]


def test_a_quality_that_only_the_new_design_lacks_is_left_out():
    case = replace(CASE, qualities=(AXIS, QualityAxis("coverage", "coverage", "Share of the catalogue shown.")))
    assert [change.key for change in changes(evaluated(case=case), evaluated(case=case))][:2] == [KEY, "p50_ms"]


def test_a_quality_that_only_the_old_design_lacks_is_left_out():
    before, after = measurement(), measurement()
    after = replace(after, quality={**after.quality, "coverage": after.quality[KEY]})
    case = replace(CASE, qualities=(AXIS, QualityAxis("coverage", "coverage", "Share of the catalogue shown.")))
    assert "coverage" not in [
        change.key for change in changes(evaluated(before, case=case), evaluated(after, case=case))
    ]


def test_a_percentile_of_too_few_requests_is_refused():
    with pytest.raises(NotEnoughSamples, match="p99 needs"):
        changes(evaluated(measurement(service_ms=np.ones(999))), evaluated())


def test_the_sentence_names_the_move_and_what_changed():
    told = sentence(
        at(SMALL, [0.5] * 20),
        at(LARGE, [0.75] * 20, memory_bytes=2**32),
    )
    assert told == "embedding size 16 → 64: precision@5 +0.250, memory per replica 4× higher."


def test_paying_without_getting_anything_is_said():
    told = sentence(at(SMALL), at(LARGE, service_ms=30.0))
    assert told == (
        "embedding size 16 → 64: p50 service time 3× higher, p99 service time 3× higher. "
        "You paid and bought no quality."
    )


def test_a_saving_without_a_loss_is_not_called_paying():
    told = sentence(at(LARGE, service_ms=30.0), at(SMALL))
    assert told == "embedding size 64 → 16: p50 service time 3× lower, p99 service time 3× lower."


def test_paying_for_a_worse_quality_is_said():
    told = sentence(at(SMALL, [0.75] * 20), at(LARGE, [0.5] * 20, 30.0))
    assert told.endswith("You paid and bought no quality.")


def test_a_move_that_only_noise_tells_apart_says_so():
    told = sentence(at(SMALL, BASE), at(LARGE, NOISY, 10.5))
    assert told == "embedding size 16 → 64: no difference that this data can tell from noise."


def test_no_move_is_the_same_design():
    assert sentence(at(SMALL), at(SMALL, service_ms=30.0)) == "The same design."
