"""Checks of the second look: what it takes away, what it costs, what it learns from, and the price of errors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.cases.street_view_blurring.checks.shared import DEFAULT, precision, served_boxes
from core.cases.street_view_blurring.data.paint import KINDS
from core.cases.street_view_blurring.design import StreetViewBlurring
from core.cases.street_view_blurring.evaluate import best_threshold, hit_scores
from core.cases.street_view_blurring.model.boxes import Boxes
from core.cases.street_view_blurring.model.hog import BINS, CELL
from core.cases.street_view_blurring.model.second_look import looks
from core.cases.street_view_blurring.pipeline import run, stages
from core.checks.toolkit import Checks, Lab, difference_text
from core.contract.check import DEF, DIR, INV, Verdict

N_WORLDS = 5  # of one a hundred photos tell too little
PRICES = (1, 2, 5, 10, 20, 50, 100, 500)
STRICT = replace(DEFAULT, verify="strict")
check = Checks(StreetViewBlurring, run, stages)


@check("B5", DEF, "A second-stage verifier never finds what the detector missed.")
def a_second_look_only_takes_away(lab: Lab) -> Verdict:
    before, after = (_places(lab.stage(name, STRICT)) for name in ("single", "looked"))
    recall = [lab.value("recall", replace(DEFAULT, verify=verify)) for verify in ("off", "lenient", "strict")]
    alone = second_stage_recall(lab)
    return Verdict(
        after <= before and recall[0] >= recall[1] >= recall[2] and alone >= recall[2],
        f"recall {recall[0]:.3f} without, {recall[1]:.3f} lenient, {recall[2]:.3f} strict; {alone:.3f} if the first "
        "stage let all its boxes through",
    )


def _places(boxes: Boxes) -> set[tuple[float, ...]]:
    """Photo, sides and kind of every box."""
    rows = zip(np.c_[boxes.of, boxes.box].tolist(), boxes.kind.tolist(), strict=True)
    return {(*row, kind) for row, kind in rows}


def second_stage_recall(lab: Lab) -> float:
    """The recall of a strict second look at every box that the first stage thinks of."""
    served, hit, truth = served_boxes(lab, STRICT)
    return float((hit_scores(served, hit, len(truth)) >= 0).mean())


@check("B5b", INV, "Two stages cost the detector, plus the verifier on each box over the threshold.")
def a_second_look_costs_what_passes(lab: Lab) -> Verdict:
    """Pixels a photo: what the first stage reads, and what the windows hold that the second stage was given."""
    fine, numbers = True, []
    for threshold in (0.1, 0.6):
        design = replace(STRICT, threshold=threshold)
        s, counts = lab.stages(design), lab.run(design).counts
        single, photos = s["single"].value, s["photos"].value
        over = single.rows(single.score >= threshold)
        windows = [looks(photos.pixels, over.rows(over.kind == kind)) for kind in range(len(KINDS))]
        again = sum(window.size for window in windows) / BINS * CELL**2 / len(photos.pixels)
        fine = fine and counts["pixels looked at again"] == again and counts["pixels searched"] == design.px**2
        numbers.append(f"{counts['pixels searched']:,.0f} and {again:,.0f} pixels a photo from {threshold}")
    return Verdict(fine, "; ".join(numbers))


@check("B5c", DIR, "At a low score threshold, the verifier removes false positives.")
def a_second_look_removes_false_boxes(lab: Lab) -> Verdict:
    low, checked = replace(DEFAULT, threshold=0.1), replace(STRICT, threshold=0.1)
    fewer = lab.compare("false_blurs", low, checked)
    shares = [precision(lab, design) for design in (low, checked)]
    numbers = f"false positives per image {difference_text(fewer)}; precision {shares[0]:.3f} → {shares[1]:.3f}"
    return Verdict(fewer.high < 0 and shares[1] > shares[0], numbers)


@check(
    "B5d",
    DIR,
    "A verifier trained on four times the photos rejects fewer true boxes; AP rises.",
)
def more_photos_refuse_fewer(lab: Lab) -> Verdict:
    """A strict second look that learnt from 15, from 30 and from all 60 photos."""
    few, half = (replace(STRICT, learnt_from=share) for share in (0.25, 0.5))
    recall, precise = (lab.compare_pooled(key, few, STRICT, N_WORLDS) for key in ("recall", "ap50"))
    last = lab.compare_pooled("recall", half, STRICT, N_WORLDS)
    numbers = (
        f"recall {difference_text(recall)} from four times the photos, of which the last doubling "
        f"{difference_text(last)}; AP {difference_text(precise)}"
    )
    return Verdict(recall.low > 0 and precise.low > 0, numbers)


@check("B6", DEF, "The higher the cost of a miss, the lower the best score threshold.")
def dear_misses_lower_the_threshold(lab: Lab) -> Verdict:
    curve = lab.stage("shown", DEFAULT).curve
    best = [float(curve.thresholds[best_threshold(curve, price)]) for price in PRICES]
    fine = (np.diff(best) <= 0).all() and best[-1] < best[0]
    return Verdict(bool(fine), ", ".join(f"{t:.2f} at {price}×" for t, price in zip(best, PRICES, strict=True)))


CHECKS = check.all
