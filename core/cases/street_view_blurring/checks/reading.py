"""Checks of how finely a photo is read, whole or in tiles, and what that costs."""

from __future__ import annotations

from dataclasses import replace

from core.cases.street_view_blurring.checks.shared import DEFAULT
from core.cases.street_view_blurring.design import StreetViewBlurring
from core.cases.street_view_blurring.features import tile_side
from core.cases.street_view_blurring.pipeline import run, stages
from core.checks.toolkit import Checks, Lab, difference_text
from core.contract.check import DEF, DIR, FLIP, Verdict

check = Checks(StreetViewBlurring, run, stages)


def pixels_searched(lab: Lab, design: StreetViewBlurring) -> float:
    """Pixels that the figures say are searched, a photo."""
    return lab.run(design).counts["pixels searched"]


@check("B4", DIR, "Doubling the input resolution raises the recall of small objects.")
def finer_sees_small_things(lab: Lab) -> Verdict:
    more = lab.compare("recall_small", replace(DEFAULT, px=64), replace(DEFAULT, px=128))
    return Verdict(more.low > 0, f"recall of small objects {difference_text(more)} from 64 to 128 pixels")


@check("B4b", DEF, "Doubling the input resolution is exactly four times the work.")
def finer_is_four_times_the_work(lab: Lab) -> Verdict:
    """Pixels that were really handed to the detectors, against what the figures say."""
    designs = [replace(DEFAULT, px=px, tiles=tiles) for px, tiles in ((64, 1), (128, 1), (64, 4))]
    read = [lab.stage("stack", design).size / len(lab.stage("photos", design).pixels) for design in designs]
    counted = [pixels_searched(lab, design) for design in designs]
    fine = read == counted and read[1] == read[2] == 4 * read[0]
    return Verdict(fine, f"{read[0]:,.0f} and {read[1]:,.0f} pixels a photo")


@check("B4c", DIR, "Four tiles raise the recall of small objects for four times the work.")
def tiles_see_more_for_more_work(lab: Lab) -> Verdict:
    whole, tiled = replace(DEFAULT, px=64), replace(DEFAULT, px=64, tiles=4)
    more = lab.compare("recall_small", whole, tiled)
    times = pixels_searched(lab, tiled) / pixels_searched(lab, whole)
    numbers = f"recall of small objects {difference_text(more)}; {times:.0f} × work"
    return Verdict(more.low > 0 and times == 4, numbers)


@check("B4d", DEF, "For the same work, tiling has a lower resolution: tiles overlap.")
def tiles_waste_their_overlap(lab: Lab) -> Verdict:
    whole, tiled = (replace(DEFAULT, px=px, tiles=tiles) for px, tiles in ((128, 1), (64, 4)))
    same = pixels_searched(lab, whole) == pixels_searched(lab, tiled)
    finer = [128 / tile_side(1), 64 / tile_side(4)]
    return Verdict(
        same and finer[1] < finer[0],
        f"{finer[0]:.2f} pixels read for one of the photo when whole, {finer[1]:.2f} in tiles, for the same work; "
        f"AP {lab.value('ap50', whole):.3f} and {lab.value('ap50', tiled):.3f}",
    )


@check("B4-flip", FLIP, "Where all objects are large, input resolution gains far less.")
def large_things_need_no_pixels(lab: Lab) -> Verdict:
    small, large = (
        lab.value("ap50", replace(DEFAULT, object_size=size, px=128))
        - lab.value("ap50", replace(DEFAULT, object_size=size, px=64))
        for size in ("small", "large")
    )
    numbers = f"AP from 64 to 128 pixels: {small:+.3f} where all is small, {large:+.3f} where all is large"
    return Verdict(small > large + 0.1, numbers)


CHECKS = check.all
