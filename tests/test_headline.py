"""The words of the first screen, against values worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest

from core.analysis.figures import FIGURES, quality_figures
from core.analysis.headline import change, cost_delta, half_width, moved, quality_delta
from core.contract.case import Estimate
from core.runtime.timing import TOO_BUSY
from core.serving import slo
from tests.factory import KEY, evaluated, measurement
from tests.toy_case import CASE, ToyDesign

PER_QUERY = np.random.default_rng(0).uniform(0.2, 0.6, 200)
NOISE = np.random.default_rng(1).normal(0, 0.05, 200)


def of_bytes(key):
    """A headline cost that reads the bytes of a measurement, so that a test can say what it is."""
    return replace(FIGURES[key], read=lambda evaluated: evaluated.measured.memory_bytes)


def delta(key, before, after):
    base, candidate = (evaluated(measurement(memory_bytes=value)) for value in (before, after))
    return cost_delta(of_bytes(key), base, candidate)


@pytest.mark.parametrize(
    ("key", "before", "after", "words", "side"),
    [
        ("usd", 1_000, 530, "−47\u00a0%", "better"),
        ("usd", 1_000, 1_470, "+47\u00a0%", "worse"),
        ("usd", 1_000, 1_990, "+99\u00a0%", "worse"),
        ("usd", 1_000, 2_000, "2× dearer", "worse"),
        ("usd", 1_000, 400, "2.5× cheaper", "better"),
        ("load_p99_ms", 10, 23, "2.3× slower", "worse"),
        ("load_p99_ms", 23, 10, "2.3× faster", "better"),
        ("load_p99_ms", 10, 996, "100× slower", "worse"),
        ("load_p99_ms", 2, 3_000, "1,500× slower", "worse"),
        ("memory_mb", 300, 100, "3× smaller", "better"),
        ("memory_mb", 100, 300, "3× larger", "worse"),
        ("build_s", 100, 300, "3× higher", "worse"),
    ],
)
def test_a_cost_is_told_as_a_signed_share_and_from_twice_on_as_a_multiple(key, before, after, words, side):
    assert delta(key, before, after) == (words, side)


@pytest.mark.parametrize(
    ("key", "before", "after"),
    [("usd", 1_000, 1_049), ("usd", 1_049, 1_000), ("load_p99_ms", 1_000, 1_149), ("memory_mb", 1_000, 1_004)],
)
def test_what_two_runs_of_one_design_may_differ_by_is_the_same(key, before, after):
    assert delta(key, before, after) == ("same", "")


@pytest.mark.parametrize(("key", "after", "words"), [("usd", 1_060, "+6\u00a0%"), ("load_p99_ms", 1_160, "+16\u00a0%")])
def test_what_is_beyond_that_noise_is_told(key, after, words):
    assert delta(key, 1_000, after) == (words, "worse")


def test_of_nothing_and_of_a_withheld_figure_nothing_is_said(monkeypatch):
    assert delta("usd", 0, 100) == delta("usd", 100, 0) == ("", "")
    monkeypatch.setattr(slo, "TOO_BUSY", TOO_BUSY)
    quiet, busy = evaluated(measurement()), evaluated(measurement(noise=TOO_BUSY + 1))
    assert cost_delta(of_bytes("usd"), quiet, busy) == cost_delta(of_bytes("usd"), busy, quiet) == ("", "")


def quality(before, after, better="higher", **facts):
    case = replace(CASE, qualities=(replace(CASE.qualities[0], better=better),))
    base, candidate = (evaluated(measurement(values), case=case) for values in (before, after))
    candidate = replace(candidate, **facts)
    return quality_delta(quality_figures(case, base, candidate)[KEY], base, candidate)


@pytest.mark.parametrize(
    ("better", "more", "words", "side"),
    [
        ("higher", 0.034, "+0.034", "better"),
        ("higher", -0.11, "−0.110", "worse"),
        ("lower", 0.034, "+0.034", "worse"),
        ("lower", -0.11, "−0.110", "better"),
    ],
)
def test_a_quality_is_told_as_candidate_minus_base_with_the_side_of_its_direction(better, more, words, side):
    assert quality(PER_QUERY, PER_QUERY + more, better) == (words, side)


def test_pairs_tell_a_difference_that_the_intervals_alone_would_not():
    small = 0.01  # a twentieth of the spread over queries
    assert quality(PER_QUERY, PER_QUERY + small) == ("+0.010", "better")
    assert quality(PER_QUERY, PER_QUERY + small, seed=1) == ("not told apart", "")  # other queries: intervals
    assert quality(PER_QUERY, PER_QUERY + 0.3, seed=1) == ("+0.300", "better")


def test_a_quality_that_differs_by_noise_is_the_same():
    assert quality(PER_QUERY, PER_QUERY + NOISE - NOISE.mean()) == ("same within noise", "")


def test_a_cost_has_no_quality_delta():
    here = evaluated(measurement())
    with pytest.raises(ValueError, match="usd is no quality"):
        quality_delta(FIGURES["usd"], here, here)


def test_a_move_is_one_sentence_of_knobs_quality_and_what_changed_of_the_costs():
    base = evaluated(measurement(PER_QUERY, memory_bytes=4e9), design=ToyDesign(dim=64))
    lighter = evaluated(measurement(PER_QUERY - 0.1, memory_bytes=1e9), design=ToyDesign(dim=16))
    said = change(base, lighter)
    assert said.startswith("Embedding size 64 → 16: precision@5 −0.100, ")
    assert said.endswith("memory 4× smaller.") and "p99" not in said  # the same times
    same = change(base, replace(base, design=ToyDesign(dim=16)))
    assert same == "Embedding size 64 → 16: precision@5 same within noise, costs same."


def test_where_the_quality_stands_beside_it_the_sentence_leaves_it_out():
    base = evaluated(measurement(PER_QUERY, memory_bytes=2**30), design=ToyDesign(dim=32))
    lighter = evaluated(measurement(PER_QUERY, memory_bytes=2**28), design=ToyDesign(dim=16))
    assert KEY not in change(base, lighter, quality=False) and "memory" in change(base, lighter, quality=False)


def test_a_sentence_of_which_nothing_can_be_told_names_the_knobs_alone(monkeypatch):
    monkeypatch.setattr(slo, "TOO_BUSY", TOO_BUSY)
    busy = evaluated(measurement(PER_QUERY, noise=50.0), design=ToyDesign(dim=32))
    said = change(busy, replace(busy, design=ToyDesign(dim=16)), quality=False)
    assert said == f"{moved(busy, replace(busy, design=ToyDesign(dim=16)))}."


def test_a_move_to_other_queries_says_so():
    base = evaluated(measurement(PER_QUERY), design=ToyDesign())
    units = Estimate(0.9, 0.8, 1.0, PER_QUERY, units=1)
    other = evaluated(replace(measurement(), quality={KEY: units}), design=ToyDesign(noise=0.5))
    assert other.measured.quality[KEY].value - PER_QUERY.mean() == pytest.approx(0.484, abs=5e-4)
    assert change(base, other) == "Noise 0.0 → 0.5: precision@5 +0.484 (other queries), costs same."


def test_up_to_two_knobs_are_named_and_more_are_counted():
    base = evaluated(measurement(), design=ToyDesign(index="hnsw"))
    two = replace(base, design=ToyDesign(index="hnsw", dim=64, effort=4))
    three = replace(base, design=ToyDesign(index="hnsw", dim=64, effort=4, noise=0.5))
    assert moved(base, two) == "Embedding size 16 → 64, Effort 16 → 4"
    assert moved(base, three) == "3 knobs" and moved(base, base) == "The same"


def test_half_widths_by_hand():
    def told(value):
        here = evaluated(replace(measurement(), quality={KEY: Estimate(value, 0.36, 0.5, PER_QUERY)}))
        (figure,) = quality_figures(CASE, here).values()
        assert half_width(FIGURES["usd"], here) == ""
        return half_width(figure, here)

    assert told(0.43) == "±0.070"
    assert told(0.4) == "0.360–0.500"  # a half-width would promise 0.330
