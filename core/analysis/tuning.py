"""Tuning with optuna: trials are chosen on one half of the queries and reported on the other."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.contract.case import SEED, Case, Measurement, paired_change
from core.contract.design import Design, canonical, knobs
from core.metrics import Better, PairedDifference
from core.metrics.selection import halves
from core.runtime.calls import run_design, there
from core.runtime.channel import Cancelled
from core.runtime.results import RESULTS

SAMPLERS = {"tpe": "Tree-structured Parzen estimator", "random": "Random search"}
STARTUP = 8  # random trials before the estimator starts
BUDGETS = (10, 20, 40)
MOST_TRIALS = 200


@dataclass(frozen=True)
class Trial:
    """One proposed design: its first quality on each half of the queries, and whether it meets the bound."""

    number: int
    design: Design
    chosen_on: float  # on one half of the queries: what the tuner sees
    held_out: float  # on the other: what it never sees
    over: float  # relative excess over the bound; at most 0 is within
    error: str = ""

    @property
    def fits(self) -> bool:
        """True when the design ran and meets the bound."""
        return not self.error and self.over <= 0


Over = Callable[[Measurement], float]


def tune(
    case: Case,
    present: Design,
    n_trials: int,
    over: Over,
    seed: int = SEED,
    sampler: str = "tpe",
    cancelled: Callable[[], bool] = lambda: False,
) -> Iterator[Trial]:
    """Run trials one by one: the present design first, then the sampler's proposals on the same data.

    `over(measured)` is the relative excess over the bound; at most 0 is within. A design that fails is a trial with its
    error. Deterministic for a seed if `over` is; ValueError for an unknown sampler or budget.
    """
    study = _study(case.qualities[0].better, sampler, n_trials, seed)
    study.enqueue_trial(_places(canonical(present)))
    for number in range(n_trials):
        if cancelled():
            return
        proposed = study.ask()
        design = _design(proposed, present)
        trial = _trial(case, design, number, over, seed)
        if trial.error:
            from optuna.trial import TrialState

            study.tell(proposed, state=TrialState.FAIL)
        else:
            proposed.set_constraint("bound", trial.over)
            study.tell(proposed, trial.chosen_on)
        yield trial


def _study(better: Better, sampler: str, n_trials: int, seed: int) -> Any:
    import optuna

    if sampler not in SAMPLERS:
        raise ValueError(f"the sampler must be one of {sorted(SAMPLERS)}, got {sampler!r}")
    if not 1 <= n_trials <= MOST_TRIALS:
        raise ValueError(f"the budget must be 1 to {MOST_TRIALS} trials, got {n_trials}")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    chosen = {
        "tpe": lambda: optuna.samplers.TPESampler(seed=seed, n_startup_trials=STARTUP),
        "random": lambda: optuna.samplers.RandomSampler(seed=seed),
    }[sampler]()
    return optuna.create_study(direction="maximize" if better == "higher" else "minimize", sampler=chosen)


def _places(design: Design) -> dict[str, int]:
    """The option indexes of a design, for every knob that the sampler may move."""
    drawn = ((n, k) for n, k in knobs(type(design)).items() if k.family != "data" and k.active(design))
    return {name: knob.options.index(getattr(design, name)) for name, knob in drawn}


def _design(proposed: Any, present: Design) -> Design:
    """The proposed design: every active knob sampled, data knobs unchanged."""
    design = present
    for name, knob in knobs(type(present)).items():
        if knob.family == "data" or not knob.active(design):
            continue
        if knob.ordered:
            at = proposed.suggest_int(name, 0, len(knob.options) - 1)
        else:
            at = proposed.suggest_categorical(name, list(range(len(knob.options))))
        option = knob.options[at]
        barred = knob.barred(design)
        design = dataclasses.replace(design, **{name: knob.instead(design) if option in barred else option})
    return canonical(design)


def _trial(case: Case, design: Design, number: int, over: Over, seed: int) -> Trial:
    try:
        measured = RESULTS.known(case, design, seed)
        if measured is None:
            RESULTS.add(case, design, seed, there(run_design, case, design, seed))
            measured = RESULTS.known(case, design, seed)
        key = case.qualities[0].key
        chosen_on, held_out = (measured.quality[key].per_query[half] for half in halves_of(measured, key))
        return Trial(number, design, float(chosen_on.mean()), float(held_out.mean()), over(measured))
    except Cancelled:
        raise
    except Exception as error:  # one failing design must not lose the others
        return Trial(number, design, float("nan"), float("nan"), float("inf"), f"{type(error).__name__}: {error}")


def halves_of(measured: Measurement, key: str) -> tuple[np.ndarray, np.ndarray]:
    """Which values of a quality are chosen on and which held out, whole clusters of them.

    ValueError where the run lacks the quality.
    """
    if key not in measured.quality:
        raise ValueError(f"this design does not report {key}")
    quality = measured.quality[key]
    return halves(len(quality.per_query), quality.clusters)


def winner(trials: Sequence[Trial], better: Better = "higher") -> Trial | None:
    """The best trial on the queries chosen on, within the bound, the earliest of equals; None without one."""
    fit = [trial for trial in trials if trial.fits]
    sign = 1 if better == "higher" else -1
    return max(fit, key=lambda trial: sign * trial.chosen_on, default=None)


def best_so_far(trials: Sequence[Trial], better: Better = "higher") -> list[tuple[int, float, float]]:
    """(trials run, best so far on the half chosen on, the same trial on the other), from the first within bounds.

    Trials are counted from 1.
    """
    points: list[tuple[int, float, float]] = []
    for spent in range(1, len(trials) + 1):
        best = winner(trials[:spent], better)
        if best is not None:
            points.append((spent, best.chosen_on, best.held_out))
    return points


@dataclass(frozen=True)
class Gain:
    """The tuned design minus another one, on the queries it was chosen on and on the held-out ones."""

    over: str
    chosen_on: PairedDifference
    held_out: PairedDifference

    @property
    def optimism(self) -> float:
        """The part of the gain that comes from choosing on these queries."""
        return self.chosen_on.mean - self.held_out.mean


def gain(over: str, tuned: Measurement, reference: Measurement, key: str, seed: int = SEED) -> Gain | None:
    """The tuned design against another by paired tests on both halves; None where the units are not the same ones."""
    halved = halves_of(tuned, key)
    sides = [paired_change(reference.quality[key], tuned.quality[key], seed, half) for half in halved]
    return None if None in sides else Gain(over, *sides)
