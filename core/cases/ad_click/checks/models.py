"""Which model finds what: pairs, crosses, networks, and trees into logistic regression."""

from __future__ import annotations

from dataclasses import replace

from core.cases.ad_click.checks.common import DEFAULT, STILL
from core.cases.ad_click.design import AdClick
from core.cases.ad_click.model.kinds import MODELS
from core.cases.ad_click.pipeline import run, stages
from core.checks.toolkit import Checks, Lab, difference_text
from core.contract.check import DEF, DIR, FLIP, Verdict
from core.metrics import PairedDifference

NO_PRODUCTS = "A plain network does not learn products of embeddings from 24,000 exposures (Rendle et al. 2020)."
NO_CROSSES = "From 24,000 exposures it learns its crosses only in part: it lands between LR and the model of pairs."
NO_GAIN = "With 568 clicks to learn from, of which each part gets half, the three cannot be told apart."
check = Checks(AdClick, run, stages)


@check("A1", DEF, "Predicting the base rate gives a normalised entropy of 1.")
def base_rate_is_one(lab: Lab) -> Verdict:
    entropy = [lab.value("ne", replace(design, model="base")) for design in (DEFAULT, STILL)]
    held = max(abs(value - 1) for value in entropy) < 1e-9
    return Verdict(held, f"normalised entropy {entropy[0]:.12f} and {entropy[1]:.12f}")


@check("A2", DIR, "With feature interactions, a factorisation machine beats logistic regression.")
def pairs_pay(lab: Lab) -> Verdict:
    over = lab.compare("auc", replace(STILL, model="lr"), replace(STILL, model="fm"))
    text = difference_text(over, 4)
    return Verdict(over.low > 0, f"AUC {text} from logistic regression to the factorisation machine")


def over_pairs(lab: Lab, model: str) -> tuple[PairedDifference, str]:
    """What a model adds to the AUC of the factorisation machine, and that in words."""
    over = lab.compare("auc", replace(STILL, model="fm"), replace(STILL, model=model))
    return over, f"AUC {difference_text(over, 4)} from the factorisation machine to {MODELS[model].label}"


@check("A2b", DIR, "DeepFM is no worse than the factorisation machine, and not far above it.")
def deepfm_keeps_up(lab: Lab) -> Verdict:
    over, text = over_pairs(lab, "deepfm")
    return Verdict(over.high > 0 and over.mean < 0.03, text)


@check("A2c", DIR, "Wide & Deep beats the factorisation machine.", NO_PRODUCTS)
def deep_network_beats_pairs(lab: Lab) -> Verdict:
    over, text = over_pairs(lab, "dnn")
    return Verdict(over.low > 0, text)


@check("A2e", DIR, "DCN beats the factorisation machine.", NO_CROSSES)
def cross_network_beats_pairs(lab: Lab) -> Verdict:
    over, text = over_pairs(lab, "dcn")
    return Verdict(over.low > 0, text)


@check("A2-flip", FLIP, "Without feature interactions no model beats logistic regression by a point of AUC.")
def nothing_to_find(lab: Lab) -> Verdict:
    plain = replace(STILL, interactions=0.0)
    over = {
        model: lab.compare("auc", replace(plain, model="lr"), replace(plain, model=model))
        for model in ("fm", "dnn", "deepfm")
    }
    text = ", ".join(f"{model} {difference_text(gain, 4)}" for model, gain in over.items())
    return Verdict(all(gain.mean < 0.01 for gain in over.values()), f"AUC over LR: {text}")


@check("A2d-flip", FLIP, "Feature crosses help with interactions and hurt without them.")
def crosses_need_interactions(lab: Lab) -> Verdict:
    with_, without = (
        lab.compare("ne", replace(design, model="lr"), replace(design, model="crosses"))
        for design in (STILL, replace(STILL, interactions=0.0))
    )
    text = f"{difference_text(with_, 4)}; without interactions {difference_text(without, 4)}"
    return Verdict(with_.high < 0 and without.mean > 0, f"normalised entropy with crosses: {text}")


@check("A3", DIR, "GBDT + LR beats GBDT alone and LR alone on the coupons, all uncalibrated.", NO_GAIN)
def hybrid_beats_its_parts(lab: Lab) -> Verdict:
    hybrid = replace(DEFAULT, model="hybrid")
    over = {part: lab.compare("ne", replace(hybrid, model=part), hybrid) for part in ("gbdt", "lr")}
    text = ", ".join(f"{part} {difference_text(gain, 4)}" for part, gain in over.items())
    return Verdict(all(gain.high < 0 for gain in over.values()), f"normalised entropy, trees into LR less {text}")
