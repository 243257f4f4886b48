"""The knobs of event recommendation, in the order of its pipeline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.cases.event_recommendation.features.pairs import GROUPS
from core.cases.event_recommendation.model.network import COMPRESSIONS
from core.cases.event_recommendation.model.scorers import MODELS
from core.contract.design import knob

SERVING = {"online": "online", "batch": "batch", "hybrid": "hybrid"}
FEATURES = ("all", *(f"no {group}" for group in GROUPS), *(f"{group} only" for group in GROUPS))
LEARNING = ("lr", "lr_buckets", "gbdt", "nn")  # models whose chances come from single rows
SEEING = (*LEARNING, "lambdamart")  # models that take whatever features they are given


def learns(design: EventRecommendation) -> bool:
    """True when the order comes from what was learnt, and not from one feature as it is."""
    return design.model not in ("popular", "nearest")


def precomputes(design: EventRecommendation) -> bool:
    """True when lists are computed ahead for everybody."""
    return design.serving != "online"


@dataclass(frozen=True)
class EventRecommendation:
    """One way to recommend events. Defaults are a design that a sensible team would start with."""

    FORMER_DEFAULTS: ClassVar = {"5ad94c3f": {"radius": 50}}

    life_days: int = knob(
        "Lead time", (4, 10, 60), 10, "data",
        "Days from an event's announcement to its start: the longer, the more registrations it has when we rank.",
        names={4: "4 days", 10: "10 days", 60: "60 days"},
    )  # fmt: skip
    decay: float = knob(
        "Distance decay", (1.0, 2.0, 3.0), 2.0, "data",
        "How fast attendance falls with distance: strong, and nearly all attended events are close by.",
        names={1.0: "weak", 2.0: "medium", 3.0: "strong"},
    )  # fmt: skip
    social: float = knob(
        "Social influence", (0.0, 1.0, 2.0), 1.0, "data",
        "How much friends who registered raise the probability of a registration.",
        names={0.0: "none", 1.0: "some", 2.0: "strong"},
    )  # fmt: skip
    curved: float = knob(
        "Non-linear tastes", (0.0, 0.5, 1.0), 1.0, "data",
        "Whether distance, price, hour and friends act linearly, or with thresholds and interactions.",
        names={0.0: "linear", 0.5: "half", 1.0: "non-linear"},
    )  # fmt: skip
    drift: float = knob(
        "Preference drift", (0.0, 1.0, 2.0), 0.0, "data",
        "How fast topics gain and lose popularity, in utility per month.",
        names={0.0: "none", 1.0: "slow", 2.0: "fast"},
    )  # fmt: skip
    judged: str = knob(
        "Evaluation protocol", ("evening", "later", "random"), "evening", "data",
        "All open events of one evening, or visits with eight events shown: a time split, or a random split.",
        names={"evening": "all events, one evening", "later": "time split", "random": "random split"},
    )  # fmt: skip
    model: str = knob(
        "Ranker", MODELS, "gbdt", "model",
        "Orders the candidates: hand-written rules, learnt rankers, a neural network, or matrix factorisation.",
        names={name: model.label for name, model in MODELS.items()}, main=True,
    )  # fmt: skip
    learnt_from: float = knob(
        "Training set size", (0.1, 0.25, 0.5, 1.0), 1.0, "model",
        "A uniform sample of the training visits, each with all events shown: fewer train faster, and hold fewer "
        "registrations.",
        active=learns, names={0.1: "10 %", 0.25: "25 %", 0.5: "50 %", 1.0: "100 %"},
    )  # fmt: skip
    negatives: int = knob(
        "Negatives per positive", (1, 4, 0), 4, "model",
        "Negative downsampling: fewer rows train faster and shift the predicted probabilities.",
        active=lambda d: d.model in LEARNING, names={0: "all"},
    )  # fmt: skip
    correct: str = knob(
        "Probability calibration", ("yes", "no"), "yes", "model",
        "Corrects predicted probabilities for the downsampled negatives by a formula.",
        active=lambda d: d.model in LEARNING,
    )  # fmt: skip
    features: str = knob(
        "Features", FEATURES, "all", "representation",
        "Feature groups of the ranker: all, one left out, or one alone.",
        active=lambda d: d.model in SEEING, main=True,
    )  # fmt: skip
    compression: str = knob(
        "Weight precision", COMPRESSIONS, "fp32", "representation",
        "fp32, int8, 80 % of the weights pruned, or a small distilled network.",
        active=lambda d: d.model == "nn",
        names={"pruned": "pruned 80 %"},
    )  # fmt: skip
    radius: int = knob(
        "Radius", (5, 10, 25, 50, 100, 200), 100, "lookup",
        "Geo filter around home, in km: a wider one raises the recall ceiling, and more events must be ranked.",
        names={r: f"{r} km" for r in (5, 10, 25, 50, 100, 200)}, main=True,
    )  # fmt: skip
    horizon: int = knob(
        "Horizon", (2, 7, 14, 90), 14, "lookup",
        "Time filter: how many days ahead events may start.",
        names={2: "2 days", 7: "7 days", 14: "14 days", 90: "any day"}, main=True,
    )  # fmt: skip
    expired: str = knob(
        "Expired events", ("drop", "keep"), "drop", "lookup",
        "Filtered out at the request, or left to the ranker, which has the hours left as a feature.",
        names={"drop": "filtered out", "keep": "left to the ranker"},
    )  # fmt: skip
    serving: str = knob(
        "Serving", SERVING, "online", "serving",
        "Rank per request, look up precomputed lists, or look up and re-rank now.", main=True,
    )  # fmt: skip
    refresh_h: int = knob(
        "Refresh interval", (6, 24, 72), 24, "serving",
        "How often the lists of all users are recomputed; their mean age at a request is half of it.",
        active=precomputes, names={6: "6 hours", 24: "day", 72: "3 days"},
    )  # fmt: skip
    lag_h: int = knob(
        "Feature lag", (0, 6, 24, 72), 0, "serving",
        "Age of the counts of registrations, friends and seats: streaming features, or the last batch job's.",
        active=lambda d: d.serving != "batch", names={0: "streaming", 6: "6 hours", 24: "a day", 72: "3 days"},
        main=True,
    )  # fmt: skip
    retrain_days: int = knob(
        "Retraining interval", (1, 7, 28), 1, "serving",
        "How often the ranker is trained; its mean age at a request is half of it.",
        active=learns, names={1: "day", 7: "week", 28: "4 weeks"},
    )  # fmt: skip
