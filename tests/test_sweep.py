"""Sweeps: which designs run, in which order, and what becomes of a failure and of a cancel."""

import threading
from dataclasses import replace
from itertools import groupby, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.catalog import BY_SLUG
from core.contract.design import canonical, data_dials, knobs
from core.runtime.calls import by
from core.runtime.sweep import CHOICES, ordered, shared_spread, spread, sweep
from tests import factory
from tests.toy_case import CASE, ToyDesign

steady = settings(deadline=None, derandomize=True, max_examples=60)
KNOBS = knobs(ToyDesign)
ALL = [ToyDesign(*choice) for choice in product(*(each.options for each in KNOBS.values()))]
designs = st.sampled_from(ALL)  # not all of them canonical: effort does nothing with a flat index
SPACE = {canonical(design) for design in ALL if design.noise == 0.0}
THREE = [ToyDesign(dim=dim) for dim in (4, 16, 64)]


def values(design):
    return tuple(getattr(design, name) for name in KNOBS)


def fake(run=lambda design, seed: factory.measurement()):
    return factory.case(run)


# Which designs, in which order


@steady
@given(st.lists(designs, max_size=40))
def test_rows_are_the_distinct_canonical_designs(asked):
    rows = ordered(asked)
    assert len(set(rows)) == len(rows) and set(rows) == {canonical(design) for design in asked}


@steady
@given(st.lists(designs, max_size=40))
def test_designs_that_share_early_choices_are_neighbours(asked):
    for depth in range(1, len(KNOBS) + 1):
        early = [values(design)[:depth] for design in ordered(asked)]
        assert len(list(groupby(early))) == len(set(early))


@steady
@given(st.permutations(THREE))
def test_the_order_does_not_depend_on_the_order_they_were_asked_in(asked):
    assert ordered(asked) == THREE


def test_nothing_to_order():
    assert ordered([]) == []


@steady
@given(designs, st.integers(1, 40), st.integers(0, 999), st.sets(st.sampled_from(CHOICES)))
def test_a_spread_moves_only_the_knobs_it_may_and_contains_the_given_design(design, n, seed, families):
    found = spread(design, n, seed, families)
    assert canonical(design) in found and len(set(found)) == len(found) <= n and ordered(found) == found
    for other in found:
        assert data_dials(other) == data_dials(design)
        moved = {KNOBS[name].family for name in KNOBS if getattr(other, name) != getattr(canonical(design), name)}
        assert moved <= families


@settings(steady, max_examples=12)
@given(designs, st.integers(0, 999))
def test_asking_for_more_than_the_space_gives_the_space(design, seed):
    found = spread(design, 100, seed)
    assert set(found) == {replace(each, noise=design.noise) for each in SPACE} and len(SPACE) == 12


@steady
@given(st.integers(1, 6), st.integers(0, 999))
def test_a_spread_smaller_than_the_space_is_as_large_as_asked(n, seed):
    assert len(spread(ToyDesign(), n, seed)) == n


def test_a_spread_of_one_is_the_given_design():
    assert spread(ToyDesign(dim=4, effort=64), 1) == [ToyDesign(dim=4)]


@pytest.mark.parametrize("n", [0, -3])
def test_a_spread_of_none_is_empty(n):
    assert spread(ToyDesign(), n) == []


def test_the_same_seed_gives_the_same_spread_and_another_seed_another():
    assert spread(ToyDesign(), 6, 1) == spread(ToyDesign(), 6, 1)
    assert len({tuple(spread(ToyDesign(), 6, seed)) for seed in range(5)}) > 1


def test_without_a_family_to_move_only_the_given_design_is_left():
    assert spread(ToyDesign(dim=4), 20, families=()) == [ToyDesign(dim=4)]


def test_a_spread_never_moves_the_data_dials_even_when_their_family_is_named():
    assert {design.noise for design in spread(ToyDesign(), 20, families=("data",))} == {0.0}


# What becomes of each


def test_a_sweep_of_nothing_has_no_rows():
    assert list(sweep(fake(), [])) == []


def test_every_row_is_run_once_with_the_seed():
    ran = []
    rows = list(sweep(fake(lambda design, seed: ran.append((design, seed))), [*THREE, *THREE], seed=7))
    assert ran == [(design, 7) for design in THREE] and [row.design for row in rows] == THREE


def test_a_failing_design_gives_a_row_with_its_message_and_the_rest_go_on():
    made = factory.measurement()

    def run(design, seed):
        if design.dim == 16:
            raise MemoryError("too many pixels")
        return made

    first, second, third = sweep(fake(run), THREE)
    assert (second.measurement, second.error) == (None, "MemoryError: too many pixels")
    assert first.measurement is third.measurement is made and first.error == third.error == ""


def test_stopping_the_program_stops_the_sweep():
    def run(design, seed):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(sweep(fake(run), THREE))


def test_a_cancel_takes_effect_before_the_next_design():
    ran, rows = [], []
    for row in sweep(fake(lambda design, seed: ran.append(design)), THREE, cancelled=lambda: len(rows) == 2):
        rows.append(row)
    assert ran == THREE[:2] and len(rows) == 2


def test_a_sweep_cancelled_before_it_starts_runs_nothing():
    ran = []
    assert not list(sweep(fake(lambda design, seed: ran.append(design)), THREE, cancelled=lambda: True)) and not ran


def test_rows_come_as_they_finish():
    ran = []
    rows = sweep(fake(lambda design, seed: ran.append(design)), THREE)
    assert ran == []
    next(rows)
    assert ran == THREE[:1]


def test_a_sweep_of_a_real_case_measures_every_design():
    rows = list(sweep(CASE, spread(ToyDesign(), 3)))
    assert [row.error for row in rows] == [""] * 3 and all(row.measurement.quality for row in rows)


def test_a_sweep_with_several_workers_gives_the_same_rows_in_the_same_order_and_stops_at_a_cancel():
    designs = spread(ToyDesign(), 12)
    one = [(row.design, row.error) for row in sweep(factory.case(lambda design, seed: factory.measurement()), designs)]
    went = []

    def way(function, *arguments, **_):
        went.append(threading.get_ident())
        return function(*arguments)

    with by(way):
        case = factory.case(lambda design, seed: factory.measurement())
        assert [(row.design, row.error) for row in sweep(case, designs, at_once=3)] == one
    assert len(went) == len(one)  # threads go the way of the one that asked
    left = [False] * 4 + [True] * 100
    assert len(list(sweep(case, designs, cancelled=lambda: left.pop(0), at_once=1))) == 4


@given(designs, st.integers(1, 40), st.integers(0, 3))
@steady
def test_a_shared_spread_contains_the_given_design_is_no_larger_than_asked_and_keeps_the_data(design, n, seed):
    found = shared_spread(design, n, seed)
    assert canonical(design) in found and len(found) <= n and len(set(found)) == len(found)
    assert all(data_dials(one) == data_dials(design) for one in found)


def test_the_designs_of_a_shared_spread_share_what_is_dear_to_make():
    case = BY_SLUG["visual_search"]
    dear = [name for name, knob in knobs(case.Design).items() if knob.family in ("model", "representation")]

    def n_dear(found):
        return len({tuple(getattr(design, name) for name in dear) for design in found})

    shared = shared_spread(case.Design(), 60)
    assert len(shared) == 60 and n_dear(shared) <= 8 < n_dear(spread(case.Design(), 60)) / 3
