"""What verdicts are good for: checks of precision, of the fusion of parts, and of kinds of harm."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.cases.harmful_content.checks.common import DEFAULT, check
from core.cases.harmful_content.evaluate.quality import precision_of_harm
from core.checks.toolkit import Lab, difference_text
from core.contract.check import DEF, DIR, FLIP, Verdict

PICTURES = replace(DEFAULT, planted=0.3, match="none")


@check("G1", DEF, "A precision is at most one, and the perfect order has an average precision of one.")
def precisions_are_shares(lab: Lab) -> Verdict:
    served, posts, crowd = (lab.stage(name, DEFAULT) for name in ("served", "posts", "crowd"))
    harmful = posts.harmful[posts.test]
    precision = precision_of_harm(served.rank, harmful, crowd.weight)
    best = precision_of_harm(harmful.astype(float), harmful, crowd.weight)
    fine = precision.min() > 0 and precision.max() <= 1 and (best == 1).all()
    return Verdict(bool(fine), f"AP {precision.mean():.3f}, of a perfect order {best.mean():.3f}")


@check("H1", DEF, "The rarer harm is, the lower the precision of one and the same order of posts.")
def prevalence_moves_precision(lab: Lab) -> Verdict:
    shares = (0.005, 0.02, 0.15, 0.5)
    designs = [replace(DEFAULT, match="none", prevalence=share) for share in shares]
    ap = [lab.value("ap", design) for design in designs]
    ranks = [lab.stage("served", design).rank for design in designs]
    order = np.argsort(ranks[1], kind="stable")
    same = all((np.diff(rank[order]) >= 0).all() for rank in ranks)  # near 1 some probabilities round to equal ones
    said = ", ".join(f"{share:.1%} → {value:.3f}" for share, value in zip(shares, ap, strict=True))
    return Verdict(bool((np.diff(ap) > 0).all()) and same, f"AP at a prevalence of {said}; the order is the same")


@check("H2", DIR, "Where only text and picture together do harm, early fusion sees it and late fusion does not.")
def early_sees_combinations(lab: Lab) -> Verdict:
    late, early = PICTURES, replace(PICTURES, fusion="early")
    over = lab.compare("planted", late, early)
    by_late = lab.value("planted", late)
    said = f"AP among posts with pictures {difference_text(over)} over late fusion, which has {by_late:.3f}"
    return Verdict(over.low > 0.05, f"{said}; chance is 0.5")


@check("H2b", FLIP, "Without such posts early fusion finds no more, and late fusion is the smaller model.")
def late_is_no_worse_without_combinations(lab: Lab) -> Verdict:
    late, early = DEFAULT, replace(DEFAULT, fusion="early")
    over = lab.compare("ap", late, early)
    parts = lab.run(late).parts_bytes
    by_late, by_early = parts["text"] + parts["metadata"], lab.run(early).parts_bytes["both parts"]
    said = f"AP {difference_text(over)} for early fusion, whose model is {by_early / by_late:.1f} × the bytes"
    return Verdict(over.low <= 0.005 and by_late < by_early, said)


@check("H2c", DIR, "Neither the text nor the picture alone tells those posts apart.")
def parts_say_nothing_alone(lab: Lab) -> Verdict:
    served, posts = (lab.stage(name, replace(PICTURES, fusion="text")) for name in ("served", "posts"))
    planted, harmful = posts.planted[posts.test], posts.harmful[posts.test]
    by_text = _ranked_above(served.rank[planted & harmful], served.rank[planted & ~harmful])
    under = [posts.planted & (posts.columns[:, column] > 0) for column in (-2, -1)]
    by_picture = [float(posts.harmful[rows].mean()) for rows in under]
    held = abs(by_text - 0.5) < 0.05 and all(abs(share - 0.5) < 0.01 for share in by_picture)
    said = f"by text a harmful one ranks above a harmless one {by_text:.3f} of the time"
    return Verdict(held, f"{said}; under the two pictures {by_picture[0]:.3f} and {by_picture[1]:.3f} are harmful")


def _ranked_above(one: np.ndarray, other: np.ndarray) -> float:
    """The share of pairs in which the first ranks higher (the area under the ROC curve), ties half."""
    below = np.searchsorted(np.sort(other), one, side="left") + np.searchsorted(np.sort(other), one, side="right")
    return float(below.mean() / (2 * len(other)))


def sharing(lab: Lab, related: float) -> tuple[float, float, str]:
    """What a shared layer adds to the AP of the kind with few labels: the interval's ends, and it in words."""
    apart, shared = (replace(DEFAULT, heads=heads, related=related) for heads in ("separate", "shared"))
    over = lab.compare_pooled("rare", apart, shared, same_queries=True)
    return over.low, over.high, f"AP of the kind with 15 labels, shared over separate: {difference_text(over)}"


@check("H3", DIR, "Multi-task heads find more of a category with few labels where the other tasks are related.")
def related_tasks_help(lab: Lab) -> Verdict:
    low, _, said = sharing(lab, 1.0)
    return Verdict(low > 0, said)


@check("H3b", FLIP, "Where the other tasks are unrelated, multi-task costs the harm category that has few labels.")
def unrelated_tasks_hurt(lab: Lab) -> Verdict:
    _, high, said = sharing(lab, 0.0)
    return Verdict(high < 0, said)


@check("H3c", DEF, "Three heads on one layer have a third of the weights of three models.")
def sharing_is_smaller(lab: Lab) -> Verdict:
    apart, shared = (lab.stage("heads", replace(DEFAULT, heads=heads)).into.size for heads in ("separate", "shared"))
    said = f"{apart:,} weights below three separate heads, {shared:,} below shared ones"
    return Verdict(apart == 3 * shared, said)
