"""What size buys: trees, buckets, exposures, embeddings, and the bits of a network."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.cases.ad_click.checks.common import DEFAULT, STILL
from core.cases.ad_click.design import AdClick
from core.cases.ad_click.pipeline import run, stages
from core.checks.toolkit import Checks, Lab, difference_text
from core.contract.check import DEF, DIR, Verdict

FEW_CLICKS = "A tenth of our exposures holds some fifty clicks; theirs held millions."
check = Checks(AdClick, run, stages)


@check("A8", DIR, "The first trees gain most, with diminishing returns.")
def first_trees_gain_most(lab: Lab) -> Verdict:
    gain = {n: 1 - lab.value("ne", replace(DEFAULT, trees=n)) for n in (10, 30, 100, 300)}
    held = gain[100] > 0 and gain[30] > 0.8 * max(gain.values()) and gain[300] - gain[100] < gain[30] - gain[10]
    text = ", ".join(f"{value:.3f}" for value in gain.values())
    return Verdict(held, f"gain over the base rate {text} with 10, 30, 100 and 300 trees")


@check("A9", DIR, "Fewer hash buckets collide more, and lower AUC on generated ads.")
def buckets_collide(lab: Lab) -> Verdict:
    crosses = replace(STILL, model="crosses")
    shown = {n: lab.stage("shown", replace(crosses, buckets=n)) for n in (64, 256, 1_024, 4_096, 16_384)}
    lost = lab.compare("auc", crosses, replace(crosses, buckets=64))
    held = (np.diff([stage.buckets_hit for stage in shown.values()]) > 0).all() and lost.high < 0
    hit = ", ".join(f"{stage.buckets_hit:,} of {n:,}" for n, stage in shown.items())
    text = f"{shown[64].values:,} values hit {hit} buckets; AUC {difference_text(lost, 4)} from 4,096 to 64"
    return Verdict(bool(held), text)


@check("A9c", DIR, "On the coupons too, 64 hash buckets lower AUC.")
def coupons_need_buckets(lab: Lab) -> Verdict:
    plain = replace(DEFAULT, model="lr")
    lost = lab.compare("auc", plain, replace(plain, buckets=64))
    return Verdict(lost.high < 0, f"AUC {difference_text(lost, 4)} from 4,096 buckets to 64")


@check("A9b", DEF, "An embedding table takes buckets × dimensions × 4 bytes.")
def table_bytes_are_linear(lab: Lab) -> Verdict:
    off = []
    for buckets, dim in ((1_024, 4), (1_024, 16), (4_096, 4)):
        model = lab.stage("model", replace(DEFAULT, model="fm", buckets=buckets, dim=dim))
        off.append(model.table.nbytes - 4 * buckets * (dim + 1))
    return Verdict(off == [0, 0, 0], "bytes = buckets × (size + 1) × 4 exactly, in three designs")


@check("A10", DIR, "A tenth of the exposures trains nearly as good a model as all.", FEW_CLICKS)
def tenth_is_enough(lab: Lab) -> Verdict:
    lost = lab.compare("ne", DEFAULT, replace(DEFAULT, share=0.1))
    return Verdict(lost.high < 0.02, f"normalised entropy {difference_text(lost, 4)} from 24,000 exposures to 2,400")


@check("A10b", DIR, "On generated ads, the loss by a smaller training set shrinks as it grows.")
def generated_third_is_nearly_enough(lab: Lab) -> Verdict:
    return smaller_samples_cost(lab, STILL)


@check("A10c", DIR, "On the coupons too, logistic regression loses by a smaller training set.")
def coupons_want_rows(lab: Lab) -> Verdict:
    return smaller_samples_cost(lab, DEFAULT)


def smaller_samples_cost(lab: Lab, design: AdClick) -> Verdict:
    """Whether logistic regression loses by a third of the exposures, and more by a tenth."""
    plain = replace(design, model="lr")
    tenth, third = (lab.compare("ne", plain, replace(plain, share=share)) for share in (0.1, 0.3))
    text = f"{difference_text(third, 4)} with 30 %, {difference_text(tenth, 4)} with 10 %"
    return Verdict(0 < third.mean < tenth.mean, f"normalised entropy {text}")


@check("A11", DIR, "Embeddings beyond 8 dimensions gain little.")
def size_soon_stops(lab: Lab) -> Verdict:
    auc = {dim: lab.value("auc", replace(STILL, model="fm", dim=dim)) for dim in (2, 4, 8, 16)}
    held = auc[8] > auc[2] and auc[16] - auc[8] < max(0.01, (auc[8] - auc[2]) / 2)
    text = ", ".join(f"{value:.4f}" for value in auc.values())
    return Verdict(held, f"AUC {text} with 2, 4, 8 and 16 numbers")


@check("A12", DIR, "An int8 network predicts the same; every compressed form saves 25 % of memory or more.")
def compression_costs_little(lab: Lab) -> Verdict:
    whole = replace(DEFAULT, model="dnn")
    small = {how: replace(whole, compression=how) for how in ("int8", "pruned", "distilled")}
    lost = {how: lab.compare("ne", whole, design) for how, design in small.items()}
    whole_bytes = lab.stage("model", whole).nbytes
    size = {how: lab.stage("model", design).nbytes / whole_bytes for how, design in small.items()}
    held = abs(lost["int8"].mean) < 0.005 and max(size.values()) < 0.75
    text = (f"{how} {size[how]:.0%} of the bytes, entropy {difference_text(gap, 4)}" for how, gap in lost.items())
    return Verdict(held, "; ".join(text))
