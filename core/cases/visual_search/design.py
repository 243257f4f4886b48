"""The knobs of visual search, in the order of its pipeline."""

from __future__ import annotations

from dataclasses import dataclass

from core.cases.visual_search.model import ENCODERS
from core.contract.design import knob
from core.stages.embed import REDUCERS
from core.stages.index import EFFORTS, INDEXES

DATASETS = {
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


@dataclass(frozen=True)
class VisualSearch:
    """One way to build visual search. Defaults are a design that a sensible team would start with."""

    dataset: str = knob(
        "Data set", DATASETS, "fashion", "data",
        "Product photos where right means the same kind; emoji where right means the same glyph by another artist; "
        "textures whose number of hidden dimensions is known.",
        names=DATASETS,
    )  # fmt: skip
    catalogue: int = knob(
        "Catalogue", (2_000, 5_000, 10_000, 20_000), 10_000, "data",
        "Images that are searched. The emoji are always 1,911.",
        active=lambda d: d.dataset != "emoji",
    )  # fmt: skip
    intrinsic_dim: int = knob(
        "Hidden dimensions", (4, 16, 64), 16, "data",
        "How many numbers really make a texture; a larger embedding than this has nothing left to hold.",
        active=lambda d: d.dataset == "textures",
    )  # fmt: skip
    label_noise: float = knob(
        "Label noise", (0.0, 0.1, 0.3), 0.0, "data",
        "Share of training labels that are wrong. The labels that grade the answers stay right.",
        names={0.0: "none", 0.1: "10 %", 0.3: "30 %"},
    )  # fmt: skip
    arrivals: float = knob(
        "New images a day", (0.0, 0.02, 0.1), 0.02, "data",
        "Share of the catalogue that is replaced in a day, and of the pictures pointed at; nothing knows the newest.",
        names={0.0: "none", 0.02: "2 %", 0.1: "10 %"},
    )  # fmt: skip
    uploads: float = knob(
        "Uploaded photos", (0.0, 0.3, 1.0), 0.3, "data",
        "Share of the requests that bring a photo of the visitor's own. No store can have computed its answers.",
        names={0.0: "none", 0.3: "30 %", 1.0: "all"},
    )  # fmt: skip
    encoder: str = knob(
        "Encoder", ENCODERS, "hog", "model",
        "What turns an image into a vector: a better one finds more, and every request pays for it.",
        names={name: encoder.label for name, encoder in ENCODERS.items()},
        barred=lambda d: ("lite0",) if d.dataset == "textures" else (),  # vectors of drawn textures are not shipped
    )  # fmt: skip
    temperature: float = knob(
        "Temperature", (0.02, 0.05, 0.1, 0.2, 0.5), 0.1, "model",
        "How sharply the training loss looks at the hardest negatives.", active=trained,
    )  # fmt: skip
    negatives: int = knob(
        "Negatives", (1, 7, 63, 255), 63, "model",
        "Other images of the batch that each training example is told to move away from.", active=trained,
    )  # fmt: skip
    hard_share: float = knob(
        "Hard negatives", (0.0, 0.5, 1.0), 0.0, "model",
        "Share of the negatives picked among the nearest images, some of which are not negatives at all.",
        active=trained, names={0.0: "none", 0.5: "half", 1.0: "all"},
    )  # fmt: skip
    dim: int = knob(
        "Embedding size", (8, 16, 32, 64, 128), 64, "representation",
        "Numbers kept a vector: memory and scan time grow in step, quality flattens.",
    )  # fmt: skip
    reduce: str = knob(
        "Reduced by", REDUCERS, "pca", "representation",
        "How the encoder's vector becomes that small: cut off, rotated first, or trained at that size.",
        names={name: each.label for name, each in REDUCERS.items()},
    )  # fmt: skip
    index: str = knob(
        "Index", INDEXES, "ivf_flat", "lookup",
        "How neighbours are found: by comparing with all, with some lists, along a graph, or among short codes.",
        names={name: kind.label for name, kind in INDEXES.items()},
    )  # fmt: skip
    effort: int = knob(
        "Search effort", EFFORTS, 16, "lookup",
        "Lists probed (nprobe) or the width of the graph walk (efSearch): recall for time.", active=has_effort,
    )  # fmt: skip
    rerank: int = knob(
        "Re-rank depth", (0, 20, 50, 100, 200), 0, "lookup",
        "Candidates put in order again by the encoder's full vectors, which must then be kept in memory.",
        names={0: "off"},
    )  # fmt: skip
    serving: str = knob(
        "Serving", ("online", "batch", "hybrid"), "online", "serving",
        "Search for each request, look up what was computed ahead, or look up and search only for what is new.",
    )  # fmt: skip
    refresh_h: int = knob(
        "Refresh every (h)", (1, 24, 168), 24, "serving",
        "How often the store is computed again; between refreshes it ages.", active=lambda d: d.serving != "online",
    )  # fmt: skip
    ingest_min: int = knob(
        "Ingestion lag (min)", (1, 15, 240), 15, "serving",
        "How long a new image waits until the index finds it: a stream of updates, or small batches.",
        active=lambda d: d.serving != "batch",
    )  # fmt: skip
    batch: int = knob(
        "Requests a batch", (1, 8, 64), 1, "serving",
        "Requests that wait for each other and are searched together: more a second, each of them later.",
        active=lambda d: d.serving == "online",
    )  # fmt: skip
