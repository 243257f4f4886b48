"""The knobs of ad click prediction, in the order of its pipeline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from core.cases.ad_click.features import FEATURES
from core.cases.ad_click.model.calibration import CALIBRATORS
from core.cases.ad_click.model.compression import COMPRESSIONS
from core.cases.ad_click.model.kinds import MODELS
from core.contract.design import knob

DATA = {"coupons": "Coupons, simulated shopping", "generated": "Simulated ads"}
SPLITS = {"time": "By time", "random": "At random"}
SHARES = {0.1: "2,400", 0.3: "7,200", 1.0: "24,000"}
NEGATIVES = {1.0: "all", 0.3: "30 %", 0.1: "10 %", 0.025: "2.5 %"}
DAYS = {1: "1 day", 7: "1 week", 28: "4 weeks", 112: "16 weeks"}
SERVING = {"online": "Online", "batch": "Batch", "hybrid": "Hybrid"}


def generated(design: AdClick) -> bool:
    """True where the chance of every click is known."""
    return design.data == "generated"


def takes(name: str) -> Callable[[AdClick], bool]:
    """An `active` for a knob that only some models have."""
    return lambda design: name in MODELS[design.model].knobs


def stored(design: AdClick) -> bool:
    """True when something that ages is read from SQLite: features, scores or both."""
    return design.serving != "online" or design.features_from == "table"


@dataclass(frozen=True)
class AdClick:
    """One way to predict clicks. Defaults are a design that a sensible team would start with."""

    FORMER_DEFAULTS: ClassVar = {"84dfc6f4": {"trees": 30, "features_from": "table"}}

    data: str = knob(
        "Data", DATA, "coupons", "data",
        "Coupons sent to households and redeemed or not, or generated ads whose true click probabilities are known.",
        names=DATA,
    )  # fmt: skip
    interactions: float = knob(
        "Feature interactions", (0.0, 0.5, 1.0), 1.0, "data",
        "How much a click depends on user × ad interactions, beyond the main effects.", active=generated,
        names={0.0: "none", 0.5: "half", 1.0: "full"},
    )  # fmt: skip
    drift: float = knob(
        "Drift", (0.0, 1.0, 3.0), 1.0, "data",
        "How fast ads come and go and preferences move; at none the data is stationary.", active=generated,
        names={0.0: "none", 1.0: "1 ×", 3.0: "3 ×"},
    )  # fmt: skip
    split: str = knob(
        "Split", SPLITS, "time", "data",
        "Predict later days from earlier ones, as in production, or a random split, which is optimistic.",
        names=SPLITS,
    )  # fmt: skip
    outside: float = knob(
        "Competing bids", (0.0, 2.0, 5.0), 2.0, "data",
        "What a competing bidder pays for the slot, in mean expected values of an ad: the reserve of the auction.",
        names={0.0: "none", 2.0: "2 ads", 5.0: "5 ads"},
    )  # fmt: skip
    model: str = knob(
        "Model", MODELS, "hybrid", "model",
        "Predicts the click probability: stronger ones learn interactions, and every scored ad pays for them.",
        names={name: kind.label for name, kind in MODELS.items()}, main=True,
    )  # fmt: skip
    trees: int = knob(
        "Trees", (10, 30, 100, 300), 100, "model",
        "Boosted trees of 12 leaves: the first gain most, and every scored ad walks each one.", active=takes("trees"),
        main=True,
    )  # fmt: skip
    share: float = knob(
        "Training set size", SHARES, 1.0, "model",
        "A uniform sample of past exposures: faster training, and fewer of the rare clicks.", names=SHARES,
    )  # fmt: skip
    negatives: float = knob(
        "Negative downsampling rate", NEGATIVES, 1.0, "model",
        "Share of unclicked exposures kept: cheaper training, and predicted probabilities that are too high.",
        names=NEGATIVES, active=lambda d: d.model != "base", main=True,
    )  # fmt: skip
    calibrator: str = knob(
        "Calibration", CALIBRATORS, "platt", "model",
        "Undo the downsampling by its formula, or fit Platt or isotonic on the latest quarter, held out from training.",
        names=CALIBRATORS, active=lambda d: d.model != "base", main=True,
    )  # fmt: skip
    compression: str = knob(
        "Weight precision", COMPRESSIONS, "fp32", "model",
        "fp32, int8, pruned, or a distilled network: less memory for a little quality.",
        names=COMPRESSIONS, active=takes("compression"),
    )  # fmt: skip
    features: str = knob(
        "Features", FEATURES, "all", "representation",
        "Historical counters of user and ad, context of the request, or both.", names=FEATURES,
        active=lambda d: d.model != "base",
    )  # fmt: skip
    buckets: int = knob(
        "Hash buckets", (64, 256, 1_024, 4_096, 16_384), 4_096, "representation",
        "Rows of the shared embedding table: fewer take less memory and collide more.", active=takes("buckets"),
    )  # fmt: skip
    dim: int = knob(
        "Embedding size", (2, 4, 8, 16), 8, "representation",
        "Dimensions per bucket: memory grows linearly, quality flattens.", active=takes("dim"),
    )  # fmt: skip
    serving: str = knob(
        "Serving", SERVING, "online", "serving",
        "Score per request, look up precomputed scores, or look up and score only new ads.", names=SERVING,
        main=True,
    )  # fmt: skip
    candidates: int = knob(
        "Candidates scored", (5, 10, 20, 40), 20, "lookup",
        "Of 40 eligible ads, how many a cheap rule passes to the model: more find better winners at higher latency.",
        active=lambda d: d.serving == "online", main=True,
    )  # fmt: skip
    features_from: str = knob(
        "Feature store", ("table", "streaming"), "streaming", "lookup",
        "Counters from a table that a batch job fills, or streaming counters in memory.",
        names={"table": "SQLite table", "streaming": "Streaming counters"}, active=lambda d: d.serving == "online",
    )  # fmt: skip
    refresh_days: int = knob(
        "Refresh interval", (1, 7, 28), 1, "lookup",
        "How often the table of features or scores is recomputed; in between it ages.",
        names={days: DAYS[days] for days in (1, 7, 28)}, active=stored,
    )  # fmt: skip
    retrain_days: int = knob(
        "Retraining interval", (1, 7, 28, 112), 7, "serving",
        "How often the model is retrained; its mean age at a request is half of it.", names=DAYS,
    )  # fmt: skip
    batch: int = knob(
        "Batch size", (1, 8, 64), 1, "serving",
        "Requests scored together: higher throughput, higher latency for each.",
        active=lambda d: d.serving == "online",
    )  # fmt: skip
