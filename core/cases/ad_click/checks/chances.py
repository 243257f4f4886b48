"""What sampling the negatives does to chances, and what mends them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.cases.ad_click.checks.common import DEFAULT, predicted_over_seen
from core.cases.ad_click.design import AdClick
from core.cases.ad_click.model.calibration import corrected
from core.cases.ad_click.pipeline import run, stages
from core.checks.toolkit import Checks, Lab, difference_text
from core.contract.check import DEF, DIR, Verdict

SAMPLED = replace(DEFAULT, negatives=0.1)
check = Checks(AdClick, run, stages)


@check("A5", DIR, "The lower the negative sampling rate, the more the predicted clicks exceed the observed ones.")
def sampling_inflates(lab: Lab) -> Verdict:
    ratio = {kept: predicted_over_seen(lab, replace(DEFAULT, negatives=kept)) for kept in (1.0, 0.3, 0.1, 0.025)}
    text = ", ".join(f"{value:.2f} keeping {kept:g}" for kept, value in ratio.items())
    rises = (np.diff(list(ratio.values())) > 0).all() and ratio[0.1] > 3 * ratio[1.0]
    return Verdict(bool(rises), f"predicted over seen {text}")


@check("A5b", DIR, "The downsampling formula restores calibration and keeps the order.")
def formula_restores(lab: Lab) -> Verdict:
    formula = replace(SAMPLED, calibrator="formula")
    plain, mended = predicted_over_seen(lab, DEFAULT), predicted_over_seen(lab, formula)
    orders = [lab.stage("served", design).argsort(kind="stable") for design in (SAMPLED, formula)]
    auc = lab.compare("auc", DEFAULT, SAMPLED)
    held = abs(np.log(mended / plain)) < np.log(1.25) and np.array_equal(*orders) and abs(auc.mean) < 0.01
    text = f"predicted over seen {mended:.2f}, {plain:.2f} unsampled; AUC {difference_text(auc, 4)}"
    return Verdict(bool(held), text)


@check("A5c", DIR, "A fitted calibrator restores calibration after downsampling.")
def learnt_calibrators_mend(lab: Lab) -> Verdict:
    hows = ("none", "formula", "platt", "isotonic")
    error = {how: lab.value("calibration", replace(SAMPLED, calibrator=how)) for how in hows}
    held = max(error["platt"], error["isotonic"]) < error["none"] / 5
    return Verdict(held, "calibration error " + ", ".join(f"{value:.2f} {how}" for how, value in error.items()))


@check("A5d", DEF, "A predicted 0.2 at a negative sampling rate of 2.5 % is really 0.0062.")
def formula_by_hand(lab: Lab) -> Verdict:
    chance = corrected(0.2, 0.025)
    return Verdict(round(chance, 4) == 0.0062, f"p = 0.2 with w = 0.025 gives {chance:.4f}")
