"""Checks of what is called a hit: the threshold, how closely a box must fit, and which doubles go."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from core.cases.street_view_blurring.checks.shared import BACKLOG, CENTERFACE_FINE, DEFAULT, faces_ap, precision
from core.cases.street_view_blurring.design import StreetViewBlurring
from core.cases.street_view_blurring.pipeline import run, stages
from core.checks.toolkit import Checks, Lab, difference_text
from core.contract.check import DIR, FLIP, INV, Verdict
from core.contract.design import knobs

THRESHOLDS = knobs(StreetViewBlurring)["threshold"].options
check = Checks(StreetViewBlurring, run, stages)


@check("B1", INV, "A lower score threshold never lowers recall.")
def lower_thresholds_never_miss_more(lab: Lab) -> Verdict:
    """The recall that is served at each threshold on offer: on upload, after a second look, and from the store."""
    ways = dict(plain={}, checked=dict(verify="strict"), stored=dict(serving="batch"))
    fine, recalls = True, []
    for name, way in ways.items():
        hits = [lab.per_query("recall", replace(DEFAULT, threshold=t, **way)) for t in THRESHOLDS]
        fine = fine and all((more >= fewer).all() for more, fewer in pairwise(hits))
        recalls.append(f"{name} {hits[0].mean():.3f} to {hits[-1].mean():.3f}")
    numbers = f"recall from .05 to .9: {', '.join(recalls)}; no object found by a higher threshold alone"
    return Verdict(bool(fine), numbers)


@check("B1b", DIR, "A lower score threshold lowers precision.")
def lower_thresholds_blur_for_nothing(lab: Lab) -> Verdict:
    shares = [precision(lab, replace(DEFAULT, threshold=t)) for t in (0.1, 0.3, 0.5, 0.8)]
    rises = bool((np.diff(shares) > 0).all())
    return Verdict(rises, f"precision {', '.join(f'{share:.3f}' for share in shares)} at .1, .3, .5, .8")


@check("B2", INV, "Raising the IoU of a hit never increases true positives.")
def closer_fits_are_rarer(lab: Lab) -> Verdict:
    designs = [DEFAULT, replace(DEFAULT, faces="hog", plates="hog"), replace(BACKLOG, faces="centerface")]
    pairs = [[lab.value(key, design) for key in ("ap50", "ap75")] for design in designs]
    numbers = "; ".join(f"{half:.3f} and {tight:.3f}" for half, tight in pairs)
    return Verdict(all(tight <= half for half, tight in pairs), numbers)


def nms_curve(lab: Lab, crowd: float) -> list[float]:
    """Average precision at a low, a middling and a high overlap, CenterFace reading at full size."""
    crowded = replace(CENTERFACE_FINE, crowd=crowd, repeats=0.0)
    return [faces_ap(lab, replace(crowded, nms=iou)) for iou in (0.1, 0.5, 0.8)]


@check("B3", DIR, "In a crowd, a middling NMS IoU threshold is best.")
def middling_overlap_is_best(lab: Lab) -> Verdict:
    low, middle, high = nms_curve(lab, 1.0)
    return Verdict(low + 0.02 < middle > high, f"AP of faces {low:.3f} at .1, {middle:.3f} at .5, {high:.3f} at .8")


@check("B3-flip", FLIP, "Without crowding, a low NMS IoU threshold costs nothing.")
def apart_nothing_is_merged(lab: Lab) -> Verdict:
    """And in a crowd it does cost something, or the overlap would not matter at all."""
    (low, middle, _), (crowded_low, crowded_middle, _) = (nms_curve(lab, crowd) for crowd in (0.0, 1.0))
    free = low >= middle - 0.005 and crowded_low < crowded_middle - 0.02
    return Verdict(free, f"AP of faces {low:.3f} at .1, {middle:.3f} at .5")


@check("B3b", DIR, "In a crowd, a low NMS IoU threshold merges neighbours and lowers recall.")
def neighbours_are_merged(lab: Lab) -> Verdict:
    crowded = replace(DEFAULT, crowd=1.0, repeats=0.0)
    lost = lab.compare("recall", replace(crowded, nms=0.4), replace(crowded, nms=0.1))
    return Verdict(lost.high < 0, f"recall {difference_text(lost)} from .4 to .1")


@check("B3c", DIR, "A high NMS IoU threshold leaves duplicates, which are false positives.")
def doubles_are_left(lab: Lab) -> Verdict:
    more = lab.compare("false_blurs", replace(DEFAULT, nms=0.4), replace(DEFAULT, nms=0.8))
    return Verdict(more.low > 0, f"false positives per image {difference_text(more)} from .4 to .8")


CHECKS = check.all
