"""Curve-balls: mid-interview changes, as new requirements or other data conditions for the present design."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
from cachetools import cached

from core.contract.case import SECONDS_A_DAY, SEED, Case, Measurement, Requirements
from core.contract.design import Design, canonical, knobs
from core.formatting import count_text, ms_text, usd_text
from core.runtime.recorded import recorded_designs
from core.serving.evaluate import evaluate
from core.serving.prices import Prices
from core.serving.scenario import Scenario

UPDATES_PER_S = 1_000
FIRST_BUDGET_USD = 100.0  # per month, where none was set


@dataclass(frozen=True)
class CurveBall:
    """A change in the interviewer's words, and the requirements and design after it."""

    id: str
    text: str
    requirements: Requirements
    design: Design


def curveballs(case: Case, requirements: Requirements, design: Design) -> tuple[CurveBall, ...]:
    """Every curve-ball for a design under these requirements: load changes, then one per data knob."""
    return (*_requirement_balls(case, requirements, design), *_data_balls(case, requirements, design))


def drawn(case: Case, requirements: Requirements, design: Design, seed: int, thrown: int) -> CurveBall:
    """The next curve-ball, in a seeded order without repeats; those that break the default come first."""
    every, first = curveballs(case, requirements, design), breaking(case)
    order = np.random.default_rng(seed).permutation(len(every))
    order = sorted(order, key=lambda at: every[at].id not in first)  # the seeded order stays among both
    return every[order[thrown % len(every)]]


@cached({}, key=lambda case: case.slug)
def breaking(case: Case) -> frozenset[str]:
    """The ids of the load changes that break the default design, by its recorded measurement; none without one."""
    design = case.Design()
    with suppress(ValueError):  # a record that cannot be read takes only the order from a rehearsal
        for one in recorded_designs(case):
            if (one.design, one.seed) == (design, SEED):
                balls = _requirement_balls(case, case.requirements, design)
                before = _missed(case, one.measured, case.requirements)
                return frozenset(ball.id for ball in balls if _missed(case, one.measured, ball.requirements) - before)
    return frozenset()


def _missed(case: Case, measured: Measurement, requirements: Requirements) -> set[str]:
    evaluated = evaluate(case, case.Design(), measured, Scenario(requirements, Prices()), SEED)
    return {limit.key for limit in evaluated.constraints if limit.verdict == "misses"}


def _requirement_balls(case: Case, requirements: Requirements, design: Design) -> list[CurveBall]:
    users = 10 * requirements.daily_users
    had, bound_ms = requirements.budget_usd, min(20.0, requirements.p99_ms / 2)
    budget = FIRST_BUDGET_USD if had is None else had / 2
    budgeted = "There is a budget now" if had is None else "The budget is halved"
    daily = UPDATES_PER_S * SECONDS_A_DAY
    changed = [
        ("traffic", f"We are a success: ten times the traffic, {count_text(users)} {requirements.users_are} per day.",
         replace(requirements, daily_users=users)),
        ("p99", f"The page got slower and people leave. Your part must answer within {ms_text(bound_ms)} at the p99.",
         replace(requirements, p99_ms=bound_ms)),
        ("budget", f"{budgeted}: {usd_text(budget)} per month.", replace(requirements, budget_usd=budget)),
        ("regulation", _regulation_text(case), replace(requirements, quality_floor=_quality_floor(case, requirements))),
        ("updates", f"{requirements.items_are.capitalize()} now change {UPDATES_PER_S:,} times a second, and nothing "
         "may be older than an hour.", replace(requirements, new_items_a_day=float(daily), freshness_h=1.0)),
    ]  # fmt: skip
    return [CurveBall(id, text, after, design) for id, text, after in changed]


def _quality_floor(case: Case, requirements: Requirements) -> float:
    """0.99 where higher is better, else half of the present floor."""
    return 0.99 if case.qualities[0].better == "higher" else (requirements.quality_floor or 1.0) / 2


def _regulation_text(case: Case) -> str:
    axis = case.qualities[0]
    how = "at least 0.99" if axis.better == "higher" else "at most half of what was allowed"
    return f"A regulator now requires {axis.label} of {how}. Say what it takes, or why it cannot be reached."


def _data_balls(case: Case, requirements: Requirements, design: Design) -> list[CurveBall]:
    """One per active data knob, which moves to its far end, as at the launch in a new country."""
    balls = []
    for name, knob in knobs(case.Design).items():
        now, offered = getattr(design, name), knob.offered(design)
        if knob.family != "data" or not knob.ordered or not knob.active(design) or len(offered) < 2:
            continue
        far = max(offered, key=lambda option: abs(offered.index(option) - offered.index(now)))
        text = f"We launch in a new country, where the data differ: {knob.label} {knob.text(now)} → {knob.text(far)}."
        balls.append(CurveBall(f"data {name}", text, requirements, canonical(replace(design, **{name: far}))))
    return balls
