"""Checks of the conditions that detectors are used under: other light, and photos unlike those they learnt from."""

from __future__ import annotations

from dataclasses import replace

from core.cases.street_view_blurring.checks.shared import BACKLOG, CENTERFACE_FINE, DEFAULT, faces_ap
from core.cases.street_view_blurring.design import StreetViewBlurring
from core.cases.street_view_blurring.pipeline import run, stages
from core.checks.toolkit import Checks, Lab
from core.contract.check import DIR, Verdict

check = Checks(StreetViewBlurring, run, stages)


@check("L1", DIR, "AP is lower at night than by day.")
def night_hides(lab: Lab) -> Verdict:
    day, night = (lab.estimate("ap50", replace(DEFAULT, light=light)) for light in ("day", "night"))
    return Verdict(night.high < day.low, f"AP {day.value:.3f} by day, {night.value:.3f} by night")


@check(
    "L2",
    DIR,
    "A small CNN trained on such photos beats a pretrained CenterFace at the same input resolution.",
)
def taught_here_against_elsewhere(lab: Lab) -> Verdict:
    here, elsewhere = (faces_ap(lab, replace(BACKLOG, faces=name)) for name in ("streetnet", "centerface"))
    fine = faces_ap(lab, CENTERFACE_FINE)
    return Verdict(
        here > elsewhere + 0.1 and fine > here - 0.05,
        f"AP of faces at 96 pixels {here:.3f} trained here, {elsewhere:.3f} pretrained; that one at 192 {fine:.3f}",
    )


CHECKS = check.all
