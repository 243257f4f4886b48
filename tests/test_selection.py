"""The best of a sweep: chosen on half of the units, told on the other half."""

import numpy as np
import pytest

from core.contract.case import Estimate
from core.metrics.selection import halves
from core.serving.offers import offers
from core.serving.scenario import Scenario
from tests.factory import KEY, asked, evaluated, measurement
from tests.test_slo import taken

TRUE, N_DESIGNS, N_QUERIES, N_SWEEPS = 0.5, 100, 1_000, 40


def test_by_hand_neighbours_stay_together_and_half_of_the_units_are_in_each():
    chosen_on, held_out = map(np.flatnonzero, halves(80))
    assert list(chosen_on[:4]) == [0, 1, 4, 5] and list(held_out[:4]) == [2, 3, 6, 7]
    assert len(chosen_on) == len(held_out) == 40
    assert [list(np.flatnonzero(half)) for half in halves(3)] == [[0, 2], [1]]
    assert [list(np.flatnonzero(half)) for half in halves(4, np.array([7, 7, 2, 9]))] == [[2, 3], [0, 1]]
    for nothing_to_halve in ((1, None), (0, None), (3, np.zeros(3))):
        with pytest.raises(ValueError, match="at least 2"):
            halves(*nothing_to_halve)


def design(name, per_query):
    mean = per_query.mean()  # its interval is not asked for, so no bootstrap
    quality = {KEY: Estimate(mean, mean, mean, per_query)}
    return evaluated(measurement([1.0, 1.0], quality=quality), Scenario(asked()), name, assessment=taken())


@pytest.fixture(scope="module")
def sweeps():
    """What `offers` says of the best of 100 designs that are equally good, over 40 sweeps of 1,000 queries."""
    rng = np.random.default_rng(0)
    return [
        offers(map(design, range(N_DESIGNS), rng.normal(TRUE, 0.3, (N_DESIGNS, N_QUERIES))))[-1]
        for _ in range(N_SWEEPS)
    ]


def test_the_best_of_equal_designs_looks_better_than_it_is_where_it_was_chosen(sweeps):
    per_query = [offer.evaluated.measured.quality[KEY].per_query for offer in sweeps]
    chosen = [values[halves(len(values))[0]] for values in per_query]
    deviations = [(half.mean() - TRUE) / (half.std(ddof=1) / len(half) ** 0.5) for half in chosen]
    assert np.mean(np.array(deviations) > 1.96) > 0.8  # a 95 % interval would hold in 19 of 20


def test_on_the_other_half_it_is_as_good_as_it_is(sweeps):
    told = [offer.held_out for offer in sweeps]
    error = np.mean([estimate.value for estimate in told]) - TRUE
    assert abs(error) < 2.6 * 0.3 / (N_QUERIES / 2 * N_SWEEPS) ** 0.5  # 99 % of sweeps of 40
    assert np.mean([estimate.low <= TRUE <= estimate.high for estimate in told]) >= 0.87  # 35 of 40: 99 % of them


def test_one_design_alone_was_not_chosen():
    best = offers([evaluated(measurement(), Scenario(asked()), "only", assessment=taken())])[-1]
    assert best.title == "best" and best.held_out is None
