"""Tuning: chosen on one half of the queries and reported on the other, within the bound, the same for a seed."""

from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
import pytest

from core.analysis.tuning import best_so_far, gain, halves_of, tune, winner
from core.contract.case import estimate
from core.contract.design import knob
from core.runtime.results import RESULTS
from tests import factory, toy_case

KEY = factory.KEY


@dataclass(frozen=True)
class Lottery:
    """Sixteen options that differ by nothing but luck."""

    ticket: int = knob("Ticket", tuple(range(16)), 0, "model", "All the same.")
    kind: str = knob("Kind", ("a", "b"), "a", "model", "The same too.")
    world: int = knob("World", (0, 1), 0, "data", "A dial.")


def luck(design, seed=0):
    rng = np.random.default_rng([design.ticket, ord(design.kind), seed])
    return factory.measurement(per_query=rng.normal(0.5, 0.3, size=400), service_ms=1.0 + design.ticket)


LOTTERY = factory.case(luck, slug="lottery", Design=Lottery, baseline=Lottery())


@pytest.fixture(autouse=True)
def empty_ledger():
    RESULTS.clear()


def free(measured):
    return -1.0


def test_the_same_seed_proposes_the_same_designs_and_another_seed_others():
    def designs(seed):
        return [trial.design for trial in tune(LOTTERY, Lottery(), 15, free, seed)]

    assert designs(1) == designs(1)
    assert designs(1) != designs(2)


@pytest.mark.parametrize("sampler", ["tpe", "random"])
def test_the_first_trial_is_the_present_design_and_data_dials_never_move(sampler):
    present = Lottery(ticket=7, kind="b", world=1)
    trials = list(tune(LOTTERY, present, 12, free, 0, sampler))
    assert trials[0].design == present
    assert {trial.design.world for trial in trials} == {1}
    assert len({trial.design for trial in trials}) > 4


def test_the_winner_keeps_the_bound_although_a_better_one_does_not():
    def slower_is_better(design, seed=0):
        return factory.measurement(per_query=(0.02 * design.ticket, 0.5) * 50, service_ms=1.0 + design.ticket)

    case = factory.case(slower_is_better, Design=Lottery)
    trials = list(tune(case, Lottery(), 40, lambda m: m.service_ms[0] / 5 - 1, 0))
    best = winner(trials)
    assert best.design.ticket <= 4
    assert any(trial.chosen_on > best.chosen_on for trial in trials if not trial.fits)


def test_where_nothing_keeps_the_bound_there_is_no_winner():
    trials = list(tune(LOTTERY, Lottery(), 5, lambda m: 1.0, 0))
    assert winner(trials) is None and best_so_far(trials) == []


def test_a_winner_by_luck_loses_its_gain_on_the_queries_held_out():
    """What the page says of overfitting to the queries, where all of the gain is luck."""
    lost = []
    for seed in range(20):
        trials = list(tune(LOTTERY, Lottery(), 30, free, seed, "random"))
        found = gain("default", *(RESULTS.known(LOTTERY, d, seed) for d in (winner(trials).design, Lottery())), KEY)
        lost.append(found.optimism)
    assert np.mean(lost) > 0.02


def test_a_real_gain_is_found_and_stays_on_the_queries_held_out():
    poor = toy_case.ToyDesign(dim=4)
    trials = list(tune(toy_case.CASE, poor, 10, free, 0))
    best = winner(trials)
    found = gain("default", *(RESULTS.known(toy_case.CASE, d, 0) for d in (best.design, poor)), KEY)
    assert best.design.dim > 4
    assert found.chosen_on.distinguishable and found.held_out.distinguishable and found.held_out.low > 0


def test_what_should_be_low_is_tuned_down():
    down = replace(LOTTERY, qualities=(replace(LOTTERY.qualities[0], better="lower"),))
    trials = list(tune(down, Lottery(), 15, free, 0))
    best = winner(trials, "lower")
    assert best.chosen_on == min(trial.chosen_on for trial in trials)
    values = [value for _, value, _ in best_so_far(trials, "lower")]
    assert values == sorted(values, reverse=True)


def test_a_design_that_fails_is_a_trial_with_its_message_and_the_rest_go_on():
    def run(design, seed=0):
        if design.kind == "b":
            raise ValueError("no such weights")
        return luck(design, seed)

    trials = list(tune(factory.case(run, Design=Lottery), Lottery(), 15, free, 0))
    failed = [trial for trial in trials if trial.error]
    assert len(trials) == 15 and failed
    assert all("no such weights" in trial.error and not trial.fits for trial in failed)
    assert winner(trials).design.kind == "a"


def test_a_cancel_takes_effect_before_the_next_trial():
    asked = iter([False, False, True])
    assert len(list(tune(LOTTERY, Lottery(), 40, free, 0, cancelled=lambda: next(asked)))) == 2


def test_each_design_is_run_once():
    seen = []

    def run(design, seed=0):
        seen.append(design)
        return luck(design, seed)

    case = factory.case(run, Design=Lottery)
    list(tune(case, Lottery(), 30, free, 0))
    list(tune(case, Lottery(), 30, free, 0))
    assert len(seen) == len(set(seen))


def test_halves_are_the_even_and_the_odd_queries():
    even, odd = halves_of(factory.measurement(per_query=[0.0, 1.0, 0.2, 0.8]), KEY)
    assert even.tolist() == [True, False, True, False] and (odd == ~even).all()


def test_halves_keep_the_queries_of_a_cluster_together():
    quality = estimate([0.0, 1.0, 0.2, 0.8, 0.5], clusters=np.array([4, 4, 7, 9, 7]))
    even, odd = halves_of(replace(factory.measurement(), quality={KEY: quality}), KEY)
    assert even.tolist() == [True, True, False, True, False] and (odd == ~even).all()


def test_runs_over_other_queries_are_not_paired():
    assert gain("other", factory.measurement(), factory.measurement(per_query=[0.1, 0.2] * 30), KEY) is None


@pytest.mark.parametrize("given", [{"n_trials": 0}, {"n_trials": 201}, {"sampler": "grid"}])
def test_an_impossible_budget_or_sampler_is_refused(given):
    asked = {"n_trials": 5, **given}
    with pytest.raises(ValueError, match="must be"):
        next(islice(tune(LOTTERY, Lottery(), over=free, **asked), 1))
