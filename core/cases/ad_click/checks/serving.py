"""The checks that all cases share, shown on ads: serving, splits, seeds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.cases.ad_click.checks.common import DEFAULT, MOVING, STILL
from core.cases.ad_click.design import AdClick
from core.cases.ad_click.evaluate.metrics import auc_values, precision_values
from core.cases.ad_click.pipeline import run, stages
from core.checks.toolkit import Checks, Lab, difference_text
from core.contract.check import DEF, DIR, FLIP, Verdict

BATCH = replace(MOVING, serving="batch", model="lr")
check = Checks(AdClick, run, stages)


@check("G1", DEF, "AUC and average precision lie between 0 and 1 and depend only on the order.")
def order_alone_decides_the_areas(lab: Lab) -> Verdict:
    y, chance = lab.stage("rows", DEFAULT).test_y, lab.stage("served", DEFAULT)
    same = np.array_equal(auc_values(chance, y), auc_values(chance**3, y))
    shares = [values(chance, y) for values in (auc_values, precision_values)]
    held = same and all(0 <= share.min() <= share.max() <= 1 for share in shares)
    return Verdict(bool(held), f"AUC {shares[0].mean():.4f}, and the same for the cube of every chance")


@check("G9", DIR, "Larger batches raise throughput at least fivefold, at a higher latency per request.")
def batches_serve_more(lab: Lab) -> Verdict:
    ms = lab.run(replace(DEFAULT, model="lr", batch=64)).batches_ms
    rate = {n: n / t for n, t in ms.items()}
    held = rate[64] > 5 * rate[1] and ms[64] > ms[1]
    return Verdict(held, f"64 together: {rate[64] / rate[1]:.1f} × the requests, {ms[64] / ms[1]:.0f} × the wait")


@check("G12", DIR, "With drift, older precomputed scores predict worse.")
def old_scores_lose(lab: Lab) -> Verdict:
    lost = lab.compare("ne", replace(BATCH, refresh_days=1), replace(BATCH, refresh_days=28))
    text = difference_text(lost, 4)
    return Verdict(lost.low > 0, f"normalised entropy {text} from a store made daily to one of four weeks")


@check("G12-flip", FLIP, "Without drift, older precomputed scores cost far less: only the clicks since.")
def still_scores_keep(lab: Lab) -> Verdict:
    moving, still = (
        lab.compare_pooled("ne", replace(design, refresh_days=1), replace(design, refresh_days=28))
        for design in (BATCH, replace(BATCH, drift=0.0))
    )
    text = f"{difference_text(still, 4)} where nothing drifts, {difference_text(moving, 4)} where it does"
    return Verdict(still.high < moving.low, f"normalised entropy {text}")


@check("G12b", DIR, "Streaming counters predict better than a table four weeks old.")
def streaming_helps(lab: Lab) -> Verdict:
    table = replace(MOVING, model="lr", refresh_days=28)
    gain = lab.compare("ne", table, replace(table, features_from="streaming"))
    text = difference_text(gain, 4)
    return Verdict(gain.high < 0, f"normalised entropy {text} from a four-week table to streaming counters")


@check("G12c", DIR, "Scoring new ads online recovers part of the loss of stale scores.")
def hybrid_saves_new_ads(lab: Lab) -> Verdict:
    old = replace(BATCH, refresh_days=28)
    gain = lab.compare("ne", old, replace(old, serving="hybrid"))
    return Verdict(gain.high < 0, f"normalised entropy {difference_text(gain, 4)} from batch to hybrid")


@check("G15", DIR, "With drift, a random split overestimates the model.")
def random_split_flatters(lab: Lab) -> Verdict:
    drawn = replace(MOVING, interactions=1.0, model="crosses", retrain_days=112)
    by_time, at_random = (lab.value("ne", replace(drawn, split=split)) for split in ("time", "random"))
    held = at_random < by_time - 0.005
    return Verdict(held, f"normalised entropy {by_time:.4f} by time, {at_random:.4f} at random")


@check("G15-flip", FLIP, "Without drift, both splits agree.")
def split_does_not_matter(lab: Lab) -> Verdict:
    """Whether the two intervals meet."""
    still = replace(STILL, model="crosses", retrain_days=112)
    by_time, at_random = (lab.estimate("ne", replace(still, split=split)) for split in ("time", "random"))
    meet = by_time.low <= at_random.high and at_random.low <= by_time.high
    return Verdict(meet, f"normalised entropy {by_time.value:.4f} by time, {at_random.value:.4f} at random")
