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
    "popularity": "Most popular",
    "item_knn": "Item-kNN",
    "als": "ALS",
    "bpr": "BPR",
    "two_tower": "Two-tower",
    "mlp": "Neural re-scorer over ALS",
}
RANKER_NAMES = {"none": "None", "lr": "Logistic regression", "gbdt": "GBDT"}
PRECISION_NAMES = {"fp32": "fp32", "int8": "int8", "pruned": "pruned 50 %", "distilled": "distilled"}
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
        "Test likes lie after all training data, or anywhere: a random split is optimistic.", names=SPLITS,
    )  # fmt: skip
    dates: str = knob(
        "Timestamp handling", DATES, "real", "data",
        "Timestamps as recorded; every request a week after the last like; or shuffled, so that nothing drifts.",
        names=DATES,
    )  # fmt: skip
    cold_share: float = knob(
        "Cold-start users", (0.1, 0.3, 0.6), 0.3, "data",
        "Share of requests by users with only two known likes; of warm users half their likes are known.",
        names={0.1: "10 %", 0.3: "30 %", 0.6: "60 %"},
    )  # fmt: skip
    popularity: str = knob(
        "Popularity", POPULARITY, "real", "data",
        "Skewed as recorded, or the same likes thinned until no film has more than another.", names=POPULARITY,
    )  # fmt: skip
    source: str = knob(
        "Candidate generation", SOURCES, "two_tower", "model",
        "The first stage: counts need no training, embeddings can be searched by an index.",
        names=SOURCES, main=True,
    )  # fmt: skip
    logq: str = knob(
        "logQ correction", ("yes", "no"), "yes", "model",
        "Corrects for popular films being in-batch negatives more often.",
        active=lambda d: d.source == "two_tower",
    )  # fmt: skip
    dim: int = knob(
        "Embedding size", (8, 16, 32, 48), 32, "representation",
        "Dimensions per film: training time, memory and search time grow, quality flattens.", active=has_width,
        main=True,
    )  # fmt: skip
    precision: str = knob(
        "Weight precision", PRECISIONS, "fp32", "representation",
        "fp32, int8, half the weights pruned, or a distilled student: less memory for a little quality.",
        active=lambda d: d.source == "two_tower", names=PRECISION_NAMES,
    )  # fmt: skip
    index: str = knob(
        "ANN index", INDEX_KINDS, "flat", "lookup",
        "How the nearest films are found: exact scan, inverted lists, a graph, or short codes.",
        active=has_vectors, names={name: kind.label for name, kind in INDEX_KINDS.items()},
    )  # fmt: skip
    effort: int = knob(
        "nprobe / efSearch", (4, 16, 64, 256), 16, "lookup",
        "Lists probed (nprobe) or candidates kept on the graph walk (efSearch): recall for latency.",
        active=lambda d: has_vectors(d) and INDEX_KINDS[d.index].effort_name is not None,
        label_by=lambda d: INDEX_KINDS[d.index].effort_name or "nprobe / efSearch",
    )  # fmt: skip
    candidates: int = knob(
        "Candidates retrieved (N)", (10, 20, 50, 100, 200), 200, "lookup",
        "Films passed to the ranker: more raise recall@N, and each must be scored.", main=True,
    )  # fmt: skip
    popular: int = knob(
        "Popularity slots", (0, 10, 20), 0, "lookup",
        "Candidate slots reserved for the most popular films: a second source, safe for cold-start users.",
        active=lambda d: d.source != "popularity", names={0: "none"},
    )  # fmt: skip
    ranker: str = knob(
        "Ranker", RANKERS, "gbdt", "model",
        "Orders the candidates: the first stage's own scores, or a model over eleven features of user and film.",
        names=RANKER_NAMES, main=True,
    )  # fmt: skip
    trees: int = knob(
        "Trees", (5, 20, 40, 80), 40, "model",
        "Trees in the GBDT ranker: diminishing returns, and scoring time for each.",
        active=lambda d: d.ranker == "gbdt",
    )  # fmt: skip
    goal: str = knob(
        "Ranking label", ("likes", "views"), "likes", "model",
        "The positive label in training: films rated four stars or more, or any film watched.",
        active=lambda d: d.ranker != "none",
    )  # fmt: skip
    diversity: float = knob(
        "Diversity", (0.0, 0.2, 0.4, 0.6, 0.8), 0.0, "model",
        "MMR weight: how much dissimilarity to the films already chosen counts against relevance.", names={0.0: "off"},
        main=True,
    )  # fmt: skip
    serving: str = knob(
        "Serving", ("online", "batch", "hybrid"), "online", "serving",
        "Run the funnel per request, look up precomputed lists, or look up candidates and rank them now.", main=True,
    )  # fmt: skip
    refresh_h: int = knob(
        "Refresh interval", (1, 24, 168), 24, "serving",
        "How often the batch job recomputes the lists; they miss all likes since.",
        active=lambda d: d.serving != "online", names={1: "hour", 24: "night", 168: "week"},
    )  # fmt: skip
