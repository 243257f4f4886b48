"""What ad click prediction teaches: each sentence a reader is told, with the runs that say whether it holds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.cases.ad_click import checks_common as common
from core.cases.ad_click.checks_money import (
    auction_pays,
    factor_cancels,
    more_candidates_win_more,
    the_best_ad_is_the_ceiling,
    wrong_way_both,
)
from core.cases.ad_click.comparing import (
    DEFAULT,
    MOVING,
    STILL,
    against,
    pooled,
    predicted_over_seen,
    staged,
    told,
    value,
    worlds,
)
from core.cases.ad_click.design import AdClick
from core.cases.ad_click.evaluate.metrics import log_loss
from core.cases.ad_click.model.calibration import corrected
from core.cases.ad_click.model.kinds import MODELS
from core.contract.check import Check, Verdict
from core.metrics import PairedDifference


def base_rate_is_one(seed: int) -> Verdict:
    found = [value(replace(d, model="base"), seed) for d in (DEFAULT, STILL)]
    return Verdict(max(abs(v - 1) for v in found) < 1e-9, f"normalised entropy {found[0]:.12f} and {found[1]:.12f}")


def pairs_pay(seed: int) -> Verdict:
    over = against(replace(STILL, model="lr"), replace(STILL, model="fm"), seed, "auc")
    return Verdict(over.low > 0, f"AUC {told(over)} from logistic regression to the factorisation machine")


def _over_pairs(model: str, seed: int) -> PairedDifference:
    return against(replace(STILL, model="fm"), replace(STILL, model=model), seed, "auc")


def deepfm_keeps_up(seed: int) -> Verdict:
    over = _over_pairs("deepfm", seed)
    return Verdict(over.high > 0 and over.mean < 0.03, f"AUC {told(over)} from the factorisation machine to DeepFM")


def network_beats_pairs(seed: int, model: str) -> Verdict:
    over = _over_pairs(model, seed)
    return Verdict(over.low > 0, f"AUC {told(over)} from the factorisation machine to {MODELS[model].label}")


def nothing_to_find(seed: int) -> Verdict:
    plain = replace(STILL, interactions=0.0)
    over = {
        m: against(replace(plain, model="lr"), replace(plain, model=m), seed, "auc") for m in ("fm", "dnn", "deepfm")
    }
    return Verdict(
        all(d.mean < 0.01 for d in over.values()),
        "AUC over LR: " + ", ".join(f"{m} {told(d)}" for m, d in over.items()),
    )


def crosses_need_interactions(seed: int) -> Verdict:
    with_, without = (
        against(replace(d, model="lr"), replace(d, model="crosses"), seed)
        for d in (STILL, replace(STILL, interactions=0.0))
    )
    held = with_.high < 0 and without.mean > 0
    return Verdict(held, f"normalised entropy with crosses: {told(with_)}; without interactions {told(without)}")


def hybrid_beats(seed: int, data: str) -> Verdict:
    design = replace(STILL if data == "generated" else DEFAULT, model="hybrid")
    over = {m: against(replace(design, model=m), design, seed) for m in ("gbdt", "lr")}
    return Verdict(
        all(d.high < 0 for d in over.values()),
        "normalised entropy, trees into LR less " + ", ".join(f"{m} {told(d)}" for m, d in over.items()),
    )


def sampling_inflates(seed: int) -> Verdict:
    rates = (1.0, 0.3, 0.1, 0.025)
    found = [predicted_over_seen(replace(DEFAULT, negatives=w), seed) for w in rates]
    said = ", ".join(f"{v:.2f} keeping {w:g}" for w, v in zip(rates, found, strict=True))
    return Verdict(bool((np.diff(found) > 0).all() and found[2] > 3 * found[0]), f"predicted over seen {said}")


def formula_restores(seed: int) -> Verdict:
    plain = predicted_over_seen(DEFAULT, seed)
    sampled = replace(DEFAULT, negatives=0.1)
    fixed = predicted_over_seen(replace(sampled, calibrator="formula"), seed)
    same = np.array_equal(*(staged(replace(sampled, calibrator=c), seed)["served"].value.argsort(kind="stable")
                            for c in ("none", "formula")))  # fmt: skip
    auc = against(DEFAULT, sampled, seed, "auc")
    held = abs(np.log(fixed / plain)) < np.log(1.25) and same and abs(auc.mean) < 0.01
    return Verdict(bool(held), f"predicted over seen {fixed:.2f}, {plain:.2f} unsampled; AUC {told(auc)}")


def formula_by_hand(seed: int) -> Verdict:
    q = corrected(0.2, 0.025)
    return Verdict(round(q, 4) == 0.0062, f"p = 0.2 with w = 0.025 gives {q:.4f}")


def learnt_calibrators_mend(seed: int) -> Verdict:
    sampled = replace(DEFAULT, negatives=0.1)
    found = {
        c: value(replace(sampled, calibrator=c), seed, "calibration") for c in ("none", "formula", "platt", "isotonic")
    }
    held = max(found["platt"], found["isotonic"]) < found["none"] / 5
    return Verdict(held, "calibration error " + ", ".join(f"{v:.2f} {c}" for c, v in found.items()))


def history_wins(seed: int) -> Verdict:
    over = against(replace(DEFAULT, features="context"), replace(DEFAULT, features="history"), seed)
    return Verdict(over.high < 0, f"normalised entropy {told(over)} from context to history")


def _history_gain(seed: int) -> tuple[float, float]:
    """What history takes off the entropy of exposures of ads at most 3 days old, and of the others."""
    s = staged(replace(MOVING, model="lr", features="history"), seed)
    log, rows = s["world"].value, s["rows"].value
    new = ((log.day - log.born)[rows.test] <= 3) & (log.born[rows.test] > 0)
    mine = log_loss(s["served"].value, rows.test_y)
    plain = log_loss(np.full(len(new), rows.background), rows.test_y)
    return tuple(1 - float(mine[among].mean() / plain[among].mean()) for among in (new, ~new))


def history_helps_less_when_new(seed: int) -> Verdict:
    new, old = np.mean([_history_gain(s) for s in worlds(seed)], axis=0)
    return Verdict(
        bool(new < old), f"history takes {new:.1%} off the entropy of ads at most 3 days old, {old:.1%} off the others"
    )


def _aged(design: AdClick, seed: int) -> PairedDifference:
    return against(replace(design, retrain_days=1), replace(design, retrain_days=112), seed)


def context_ages_more(seed: int) -> Verdict:
    design = replace(MOVING, interactions=1.0, model="crosses")
    aged = {name: _aged(replace(design, features=name), seed) for name in ("history", "context")}
    held = aged["context"].mean > aged["history"].mean
    return Verdict(held, "normalised entropy, 56 days old less half a day: " + ", ".join(
        f"{name} {told(d)}" for name, d in aged.items()))  # fmt: skip


def coupons_context_ages_more(seed: int) -> Verdict:
    aged = {name: _aged(replace(DEFAULT, model="lr", features=name), seed) for name in ("history", "context")}
    said = ", ".join(f"{name} {told(d)}" for name, d in aged.items())
    return Verdict(
        aged["context"].mean > aged["history"].mean, f"normalised entropy, 56 days old less half a day: {said}"
    )


def coupons_need_buckets(seed: int) -> Verdict:
    plain = replace(DEFAULT, model="lr")
    lost = against(plain, replace(plain, buckets=64), seed, "auc")
    return Verdict(lost.high < 0, f"AUC {told(lost)} from 4,096 buckets to 64")


def coupons_want_rows(seed: int) -> Verdict:
    plain = replace(DEFAULT, model="lr")
    tenth, third = (against(plain, replace(plain, share=s), seed) for s in (0.1, 0.3))
    return Verdict(0 < third.mean < tenth.mean, f"normalised entropy {told(third)} with 30 %, {told(tenth)} with 10 %")


AGEING = replace(MOVING, drift=1.0, interactions=1.0, model="crosses")  # tastes drift, which no counter tells the model


def _aged_over_worlds(design: AdClick, seed: int) -> PairedDifference:
    return pooled(replace(design, retrain_days=1), replace(design, retrain_days=112), seed)


def models_age(seed: int) -> Verdict:
    lost = _aged_over_worlds(AGEING, seed)
    return Verdict(lost.low > 0, f"normalised entropy {told(lost)} from retraining daily to every 16 weeks")


def still_models_do_not_age(seed: int) -> Verdict:
    lost = _aged_over_worlds(replace(AGEING, drift=0.0), seed)
    return Verdict(abs(lost.mean) < 0.01, f"normalised entropy {told(lost)} from retraining daily to every 16 weeks")


def first_trees_gain_most(seed: int) -> Verdict:
    found = [1 - value(replace(DEFAULT, trees=n), seed) for n in (10, 30, 100, 300)]
    return Verdict(
        found[2] > 0 and found[1] > 0.8 * max(found) and found[3] - found[2] < (found[1] - found[0]),
        "gain over the base rate " + ", ".join(f"{v:.3f}" for v in found) + " with 10, 30, 100 and 300 trees",
    )


def buckets_collide(seed: int) -> Verdict:
    sizes = (64, 256, 1_024, 4_096, 16_384)
    shown = [staged(replace(STILL, model="crosses", buckets=b), seed)["shown"].value for b in sizes]
    lost = against(replace(STILL, model="crosses"), replace(STILL, model="crosses", buckets=64), seed, "auc")
    held = (np.diff([s.buckets_hit for s in shown]) > 0).all() and lost.high < 0
    said = ", ".join(f"{s.buckets_hit:,} of {b:,}" for s, b in zip(shown, sizes, strict=True))
    return Verdict(bool(held), f"{shown[0].values:,} values hit {said} buckets; AUC {told(lost)} from 4,096 to 64")


def table_bytes_are_linear(seed: int) -> Verdict:
    off = []
    for buckets, dim in ((1_024, 4), (1_024, 16), (4_096, 4)):
        model = staged(replace(DEFAULT, model="fm", buckets=buckets, dim=dim), seed)["model"].value
        off.append(model.table.nbytes - 4 * buckets * (dim + 1))
    return Verdict(off == [0, 0, 0], "bytes = buckets × (size + 1) × 4 exactly, in three designs")


def size_soon_stops(seed: int) -> Verdict:
    design = replace(STILL, model="fm")
    found = [value(replace(design, dim=d), seed, "auc") for d in (2, 4, 8, 16)]
    return Verdict(
        found[2] > found[0] and found[3] - found[2] < max(0.01, (found[2] - found[0]) / 2),
        f"AUC {', '.join(f'{v:.4f}' for v in found)} with 2, 4, 8 and 16 numbers",
    )


def tenth_is_enough(seed: int) -> Verdict:
    lost = against(DEFAULT, replace(DEFAULT, share=0.1), seed)
    return Verdict(lost.high < 0.02, f"normalised entropy {told(lost)} from 24,000 exposures to 2,400")


def third_is_nearly_enough(seed: int) -> Verdict:
    tenth, third = (against(replace(STILL, model="lr"), replace(STILL, model="lr", share=s), seed) for s in (0.1, 0.3))
    return Verdict(0 < third.mean < tenth.mean, f"normalised entropy {told(third)} with 30 %, {told(tenth)} with 10 %")


def compression_costs_little(seed: int) -> Verdict:
    design, lost, size = replace(DEFAULT, model="dnn"), {}, {}
    whole = staged(design, seed)["model"].value.nbytes
    for how in ("int8", "pruned", "distilled"):
        lost[how] = against(design, replace(design, compression=how), seed)
        size[how] = staged(replace(design, compression=how), seed)["model"].value.nbytes / whole
    held = abs(lost["int8"].mean) < 0.005 and max(size.values()) < 0.75
    return Verdict(held, "; ".join(f"{how} {size[how]:.0%} of the bytes, entropy {told(d)}" for how, d in lost.items()))


NO_GAIN = "With 568 clicks to learn from, of which each part gets half, the three cannot be told apart."
FEW_CAMPAIGNS = "An older model learns from one large campaign instead of two, and campaigns differ more than months."
NO_CROSSES = "From 24,000 exposures it learns its crosses only in part: it lands between LR and the model of pairs."
FEW_CLICKS = "A tenth of our exposures holds some fifty clicks; theirs held millions."
NO_PRODUCTS = "A plain network does not learn products of embeddings from 24,000 exposures (Rendle et al. 2020)."
CHECKS = (
    *common.CHECKS,
    Check("A1", "Saying the base rate gives a normalised entropy of one.", "INV", base_rate_is_one),
    Check("A2", "Where clicks depend on who meets what, a model of pairs beats logistic regression.", "DIR", pairs_pay),
    Check("A2b", "DeepFM is no worse than the model of pairs, and not far above it.", "DIR", deepfm_keeps_up),
    Check(
        "A2c", "A deep network beats the model of pairs.", "DIR", lambda s: network_beats_pairs(s, "dnn"), NO_PRODUCTS
    ),
    Check(
        "A2e", "A cross network beats the model of pairs.", "DIR", lambda s: network_beats_pairs(s, "dcn"), NO_CROSSES
    ),
    Check("A2-flip", "Without interactions no model beats logistic regression by a point.", "FLIP", nothing_to_find),
    Check(
        "A2d-flip", "Crosses help where things interact and hurt where they do not.", "FLIP", crosses_need_interactions
    ),
    Check(
        "A3",
        "Trees into LR beat trees alone and LR alone, on the coupons.",
        "DIR",
        lambda s: hybrid_beats(s, "coupons"),
        NO_GAIN,
    ),
    Check(
        "A5", "The fewer negatives are kept, the more clicks are predicted that never come.", "DIR", sampling_inflates
    ),
    Check("A5b", "The formula takes the sampling back out, and leaves the order as it was.", "DIR", formula_restores),
    Check("A5c", "A learnt calibrator mends what sampling broke.", "DIR", learnt_calibrators_mend),
    Check("A5d", "A chance of 0.2 learnt from one negative in forty is really 0.0062.", "INV", formula_by_hand),
    Check("A6", "History says much more than context.", "DIR", history_wins),
    Check("A6b", "Of an ad that is new, history says less.", "DIR", history_helps_less_when_new),
    Check(
        "A6c", "On generated ads a model of context alone ages faster than one of history.", "DIR", context_ages_more
    ),
    Check("A6d", "On the coupons too, context ages faster.", "DIR", coupons_context_ages_more, FEW_CAMPAIGNS),
    Check("A7", "On drifting ads an older model predicts worse.", "DIR", models_age),
    Check("A7-flip", "Where nothing drifts, a model does not age.", "FLIP", still_models_do_not_age),
    Check("A8", "The first trees gain most.", "DIR", first_trees_gain_most),
    Check("A9", "Fewer buckets collide more, and on generated ads rank worse.", "DIR", buckets_collide),
    Check("A9c", "On the coupons too, 64 buckets rank worse.", "DIR", coupons_need_buckets),
    Check("A9b", "A table takes buckets times numbers times four bytes.", "INV", table_bytes_are_linear),
    Check("A10", "A tenth of the exposures is nearly as good as all.", "DIR", tenth_is_enough, FEW_CLICKS),
    Check("A10b", "On generated ads, what a smaller sample costs shrinks as it grows.", "DIR", third_is_nearly_enough),
    Check(
        "A10c",
        "On the coupons too, logistic regression loses by a smaller sample.",
        "DIR",
        coupons_want_rows,
    ),
    Check("A11", "Embeddings beyond eight numbers gain little.", "DIR", size_soon_stops),
    Check(
        "A12",
        "A network in 8 bits predicts the same; every smaller form saves a quarter or more.",
        "DIR",
        compression_costs_little,
    ),
    Check("A13", "Chances that are wrong lose money, though they rank the same.", "DIR", auction_pays),
    Check("A13b", "Chances too low lose money as well as chances too high.", "DIR", wrong_way_both),
    Check(
        "A13-flip",
        "With no outside offer a common factor cancels: the takings stay as they are.",
        "FLIP",
        factor_cancels,
    ),
    Check(
        "A14", "By true chances, scoring more ads never makes the winner worth less.", "INV", more_candidates_win_more
    ),
    Check(
        "G4",
        "No auction takes more than the best of the forty ads is worth, however wrong the chances.",
        "INV",
        the_best_ad_is_the_ceiling,
    ),
)
