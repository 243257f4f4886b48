"""The checks that all cases share, shown on ads: serving, splits, seeds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.cases.ad_click.comparing import DEFAULT, MOVING, STILL, against, graded, pooled, staged, told
from core.cases.ad_click.evaluate.metrics import auc_values
from core.cases.ad_click.pipeline import run
from core.contract.check import Check, Verdict
from core.contract.design import canonical

BATCH = replace(MOVING, serving="batch", model="lr")


def old_scores_lose(seed: int) -> Verdict:
    """Scores made daily and every four weeks."""
    lost = against(replace(BATCH, refresh_days=1), replace(BATCH, refresh_days=28), seed)
    return Verdict(lost.low > 0, f"normalised entropy {told(lost)} from a store made daily to one of four weeks")


def still_scores_keep(seed: int) -> Verdict:
    """The same where nothing moves, both over three worlds."""
    moving, still = (
        pooled(replace(d, refresh_days=1), replace(d, refresh_days=28), seed)
        for d in (BATCH, replace(BATCH, drift=0.0))
    )
    return Verdict(
        still.high < moving.low, f"normalised entropy {told(still)} where nothing drifts, {told(moving)} where it does"
    )


def hybrid_saves_new_ads(seed: int) -> Verdict:
    """Scores of four weeks, with and without a score now for ads that the job never saw."""
    old = replace(BATCH, refresh_days=28)
    gain = against(old, replace(old, serving="hybrid"), seed)
    return Verdict(gain.high < 0, f"normalised entropy {told(gain)} from batch to hybrid")


def streaming_helps(seed: int) -> Verdict:
    """A table of four weeks against counters of now."""
    table = replace(MOVING, model="lr", refresh_days=28)
    gain = against(table, replace(table, features_from="streaming"), seed)
    return Verdict(gain.high < 0, f"normalised entropy {told(gain)} from a four-week table to streaming counters")


def random_split_flatters(seed: int) -> Verdict:
    """The same rows for teaching, split by time and at random, on quickly drifting ads."""
    drawn = replace(MOVING, interactions=1.0, model="crosses", retrain_days=112)
    time, chance = (graded(replace(drawn, split=s), seed).mean() for s in ("time", "random"))
    return Verdict(chance < time - 0.005, f"normalised entropy {time:.4f} by time, {chance:.4f} at random")


def split_does_not_matter(seed: int) -> Verdict:
    """The same where nothing drifts: whether the two intervals meet."""
    still = replace(STILL, model="crosses", retrain_days=112)
    time, chance = (staged(replace(still, split=s), seed)["quality"].value["ne"] for s in ("time", "random"))
    meet = time.low <= chance.high and chance.low <= time.high
    return Verdict(meet, f"normalised entropy {time.value:.4f} by time, {chance.value:.4f} at random")


def batches_serve_more(seed: int) -> Verdict:
    """Throughput and wait of 64 requests scored together; medians, as this is about time alone."""
    ms = run(canonical(replace(DEFAULT, model="lr", batch=64)), seed).batches_ms
    rate = {n: n / t for n, t in ms.items()}
    held = rate[64] > 1.2 * rate[1] and ms[64] > ms[1]
    return Verdict(held, f"64 together: {rate[64] / rate[1]:.1f} × the requests, {ms[64] / ms[1]:.0f} × the wait")


def ap_is_a_share(seed: int) -> Verdict:
    """AUC and average precision of every model kind stay between 0 and 1, and order alone decides them."""
    s = staged(DEFAULT, seed)
    quality = s["quality"].value
    y, p = s["rows"].value.test_y, s["served"].value
    same = np.array_equal(auc_values(p, y), auc_values(p**3, y))
    held = same and all(0 <= quality[key].per_query.min() <= quality[key].per_query.max() <= 1 for key in ("auc", "ap"))
    return Verdict(bool(held), f"AUC {quality['auc'].value:.4f}, and the same for the cube of every chance")


CHECKS = (
    Check("G1", "AUC and average precision lie between zero and one and know only the order.", "INV", ap_is_a_share),
    Check("G9", "Larger batches answer more requests a second, each of them later.", "DIR", batches_serve_more),
    Check("G12", "On drifting ads an older store of scores predicts worse.", "DIR", old_scores_lose),
    Check(
        "G12-flip",
        "Where nothing drifts, an older store costs far less: only the clicks that came since.",
        "FLIP",
        still_scores_keep,
    ),
    Check("G12b", "Counters of now predict better than a table of four weeks.", "DIR", streaming_helps),
    Check("G12c", "Scoring new ads on request mends part of an old store.", "DIR", hybrid_saves_new_ads),
    Check("G15", "On drifting ads a random split flatters the model.", "DIR", random_split_flatters),
    Check("G15-flip", "Where nothing drifts, both splits agree.", "FLIP", split_does_not_matter),
)
