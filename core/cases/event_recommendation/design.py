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
        "Announced ahead by", (4, 10, 60), 10, "data",
        "Days from an event's announcement to its beginning: the longer, the more guests it has gathered when we rank.",
        names={4: "4 days", 10: "10 days", 60: "60 days"},
    )  # fmt: skip
    decay: float = knob(
        "Distance decay", (1.0, 2.0, 3.0), 2.0, "data",
        "How much people mind the way: strong, and nearly everything they attend is close by.",
        names={1.0: "weak", 2.0: "medium", 3.0: "strong"},
    )  # fmt: skip
    social: float = knob(
        "Pull of friends", (0.0, 1.0, 2.0), 1.0, "data",
        "How much it counts that friends are going.",
        names={0.0: "none", 1.0: "some", 2.0: "strong"},
    )  # fmt: skip
    curved: float = knob(
        "Non-linear tastes", (0.0, 0.5, 1.0), 1.0, "data",
        "Whether distance, price, hour and friends count in proportion, or with thresholds and interactions.",
        names={0.0: "in proportion", 0.5: "half", 1.0: "non-linear"},
    )  # fmt: skip
    drift: float = knob(
        "Drift of tastes", (0.0, 1.0, 2.0), 0.0, "data",
        "How fast topics come into and go out of fashion, in utility a month.",
        names={0.0: "none", 1.0: "slow", 2.0: "fast"},
    )  # fmt: skip
    judged: str = knob(
        "Judged by", ("evening", "later", "random"), "evening", "data",
        "What people would do this evening, or did with eight events shown: in a later week, or at random visits.",
        names={"evening": "the evening, all events", "later": "a later week", "random": "random visits"},
    )  # fmt: skip
    model: str = knob(
        "Ranker", MODELS, "gbdt", "model",
        "What puts the candidates in order: from rules by hand to boosted trees, a network and co-registration.",
        names={name: model.label for name, model in MODELS.items()}, main=True,
    )  # fmt: skip
    learnt_from: float = knob(
        "Visits learnt from", (0.1, 0.25, 0.5, 1.0), 1.0, "model",
        "A uniform sample of the training visits, each with all it showed: fewer train faster, and show fewer of the "
        "rare ways to a registration.",
        active=learns, names={0.1: "10 %", 0.25: "25 %", 0.5: "50 %", 1.0: "100 %"},
    )  # fmt: skip
    negatives: int = knob(
        "Negatives a registration", (1, 4, 0), 4, "model",
        "Rows without a registration that training keeps for each with one: fewer train faster and shift the chances.",
        active=lambda d: d.model in LEARNING, names={0: "all"},
    )  # fmt: skip
    correct: str = knob(
        "Correct the chances", ("yes", "no"), "yes", "model",
        "Put the left-out negatives back into the predicted chances by a formula.",
        active=lambda d: d.model in LEARNING,
    )  # fmt: skip
    features: str = knob(
        "Features", FEATURES, "all", "representation",
        "Groups of features the ranker may see: leave one out, or keep one only.",
        active=lambda d: d.model in SEEING, main=True,
    )  # fmt: skip
    compression: str = knob(
        "Network kept as", COMPRESSIONS, "fp32", "representation",
        "The whole network, its weights in 8 bits, a fifth of its weights, or a small network that learnt from it.",
        active=lambda d: d.model == "nn",
    )  # fmt: skip
    radius: int = knob(
        "Radius", (5, 10, 25, 50, 100, 200), 100, "lookup",
        "Kilometres around home in which events come into question: more can be found, more must be ranked.",
        names={r: f"{r} km" for r in (5, 10, 25, 50, 100, 200)}, main=True,
    )  # fmt: skip
    horizon: int = knob(
        "Horizon", (2, 7, 14, 90), 14, "lookup",
        "How many days ahead events may begin.",
        names={2: "2 days", 7: "7 days", 14: "14 days", 90: "any day"}, main=True,
    )  # fmt: skip
    expired: str = knob(
        "Events that have begun", ("drop", "keep"), "drop", "lookup",
        "Dropped when a request comes, or left for the ranker, which is told the hours left.",
        names={"drop": "dropped at the request", "keep": "left to the ranker"},
    )  # fmt: skip
    serving: str = knob(
        "Serving", SERVING, "online", "serving",
        "Rank for each request, look up lists computed ahead, or look up and put them in order now.", main=True,
    )  # fmt: skip
    refresh_h: int = knob(
        "Lists refreshed every", (6, 24, 72), 24, "serving",
        "How often lists for everybody are computed; a request meets one that is half as old on average.",
        active=precomputes, names={6: "6 hours", 24: "day", 72: "3 days"},
    )  # fmt: skip
    lag_h: int = knob(
        "Counts are late by", (0, 6, 24, 72), 0, "serving",
        "How old the counts of guests, friends and seats are: streaming features, or features of the last batch.",
        active=lambda d: d.serving != "batch", names={0: "streaming", 6: "6 hours", 24: "a day", 72: "3 days"},
        main=True,
    )  # fmt: skip
    retrain_days: int = knob(
        "Train every", (1, 7, 28), 1, "serving",
        "How often the ranker is trained; half of that is its mean age when a request comes.",
        active=learns, names={1: "day", 7: "week", 28: "4 weeks"},
    )  # fmt: skip
