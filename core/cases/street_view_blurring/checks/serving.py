"""Checks of what is not searched again: photos that repeat an earlier one, and those of a backlog run."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.cases.street_view_blurring.checks.shared import DEFAULT
from core.cases.street_view_blurring.design import StreetViewBlurring
from core.cases.street_view_blurring.pipeline import run, stages
from core.checks.toolkit import Checks, Lab, difference_text
from core.contract.check import DEF, DIR, FLIP, Verdict

check = Checks(StreetViewBlurring, run, stages)


def standing(repeats: float, skip: str) -> StreetViewBlurring:
    """A car that stands still so often, with a way of skipping what it has seen."""
    return replace(DEFAULT, repeats=repeats, skip=skip)


@check("S1", DEF, "Near-duplicate skipping saves exactly the photos skipped.")
def skipping_saves_work(lab: Lab) -> Verdict:
    """Each photo's boxes against those of a search of it, or of the earlier photo that it is said to repeat."""
    s, counts = lab.stages(standing(0.6, "loose")), lab.run(standing(0.6, "loose")).counts
    taken, n = s["taken"].value, len(s["photos"].value.pixels)
    searched = (taken == np.arange(n)).mean()
    whole, copied = s["looked"].value, s["boxes"].value
    same = [
        np.array_equal(copied.box[copied.of == photo], whole.box[whole.of == source])
        for photo, source in enumerate(taken)
    ]
    earlier = (taken <= np.arange(n)).all() and (taken[taken] == taken).all()
    exact = counts["photos searched"] == searched and counts["pixels searched"] == searched * DEFAULT.px**2
    numbers = f"{searched:.1%} of the photos searched, {np.mean(same):.0%} have their own boxes or an earlier photo's"
    return Verdict(bool(all(same) and earlier and exact and searched < 0.7), numbers)


@check("S1b", DIR, "Loose skipping misses people who walked in between two frames.")
def skipping_misses_newcomers(lab: Lab) -> Verdict:
    lost = lab.compare_pooled("recall", standing(0.6, "off"), standing(0.6, "loose"))  # thirty scenes show too little
    return Verdict(lost.high < 0, f"recall {difference_text(lost)} over three seeds")


@check("S1-flip", FLIP, "Without repeated frames, skipping saves almost nothing.")
def nothing_repeats(lab: Lab) -> Verdict:
    taken = [
        lab.stage("taken", standing(share, "strict")) for share in (0.0, 0.6)
    ]  # each photo's own row, or another's
    moving, still = (float((rows != np.arange(len(rows))).mean()) for rows in taken)
    return Verdict(moving < 0.03 and still > 0.3, f"{moving:.1%} of the photos saved, {still:.1%} where it stands")


def stale(arrivals: float, refresh_h: int) -> StreetViewBlurring:
    """The backlog, worked off so often while so many photos arrive."""
    return replace(DEFAULT, serving="batch", arrivals=arrivals, refresh_h=refresh_h)


@check("G12", DIR, "With new photos every day, a longer refresh interval lowers recall.")
def old_runs_leave_photos_open(lab: Lab) -> Verdict:
    lost = lab.compare("recall", stale(0.2, 6), stale(0.2, 168))
    return Verdict(lost.high < 0, f"recall {difference_text(lost)} from every 6 hours to every week")


@check("G12-flip", DEF, "Without new photos, the refresh interval costs no recall.")
def nothing_new_nothing_open(lab: Lab) -> Verdict:
    lost = lab.compare("recall", stale(0.0, 6), stale(0.0, 168))
    return Verdict(lost.mean == 0, f"recall {lost.mean:+.3f} from every 6 hours to every week")


@check("G12b", DEF, "Stored boxes of a photo equal those detected online.")
def a_stored_box_is_a_fresh_box(lab: Lab) -> Verdict:
    fresh, stored = (lab.run(replace(DEFAULT, arrivals=0.0, serving=way)).quality for way in ("online", "batch"))
    same = all((fresh[key].per_query == stored[key].per_query).all() for key in fresh)
    return Verdict(same, f"AP {fresh['ap50'].value:.4f} and {stored['ap50'].value:.4f}, every photo the same")


CHECKS = check.all
