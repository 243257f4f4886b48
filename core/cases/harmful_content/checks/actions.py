"""What is done with verdicts: checks of thresholds, reviewers and cascades."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.cases.harmful_content.checks.common import DEFAULT, check, rates
from core.cases.harmful_content.evaluate.money import CHARGES
from core.checks.toolkit import Lab, difference_text
from core.contract.check import DEF, DIR, FLIP, INV, Verdict

ROOM = (0, 1, 2, 5, 10, 20, 50)  # reviews of a thousand posts


@check(
    "H4", DEF, "A higher auto-remove threshold never removes more harmless posts and never prevents more harmful views."
)
def higher_threshold_trades(lab: Lab) -> Verdict:
    by_threshold = [rates(lab, replace(DEFAULT, remove_at=at, reviewers=0)) for at in (0.3, 0.5, 0.7, 0.9, 0.99)]
    wronged = [of_1000.wrongly_removed for of_1000 in by_threshold]
    seen = [of_1000.harmful_views for of_1000 in by_threshold]
    held = (np.diff(wronged) <= 1e-9).all() and (np.diff(seen) >= -1e-9).all()
    views = f"harmful views {seen[0]:.1f} → {seen[-1]:.1f} of 10,000"
    return Verdict(bool(held), f"wrongly removed {wronged[0]:.2f} → {wronged[-1]:.2f} of 1,000, {views}")


@check("H4b", DIR, "With reviewers, a review threshold prevents more harmful views at the same false-positive rate.")
def two_thresholds_dominate(lab: Lab) -> Verdict:
    one, two = replace(DEFAULT, reviewers=0), replace(DEFAULT, reviewers=20, review_at=0.01)
    stopped, before, after = lab.compare("stopped", one, two), rates(lab, one), rates(lab, two)
    held = stopped.low > 0 and after.wrongly_removed == before.wrongly_removed
    wronged = f"wrongly removed {after.wrongly_removed:.2f} of 1,000 both times"
    return Verdict(held, f"harm stopped {difference_text(stopped)}, {wronged}")


@check("H5", DIR, "More reviewer capacity never prevents fewer harmful views, with diminishing returns.")
def reviewers_saturate(lab: Lab) -> Verdict:
    seen = [rates(lab, replace(DEFAULT, reviewers=n, review_at=0.01)).harmful_views for n in ROOM]
    worth = -np.diff(seen) / np.diff(ROOM)  # of one more review
    held = (worth >= -1e-9).all() and worth[-1] < worth[0] / 10
    said = ", ".join(f"{n}: {views:.1f}" for n, views in zip(ROOM, seen, strict=True))
    return Verdict(bool(held), f"harmful views of 10,000 by reviews of 1,000 posts: {said}")


def usd_of_1000(lab: Lab, reviewers: int) -> dict[str, float]:
    """What a thousand posts are charged at our prices, by charge, with room for so many reviews."""
    charged = lab.run(replace(DEFAULT, reviewers=reviewers)).charged
    return {charge.name: 1_000 * charged[charge.name] * charge.usd for charge in CHARGES}


@check("H5c", DIR, "Some reviewer capacity costs less than the harm it prevents, the most does not.")
def some_reviewers_pay(lab: Lab) -> Verdict:
    usd = {n: sum(usd_of_1000(lab, n).values()) for n in ROOM}
    best = min(usd, key=usd.__getitem__)
    said = ", ".join(f"{n}: ${paid:.2f}" for n, paid in usd.items())
    return Verdict(0 < best < ROOM[-1], f"people and mistakes of 1,000 posts, by reviews of 1,000: {said}")


@check("H5d", FLIP, "Where a review costs ten times as much, no reviewers are cheapest.")
def dear_reviewers_do_not(lab: Lab) -> Verdict:
    parts = {n: usd_of_1000(lab, n) for n in ROOM}
    usd = {n: sum(paid.values()) + 9 * paid["review_usd"] for n, paid in parts.items()}
    others = min(paid for n, paid in usd.items() if n)
    return Verdict(usd[0] < others, f"none ${usd[0]:.2f}, {ROOM[1]} of 1,000 ${usd[ROOM[1]]:.2f}")


@check("H5b", DIR, "With few reviewers, priority by reach and severity prevents more harmful views than oldest first.")
def severity_first_stops_more(lab: Lab) -> Verdict:
    few = replace(DEFAULT, reviewers=2, review_at=0.01)
    over = lab.compare("stopped", replace(few, queue="oldest"), replace(few, queue="severity"))
    return Verdict(over.low > 0, f"harm stopped, likely × reach × severity over oldest first: {difference_text(over)}")


@check("H6", INV, "A cascade costs its first stage, plus the main model times the pass-through rate.")
def cascade_costs_its_parts(lab: Lab) -> Verdict:
    """Who waits for the main model, by the first pass's own chances, and how long against a full pass of it."""
    design = replace(DEFAULT, serving="cascade")
    names = ("posts", "first_suspected", "threshold", "crowd", "match")
    posts, chance, limit, crowd, match = (lab.stage(name, design) for name in names)
    cascade, whole = (lab.run(served).parts_ms for served in (design, DEFAULT))
    main = [name for name in cascade if name not in ("read", "match", "first pass")]
    waits, full = (sum(parts[name] for name in main) for parts in (cascade, whole))
    suspicious = (chance[len(posts.valid) :] >= limit) & (match.likeness < design.similarity)
    passed = suspicious[crowd.timed]
    ratio = float(np.median(waits[passed]) / np.median(full[passed]))
    held = bool(np.array_equal(waits > 0, passed) and 2 / 3 < ratio < 1.5)
    others = int(((waits > 0) & ~passed).sum())
    said = f"{passed.mean():.1%} are passed on and wait {ratio:.2f} × as long as in a full pass"
    return Verdict(held, f"{said}, {others} others wait at all")


@check("H6b", DEF, "A cascade never removes what its main model alone would not.")
def cascades_never_find_more(lab: Lab) -> Verdict:
    whole, lost, more = replace(DEFAULT, match="none", remove_at=0.3), [], False
    full = lab.stage("outcome", whole).removed
    for band in (0.02, 0.05, 0.1):
        removed = lab.stage("outcome", replace(whole, serving="cascade", band=band)).removed
        more = more or bool((removed & ~full).any())
        lost.append(int((full & ~removed).sum()))
    said = f"removals lost against a full pass: {', '.join(map(str, lost))} with 2, 5, 10 % passed on"
    return Verdict(not more and bool((np.diff(lost) <= 0).all()), said)
