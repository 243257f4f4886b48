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

DATA = {"coupons": "Coupons, simulated shopping", "generated": "Generated ads"}
SPLITS = {"time": "By time", "random": "At random"}
SHARES = {0.1: "2,400", 0.3: "7,200", 1.0: "24,000"}
NEGATIVES = {1.0: "all", 0.3: "30 %", 0.1: "10 %", 0.025: "2.5 %"}
DAYS = {1: "every day", 7: "every week", 28: "every 4 weeks", 112: "every 16 weeks"}
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
        "Coupons sent to households and redeemed or not, or ads drawn by a generator that knows every true chance.",
        names=DATA,
    )  # fmt: skip
    interactions: float = knob(
        "Interactions", (0.0, 0.5, 1.0), 1.0, "data",
        "How much a click depends on who meets what, beyond what person and ad add on their own.", active=generated,
        names={0.0: "none", 0.5: "half", 1.0: "full"},
    )  # fmt: skip
    drift: float = knob(
        "Drift", (0.0, 1.0, 3.0), 1.0, "data",
        "How fast ads come and go and tastes move; at none the world stands still.", active=generated,
        names={0.0: "none", 1.0: "1 ×", 3.0: "3 ×"},
    )  # fmt: skip
    split: str = knob(
        "Split", SPLITS, "time", "data",
        "Predict later days from earlier ones, as in production, or shuffle days together and flatter the model.",
        names=SPLITS,
    )  # fmt: skip
    outside: float = knob(
        "Outside offer", (0.0, 2.0, 5.0), 2.0, "data",
        "What somebody else pays for the slot, in average ads: below it no ad of ours should win.",
        names={0.0: "none", 2.0: "2 ads", 5.0: "5 ads"},
    )  # fmt: skip
    model: str = knob(
        "Model", MODELS, "hybrid", "model",
        "What turns features into a chance: better ones see interactions, and every ad scored pays for them.",
        names={name: kind.label for name, kind in MODELS.items()}, main=True,
    )  # fmt: skip
    trees: int = knob(
        "Trees", (10, 30, 100, 300), 100, "model",
        "Boosted trees of 12 leaves: the first ones gain most, each one is walked for every ad.", active=takes("trees"),
        main=True,
    )  # fmt: skip
    share: float = knob(
        "Exposures learnt from", SHARES, 1.0, "model",
        "A uniform sample of the past: less to train on, and fewer of the rare clicks in it.", names=SHARES,
    )  # fmt: skip
    negatives: float = knob(
        "Negatives kept", NEGATIVES, 1.0, "model",
        "Share of unclicked exposures to learn from: training gets cheap, and the chances come out too high.",
        names=NEGATIVES, active=lambda d: d.model != "base", main=True,
    )  # fmt: skip
    calibrator: str = knob(
        "Recalibration", CALIBRATORS, "platt", "model",
        "Undo the sampling by its formula, or learn a correction on the latest quarter, from a twin that never saw it.",
        names=CALIBRATORS, active=lambda d: d.model != "base", main=True,
    )  # fmt: skip
    compression: str = knob(
        "Network served as", COMPRESSIONS, "fp32", "model",
        "Smaller numbers, fewer numbers, or a small network taught by the large one: memory for a little quality.",
        names=COMPRESSIONS, active=takes("compression"),
    )  # fmt: skip
    features: str = knob(
        "Features", FEATURES, "all", "representation",
        "What was counted about the person and the ad before, what is known of the moment, or both.", names=FEATURES,
        active=lambda d: d.model != "base",
    )  # fmt: skip
    buckets: int = knob(
        "Hash buckets", (64, 256, 1_024, 4_096, 16_384), 4_096, "representation",
        "Rows of the one table that all values share: fewer take less memory and collide.", active=takes("buckets"),
    )  # fmt: skip
    dim: int = knob(
        "Embedding size", (2, 4, 8, 16), 8, "representation",
        "Numbers a bucket: memory grows in step, quality soon stops.", active=takes("dim"),
    )  # fmt: skip
    serving: str = knob(
        "Serving", SERVING, "online", "serving",
        "Score each request, look up scores made ahead, or look up and score only ads that are new.", names=SERVING,
        main=True,
    )  # fmt: skip
    candidates: int = knob(
        "Ads scored", (5, 10, 20, 40), 20, "lookup",
        "Of 40 eligible ads, how many a cheap rule passes on to the model: more find better winners, later.",
        active=lambda d: d.serving == "online", main=True,
    )  # fmt: skip
    features_from: str = knob(
        "Feature store", ("table", "streaming"), "streaming", "lookup",
        "Counters from a table that a job fills, or kept in memory and raised with every event.",
        names={"table": "SQLite table", "streaming": "Streaming counters"}, active=lambda d: d.serving == "online",
    )  # fmt: skip
    refresh_days: int = knob(
        "Store refreshed", (1, 7, 28), 1, "lookup",
        "How often the table of features or of scores is made again; between, it ages.",
        names={days: DAYS[days] for days in (1, 7, 28)}, active=stored,
    )  # fmt: skip
    retrain_days: int = knob(
        "Model retrained", (1, 7, 28, 112), 7, "serving",
        "How often the model learns again; it meets requests at half that age on average.", names=DAYS,
    )  # fmt: skip
    batch: int = knob(
        "Requests a batch", (1, 8, 64), 1, "serving",
        "Requests that wait for each other and are scored together: more a second, each of them later.",
        active=lambda d: d.serving == "online",
    )  # fmt: skip
