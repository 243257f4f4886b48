"""What an interviewer asks about ad click prediction at each of the seven steps, and real rows of its log."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from core.cases.ad_click.design import AdClick, generated, stored
from core.cases.ad_click.features import FEATURES
from core.cases.ad_click.run import LAG_OF, stages
from core.cases.ad_click.sources import BARS, JOURNEY, MLPERF
from core.cases.ad_click.world import LAGS, Log
from core.contract.interview_spec import Claim, Column, Framing, Interview, InterviewStep, Sample

SHOWN = 500
STOPS = {
    "clarify": InterviewStep(
        questions=(
            "Is the score multiplied by a bid, or does it only put ads in order?",
            "How many ads are eligible for one slot, and how many of them can the model score in time?",
            "What does the advertiser pay for: a click, an order, or the display?",
            "How long after the display does a click still count?",
            "What happens to the slot when no ad of ours is good enough?",
        ),
        decision="Must the model give a true chance, or is the right order of the ads enough?",
        knobs=("outside", "candidates"),
        remarks=(
            Claim("Chances that are wrong lose money in the auction even where the order is right.", "A13"),
            Claim("The MLPerf server scenario for a recommender allows 30 ms at the 99th percentile.", MLPERF.title),
        ),
        pitfalls=(
            "Aiming at AUC alone when the score is multiplied by money.",
            "A bound for the whole page taken as the bound for scoring.",
            "No rule for a slot where an outside offer is worth more than every ad.",
        ),
    ),
    "frame": InterviewStep(
        questions=(
            "What is one example: a display, a display somebody looked at, or an auction won?",
            "Which loss rewards a true chance and not just the order?",
            "Why not rank the ads of one request directly?",
            "How do you compare two models when only one in fifty exposures is clicked?",
        ),
        decision="A calibrated chance for each exposure, or a score that only orders?",
        knobs=("model", "calibrator", "negatives"),
        remarks=(
            Claim("Always saying the base rate gives a normalised entropy of exactly one.", "A1"),
            Claim("AUC and average precision know only the order, so they cannot show a wrong level.", "G1"),
        ),
        pitfalls=(
            "Accuracy as a metric: saying “no click” every time is right most of the time.",
            "Log losses compared between data sets whose click rates differ.",
            "Training on shown ads only, then scoring ads that an older model would never have shown.",
        ),
    ),
    "data": InterviewStep(
        questions=(
            "Which counters exist at the moment of the request, and how old are they?",
            "A click can come days later: what is the label of yesterday's exposure?",
            "How do you split the log?",
            "Do you keep all negatives, and what does dropping some of them do to the chances?",
            "Which fields have more values than you can give a row each?",
        ),
        decision="How far back does the model learn, from which share of the log, and split how?",
        knobs=("share", "negatives", "split", "features_from", "refresh_days"),
        remarks=(
            Claim("A random split flatters the model where ads and tastes drift.", "G15"),
            Claim("The fewer negatives are kept, the more clicks are predicted that never come.", "A5"),
            Claim("The coupons come from simulated shopping; every redemption was kept and one in ten others.",
                   JOURNEY.title),
        ),
        pitfalls=(
            "Counters that already include the click that is to be predicted.",
            "Exposures of the last days labelled “no click” because the click has not come yet.",
            "Household numbers hashed together with ad numbers into too few buckets.",
            "A campaign that lies on both sides of a random split.",
        ),
    ),
    "model": InterviewStep(
        questions=(
            "Start with logistic regression: what can it not express?",
            "How do you put a field with a million values into the model?",
            "What do trees give you that embeddings do not, and the other way round?",
            "Which features still help for an ad that started an hour ago?",
        ),
        decision="Which model earns its time per ad, and how large may its tables be?",
        knobs=("model", "trees", "features", "buckets", "dim", "compression"),
        remarks=(
            Claim("Where clicks depend on who meets what, a model of pairs beats logistic regression.", "A2"),
            Claim("What was counted before says much more than what is known of the moment.", "A6"),
            Claim("On Avazu the step from LR to FM is larger than all the steps after it together.", BARS.title),
        ),
        pitfalls=(
            "A deep network chosen where few clicks exist to learn its products from.",
            "The embedding table left out of the memory of a replica.",
            "Crosses added by hand where nothing interacts: they cost quality there.",
        ),
    ),
    "training": InterviewStep(
        questions=(
            "Which number tells you that a chance of 2 % is really 2 %?",
            "You dropped most negatives: how do you get the right level back?",
            "How much more log would lower the loss, and is it worth the training time?",
            "How many clicks does your test hold, and which difference can it show?",
            "Where does the calibrator get its data from?",
        ),
        decision="How much log to learn from, and how to set the level of the chances right?",
        knobs=("share", "negatives", "calibrator", "trees"),
        remarks=(
            Claim("A formula takes the sampling of negatives back out and leaves the order as it was.", "A5b"),
            Claim("The first trees gain most.", "A8"),
            Claim("On generated ads, what a smaller sample costs shrinks as the sample grows.", "A10b"),
        ),
        pitfalls=(
            "A calibrator fitted on the rows that taught the model.",
            "A gain smaller than its interval taken for progress.",
            "Calibration checked on average only: one group too high and another too low cancel.",
        ),
    ),
    "serving": InterviewStep(
        questions=(
            "A request has 40 eligible ads: do you score them all?",
            "Where do the counters live, and how old may they be?",
            "Could the scores be computed ahead, and what about an ad that started a minute ago?",
            "When does waiting for a fuller batch pay?",
        ),
        decision="Score at the request, look scores up, or look up and score only the new ads?",
        knobs=("serving", "candidates", "features_from", "batch", "compression"),
        remarks=(
            Claim("Scoring more ads never lowers the true worth of the best one among them.", "A14"),
            Claim("Larger batches answer more requests a second, each of them later.", "G9"),
            Claim("Scoring new ads at the request mends part of an old store of scores.", "G12c"),
        ),
        pitfalls=(
            "Training on counters of this second and serving from a table of last week.",
            "An ad without a stored score that wins or loses every auction by its default.",
            "The delay timer of a batch paid in full when traffic is low.",
        ),
    ),
    "monitoring": InterviewStep(
        questions=(
            "Which figure moves first when the model gets old?",
            "How often do you train again, and what does a week of delay cost?",
            "Takings rose and calibration got worse: do you ship it?",
            "A counter feed stops: what do you see, and how soon?",
        ),
        decision="What is watched by the hour, and what triggers training or a step back?",
        knobs=("retrain_days", "refresh_days", "calibrator"),
        remarks=(
            Claim("On drifting ads an older model predicts worse.", "A7"),
            Claim("Counters of now predict better than a table that is refreshed every four weeks.", "G12b"),
            Claim("On drifting ads an older store of scores predicts worse.", "G12"),
        ),
        pitfalls=(
            "Watching AUC alone: it does not move when every chance doubles.",
            "Predicted clicks over observed clicks read before the late clicks are in.",
            "A new campaign that looks like drift.",
        ),
    ),
}  # fmt: skip


def _learned(design: AdClick) -> AdClick:
    return design if design.model != "base" else replace(design, model="hybrid")


FRAMINGS = (
    Framing(
        "A calibrated chance",
        "In: person, ad and moment. Out: a chance of a click. Loss: cross-entropy over all exposures, then a Platt "
        "layer on exposures kept back.",
        lambda design: replace(_learned(design), negatives=1.0, calibrator="platt"),
    ),
    Framing(
        "A score that only orders",
        "The same input and loss, learnt from one negative in ten and served as it comes: good for an order, and no "
        "chance to multiply a bid with.",
        lambda design: replace(_learned(design), negatives=0.1, calibrator="none"),
    ),
)
BASKETS, SPEND, CATEGORY = "baskets, 30 days", "spend, 30 days", "days its category was bought"
AD_CLICKS, AD_SHOWS = "ad: clicks, 14 days", "ad: shows, 14 days"
KEY = (Column("exposure", "int", low=0, unique=True), Column("clicked", "int", 0, 1))
AGES = ("unknown", "19-24", "25-34", "35-44", "45-54", "55-64", "65+")
COUPON_COLUMNS = (
    *KEY, Column("day", "int", 1, 365), Column("type", "str", allowed=("Type A", "Type B", "Type C")),
    Column("age", "str", allowed=AGES), Column(BASKETS, "int", 0, 150), Column(SPEND, "int", 0, 3_000),
    Column(CATEGORY, "int", 0, 1_000),
)  # fmt: skip
GENERATED_COLUMNS = (
    *KEY, Column("day", "int", 0, 144), Column("segment", "int", 0, 7), Column("placement", "int", 0, 3),
    Column("device", "int", 0, 2), Column(AD_CLICKS, "int", 0, 500), Column(AD_SHOWS, "int", 0, 1_000),
)  # fmt: skip


def sample(design: AdClick, seed: int) -> Sample:
    """Exposures over the whole log with the counters that the design reads, at most 500, by day."""
    steps = stages(design, seed)
    log, rows = steps["world"].value, steps["taught"].value
    used = np.sort(np.concatenate([rows.train, rows.calibration, rows.test]))
    chosen = used[np.unique(np.linspace(0, len(used) - 1, SHOWN).astype(int))]
    parts = {"training": rows.train, "calibration": rows.calibration, "test": rows.test}
    columns = GENERATED_COLUMNS if generated(design) else COUPON_COLUMNS
    lag = LAGS.index(LAG_OF[design.refresh_days]) if stored(design) else 0
    return Sample(
        rows=tuple({each.name: _value(log, row, each.name, lag) for each in columns} for row in chosen.tolist()),
        columns=columns,
        split={name: len(part) for name, part in parts.items() if len(part)},
        labels="A click is a display that was answered: a coupon redeemed, or a generated ad clicked by its known "
        "chance. A click that came after the model was made counts as none.",
        leakage=f"Counters stop {_ago(LAGS[lag])} the exposure, and the model knows only clicks up to its cut. "
        + ("Here the days are shuffled, so later days teach earlier ones." if design.split == "random"
           else "The test lies after everything that was learnt from.")
        + f" Features: {FEATURES[design.features].lower()}.",
        spoil=spoil,
    )  # fmt: skip


def _ago(days: int) -> str:
    return {0: "at", 1: "a day before"}.get(days, f"{days} days before")


def _value(log: Log, row: int, name: str, lag: int) -> int | str:
    if name in log.counters:
        return int(log.counts[lag, row, log.counters.index(name)])
    if name in log.fields:
        code = int(log.codes[row, log.fields.index(name)])
        return code if name not in log.names else log.names[name][code] if code else "unknown"
    return int({"exposure": row, "clicked": log.clicked[row], "day": log.day[row]}[name])


def spoil(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows as a broken feed would bring them: sent twice, dated ahead, a counter missing or of another unit."""
    spoilt = [dict(row) for row in rows]
    counter = SPEND if SPEND in spoilt[0] else AD_SHOWS
    for row in spoilt[::7]:
        row["day"] += 365
    for row in spoilt[1::7]:
        row[counter] = None
    for row in spoilt[2::7]:
        row[counter] = (row[counter] + 1) * 10_000
    for before, row in zip(spoilt[2::7], spoilt[3::7], strict=False):
        row["exposure"] = before["exposure"]
    return spoilt


INTERVIEW = Interview(STOPS, FRAMINGS, sample, guardrail="calibration", curve_knob="share")
