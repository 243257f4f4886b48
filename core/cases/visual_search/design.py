"""The knobs of visual search, in the order of its pipeline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.cases.visual_search.model import ENCODERS
from core.contract.design import knob
from core.stages.embed import REDUCERS
from core.stages.index import EFFORTS, INDEXES

DATASETS = {
    "drawings": "Emoji by three artists",
    "fashion": "Fashion photos",
    "emoji": "Emoji by two artists",
    "textures": "Drawn textures",
}


def trained(design: VisualSearch) -> bool:
    """True when the contrastive loss is used, for the whole encoder or for the reduction alone."""
    return design.encoder == "contrastive" or design.reduce == "retrain"


def has_effort(design: VisualSearch) -> bool:
    """True when the index has an effort to turn and a search uses it."""
    return INDEXES[design.index].effort_name is not None


def effort_label(design: VisualSearch) -> str:
    """The field's name of the effort of the design's index: nprobe or efSearch."""
    return INDEXES[design.index].effort_name or "nprobe / efSearch"


@dataclass(frozen=True)
class VisualSearch:
    """One way to build visual search. Defaults are a design that a sensible team would start with."""

    FORMER_DEFAULTS: ClassVar = {"10dfe1c6": {"dataset": "fashion", "encoder": "hog", "reduce": "pca"}}

    dataset: str = knob(
        "Data set", DATASETS, "drawings", "data",
        "3D emoji among two other artists' drawings; grey product photos, where right means the same kind; one "
        "artist's emoji among another's; textures of a known intrinsic dimension.",
        names=DATASETS,
    )  # fmt: skip
    catalogue: int = knob(
        "Catalogue", (2_000, 5_000, 10_000, 20_000), 10_000, "data",
        "Images that are searched. Of three artists they are always 3,704, of two 1,911.",
        active=lambda d: d.dataset in ("fashion", "textures"),
    )  # fmt: skip
    intrinsic_dim: int = knob(
        "Intrinsic dimension", (4, 16, 64), 16, "data",
        "How many numbers really make a texture; a larger embedding than this has nothing left to hold.",
        active=lambda d: d.dataset == "textures",
    )  # fmt: skip
    label_noise: float = knob(
        "Label noise", (0.0, 0.1, 0.3), 0.0, "data",
        "Share of training labels that are wrong. The labels that grade the answers stay right.",
        names={0.0: "none", 0.1: "10 %", 0.3: "30 %"},
    )  # fmt: skip
    arrivals: float = knob(
        "Corpus growth per day", (0.0, 0.02, 0.1), 0.02, "data",
        "Share of the catalogue, and of the query images, that is new each day; a snapshot misses the newest.",
        names={0.0: "none", 0.02: "2 %", 0.1: "10 %"},
    )  # fmt: skip
    uploads: float = knob(
        "Uploaded photos", (0.0, 0.3, 1.0), 0.3, "data",
        "Share of requests with a photo of the visitor's own. No precomputed table holds its answers.",
        names={0.0: "none", 0.3: "30 %", 1.0: "all"},
    )  # fmt: skip
    encoder: str = knob(
        "Encoder", ENCODERS, "lite0", "model",
        "What turns an image into a vector: a better one finds more, and every request pays for it.", main=True,
        names={name: encoder.label for name, encoder in ENCODERS.items()},
        barred=lambda d: ("lite0",) if d.dataset == "textures" else (),  # vectors of drawn textures are not shipped
    )  # fmt: skip
    temperature: float = knob(
        "Temperature", (0.02, 0.05, 0.1, 0.2, 0.5), 0.1, "model",
        "Temperature of the contrastive loss: lower weighs the hardest negatives more.", active=trained,
    )  # fmt: skip
    negatives: int = knob(
        "Negatives", (1, 7, 63, 255), 63, "model",
        "Negatives per training example: other images that its vector is pushed away from.", active=trained,
    )  # fmt: skip
    hard_share: float = knob(
        "Hard negatives", (0.0, 0.5, 1.0), 0.0, "model",
        "Share of negatives mined among the nearest images; some of them are false negatives.",
        active=trained, names={0.0: "none", 0.5: "half", 1.0: "all"},
    )  # fmt: skip
    dim: int = knob(
        "Embedding size", (8, 16, 32, 64, 128), 64, "representation",
        "Dimensions per vector: memory and scan time grow linearly, quality flattens.", main=True,
    )  # fmt: skip
    reduce: str = knob(
        "Dimension reduction", REDUCERS, "retrain", "representation",
        "How the encoder's vector becomes that small: truncated, rotated by PCA first, or projected by a trained map.",
        names={name: each.label for name, each in REDUCERS.items()},
    )  # fmt: skip
    index: str = knob(
        "ANN index", INDEXES, "ivf_flat", "lookup",
        "How neighbours are found: exact scan, inverted lists, a graph, or short codes.", main=True,
        names={name: kind.label for name, kind in INDEXES.items()},
    )  # fmt: skip
    effort: int = knob(
        "nprobe / efSearch", EFFORTS, 16, "lookup",
        "Lists probed (nprobe) or candidates kept on the graph walk (efSearch): recall for latency.",
        active=has_effort, label_by=effort_label, main=True,
    )  # fmt: skip
    rerank: int = knob(
        "Re-rank depth", (0, 20, 50, 100, 200), 0, "lookup",
        "Candidates re-ranked by the encoder's full vectors, which must then be kept in memory.", main=True,
        names={0: "off"},
    )  # fmt: skip
    serving: str = knob(
        "Serving", ("online", "batch", "hybrid"), "online", "serving",
        "Search per request, look up precomputed answers, or look up and search only for what is new.",
        main=True,
    )  # fmt: skip
    refresh_h: int = knob(
        "Refresh interval (h)", (1, 24, 168), 24, "serving",
        "How often the batch job recomputes the answers; between refreshes they age.",
        active=lambda d: d.serving != "online",
    )  # fmt: skip
    ingest_min: int = knob(
        "Ingestion lag (min)", (1, 15, 240), 15, "serving",
        "How long a new image waits until the index holds it: streaming updates, or small batches.",
        active=lambda d: d.serving != "batch",
    )  # fmt: skip
    batch: int = knob(
        "Batch size", (1, 8, 64), 1, "serving",
        "Requests encoded and searched together: higher throughput, higher latency for each.",
        active=lambda d: d.serving == "online",
    )  # fmt: skip
