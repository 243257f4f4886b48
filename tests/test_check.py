"""Truth checks run one after another, and one that cannot run has failed without taking the others with it."""

import numpy as np
import pytest

from core.checks.toolkit import Lab
from core.contract.case import estimate
from core.contract.check import KINDS, Check, Verdict, verdicts
from core.metrics import paired_difference


def check(id, run):
    return Check(id, "More is better.", "DIR", run)


def broken(error):
    def run(seed):
        raise error

    return run


def test_every_check_gets_the_seed_and_comes_with_its_verdict():
    checks = [check("A", lambda seed: Verdict(True, f"seed {seed}")), check("B", lambda seed: Verdict(False, "0 of 5"))]
    assert list(verdicts(checks, 7)) == [(checks[0], Verdict(True, "seed 7")), (checks[1], Verdict(False, "0 of 5"))]


def test_a_check_that_raises_has_failed_with_its_message_and_the_rest_go_on():
    checks = [check("A", broken(RuntimeError("no such index"))), check("B", lambda seed: Verdict(True, "fine"))]
    (_, first), (_, second) = verdicts(checks, 0)
    assert not first.holds and first.numbers.startswith("could not run: ") and "no such index" in first.numbers
    assert second == Verdict(True, "fine")


@pytest.mark.parametrize("error", [AssertionError(), KeyError("recall")], ids=["no message", "only a key"])
def test_a_check_that_raises_says_what_kind_of_error_it_was(error):
    [(_, verdict)] = verdicts([check("A", broken(error))], 0)
    assert type(error).__name__ in verdict.numbers


def test_a_verdict_is_told_before_the_next_check_runs():
    ran = []
    told = verdicts([check(id, lambda seed, id=id: ran.append(id) or Verdict(True, "")) for id in "AB"], 0)
    assert ran == []
    next(told)
    assert ran == ["A"]


def test_stopping_the_program_stops_the_checks():
    with pytest.raises(KeyboardInterrupt):
        list(verdicts([check("A", broken(KeyboardInterrupt()))], 0))


def test_no_checks_no_verdicts():
    assert list(verdicts([], 0)) == []


def test_each_kind_of_check_says_how_far_it_holds():
    assert set(KINDS) == {"DEF", "INV", "DIR", "FLIP"} and all(KINDS.values())


def test_pooled_worlds_keep_their_own_clusters():
    def values(design, seed):
        return np.random.default_rng([design, seed]).random(40) + np.arange(40) // 4 % 2 * design

    class Clustered(Lab):
        def estimate(self, key, design):
            return estimate(values(design, self.seed), unit="persons", clusters=np.arange(40) // 4)

    pooled = Clustered(int, None, None, seed=5).compare_pooled("recall", 0, 1)
    before, after = (np.concatenate([values(design, seed) for seed in (5, 6, 7)]) for design in (0, 1))
    assert pooled == paired_difference(after, before, 5, np.arange(120) // 4)
