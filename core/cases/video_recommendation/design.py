"""The knobs of video recommendation, in the order of its funnel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.cases.video_recommendation.data import DATES, POPULARITY, SPLITS
from core.cases.video_recommendation.model.compression import PRECISIONS
from core.cases.video_recommendation.model.rankers import RANKERS
from core.contract.design import knob
from core.stages.index import INDEXES

SOURCES = {
    "popularity": "Most liked",
    "item_knn": "Item neighbours",
    "als": "ALS factors",
    "bpr": "BPR factors",
    "two_tower": "Two towers",
    "mlp": "Network over ALS factors",
}
RANKER_NAMES = {"none": "None", "lr": "Logistic regression", "gbdt": "Boosted trees"}
PRECISION_NAMES = {"fp32": "32 bits", "int8": "8 bits", "pruned": "Half pruned", "distilled": "Distilled"}
INDEX_KINDS = {name: INDEXES[name] for name in ("flat", "ivf_flat", "hnsw", "sq8")}
BY_VECTOR = ("als", "bpr", "two_tower")


def has_vectors(design: VideoRecommendation) -> bool:
    """True when candidates are found in an index of film vectors."""
    return design.source in BY_VECTOR


def has_width(design: VideoRecommendation) -> bool:
    """True when the source learns vectors."""
    return has_vectors(design) or design.source == "mlp"


@dataclass(frozen=True)
class VideoRecommendation:
    """One way to recommend videos. Defaults are a design that a sensible team would start with."""

    FORMER_DEFAULTS: ClassVar = {"1825d670": {"source": "als", "candidates": 100, "ranker": "lr"}}

    split: str = knob(
        "Split", SPLITS, "time", "data",
        "What is foreseen lies after what was learnt from, or anywhere: the second flatters.", names=SPLITS,
    )  # fmt: skip
    dates: str = knob(
        "Dates", DATES, "real", "data",
        "As people really came; each asking a week after the last like; or shuffled, so that nothing drifts.",
        names=DATES,
    )  # fmt: skip
    cold_share: float = knob(
        "Newcomers", (0.1, 0.3, 0.6), 0.3, "data",
        "Share of requests by people of whom only two likes are known; of the others it is half of theirs.",
        names={0.1: "10 %", 0.3: "30 %", 0.6: "60 %"},
    )  # fmt: skip
    popularity: str = knob(
        "Popularity", POPULARITY, "real", "data",
        "As skewed as it is, or the same real likes thinned until no film has more than another.", names=POPULARITY,
    )  # fmt: skip
    source: str = knob(
        "Candidates from", SOURCES, "two_tower", "model",
        "What proposes films: counts need no training, vectors can be searched, content knows new films.",
        names=SOURCES, main=True,
    )  # fmt: skip
    logq: str = knob(
        "Correction (logQ)", ("yes", "no"), "yes", "model",
        "Takes back that popular films are negatives more often when the towers are trained.",
        active=lambda d: d.source == "two_tower",
    )  # fmt: skip
    dim: int = knob(
        "Factors", (8, 16, 32, 48), 32, "representation",
        "Numbers a film: training, memory and search grow, quality flattens.", active=has_width, main=True,
    )  # fmt: skip
    precision: str = knob(
        "Network served as", PRECISIONS, "fp32", "representation",
        "Fewer bits, fewer weights or a smaller student: less memory, and some quality lost.",
        active=lambda d: d.source == "two_tower", names=PRECISION_NAMES,
    )  # fmt: skip
    index: str = knob(
        "Index", INDEX_KINDS, "flat", "lookup",
        "How the nearest films are found: by comparing with all, with some lists, along a graph, or short codes.",
        active=has_vectors, names={name: kind.label for name, kind in INDEX_KINDS.items()},
    )  # fmt: skip
    effort: int = knob(
        "Search effort", (4, 16, 64, 256), 16, "lookup",
        "How many lists are probed, or how wide the walk along the graph is: recall for time.",
        active=lambda d: has_vectors(d) and INDEX_KINDS[d.index].effort_name is not None,
        label_by=lambda d: INDEX_KINDS[d.index].effort_name or "Search effort",
    )  # fmt: skip
    candidates: int = knob(
        "Candidates N", (10, 20, 50, 100, 200), 200, "lookup",
        "Films passed to the ranker: more raise the ceiling, and each must be ranked.", main=True,
    )  # fmt: skip
    popular: int = knob(
        "Of these most liked", (0, 10, 20), 0, "lookup",
        "Places among the candidates kept for the most liked films: a second source, safe for newcomers.",
        active=lambda d: d.source != "popularity", names={0: "none"},
    )  # fmt: skip
    ranker: str = knob(
        "Ranker", RANKERS, "gbdt", "model",
        "What puts candidates in order: the source itself, or a model over eleven features of film and person.",
        names=RANKER_NAMES, main=True,
    )  # fmt: skip
    trees: int = knob(
        "Trees", (5, 20, 40, 80), 40, "model",
        "Boosted trees in the ranker: better chances by less and less, and time for each.",
        active=lambda d: d.ranker == "gbdt",
    )  # fmt: skip
    goal: str = knob(
        "Ranker learns", ("likes", "views"), "likes", "model",
        "What counts as right in its training: films that get four stars or more, or any that get watched.",
        active=lambda d: d.ranker != "none",
    )  # fmt: skip
    diversity: float = knob(
        "Diversity", (0.0, 0.2, 0.4, 0.6, 0.8), 0.0, "model",
        "Weight of being unlike the films chosen already (MMR): variety for relevance.", names={0.0: "off"}, main=True,
    )  # fmt: skip
    serving: str = knob(
        "Serving", ("online", "batch", "hybrid"), "online", "serving",
        "Run the funnel for each request, look up finished lists, or look up candidates and rank them now.", main=True,
    )  # fmt: skip
    refresh_h: int = knob(
        "Refresh every", (1, 24, 168), 24, "serving",
        "How often the store is written; it knows nothing that was liked since.",
        active=lambda d: d.serving != "online", names={1: "hour", 24: "night", 168: "week"},
    )  # fmt: skip
