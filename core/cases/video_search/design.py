"""The knobs of video search, in the order of its pipeline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.cases.video_search.features import POOL_NAMES, POOLS
from core.cases.video_search.model.texts import TEXT_ENCODERS
from core.cases.video_search.serve.fusion import FUSION_NAMES, FUSIONS
from core.contract.design import knob
from core.datasets.minilm import why_not_full_minilm, why_not_minilm
from core.stages.index import EFFORTS, INDEXES

DATASETS = {"clips": "2,000 clips of emoji", "films": "17,472 films"}
SHARES = {0.0: "none", 0.1: "10 %", 0.15: "15 %", 0.2: "20 %", 0.3: "30 %", 0.5: "50 %", 0.6: "60 %", 1.0: "all"}
SENTENCE = ("minilm", "minilm_fp32")  # encoders that read a whole text, 256 numbers each
DRAWINGS = {0.1: "10 %", 0.25: "25 %", 0.5: "50 %", 1.0: "all"}


def of_clips(design: VideoSearch) -> bool:
    """True where the videos have frames to look at."""
    return design.dataset == "clips"


def by_vectors(design: VideoSearch) -> bool:
    """True where the channel of vectors takes part."""
    return design.fusion != "words"


def sees_frames(design: VideoSearch) -> bool:
    """True where frames are looked at, for the channel of vectors or to re-rank."""
    return of_clips(design) and (by_vectors(design) or design.rerank > 0)


def barred_encoders(design: VideoSearch) -> tuple[str, ...]:
    """MiniLM where it cannot run; in fp32 a fresh run has no time to encode 17,000 films."""
    barred = {"minilm": why_not_minilm(), "minilm_fp32": not of_clips(design) or why_not_full_minilm()}
    return tuple(name for name, why in barred.items() if why)


def reads_sentences(design: VideoSearch) -> bool:
    """True where queries are read by MiniLM."""
    return by_vectors(design) and design.encoder in SENTENCE


def barred_depths(design: VideoSearch) -> tuple[int, ...]:
    """A fresh run over clips, which are watched as well, has time for MiniLM or for a re-rank."""
    return (20, 50, 100) if of_clips(design) and reads_sentences(design) else ()


def barred_frames(design: VideoSearch) -> tuple[int, ...]:
    """A thousand queries read by MiniLM leave no time to watch that much."""
    return (8, 16) if reads_sentences(design) else ()


@dataclass(frozen=True)
class VideoSearch:
    """One way to build video search. Defaults are a design that a sensible team would start with."""

    FORMER_DEFAULTS: ClassVar = {"81bae0d8": {"dataset": "clips", "rerank": 0}}

    dataset: str = knob(
        "Data set", DATASETS, "films", "data",
        "Real films, of which only text is known; or clips of one to three emoji in motion, with title and tags.",
        names=DATASETS,
    )  # fmt: skip
    missing: float = knob(
        "Missing metadata", (0.0, 0.3, 0.6, 1.0), 0.3, "data",
        "Share of the clips that were uploaded without title and tags.", active=of_clips, names=SHARES,
    )  # fmt: skip
    wrong: float = knob(
        "Wrong metadata", (0.0, 0.1, 0.3), 0.1, "data",
        "Share of the clips that carry the title and tags of another clip.", active=of_clips, names=SHARES,
    )  # fmt: skip
    order: float = knob(
        "Temporal queries", (0.0, 0.2, 0.6), 0.2, "data",
        "Share of the queries that say what comes first, for clips that another clip plays in reverse.",
        active=of_clips, names=SHARES,
    )  # fmt: skip
    new_share: float = knob(
        "New videos", (0.0, 0.1, 0.3), 0.1, "data",
        "Share of the videos, and so of the queries, that are less than a day old.", names=SHARES,
    )  # fmt: skip
    tail: float = knob(
        "Unseen queries", (0.0, 0.15, 0.5), 0.15, "data",
        "Share of the queries that nobody has typed before; no store can know them.", names=SHARES,
    )  # fmt: skip
    fusion: str = knob(
        "Retrieval", FUSIONS, "weighted", "model",
        "BM25 over an inverted index, dense vectors, or both: fused by a weighted sum of scores or by rank (RRF).",
        names=FUSION_NAMES, main=True,
    )  # fmt: skip
    alpha: float = knob(
        "BM25 weight", (0.1, 0.3, 0.5, 0.7, 0.9), 0.7, "model",
        "Share of the BM25 score in the weighted sum; the dense score has the rest.",
        active=lambda d: d.fusion == "weighted", main=True,
    )  # fmt: skip
    encoder: str = knob(
        "Query encoder", TEXT_ENCODERS, "static", "model",
        "The better it understands paraphrases, the longer a request takes. fp32 is for clips: you would wait for "
        "17,000 films, and a first run over the clips takes half a minute.",
        active=by_vectors, names={name: encoder.label for name, encoder in TEXT_ENCODERS.items()},
        barred=barred_encoders, main=True,
    )  # fmt: skip
    rerank: int = knob(
        "Re-rank depth", (0, 20, 50, 100), 50, "lookup",
        "Candidates compared word by word and frame by frame: quality for latency, bounded by what was found. Over "
        "clips not beside MiniLM, which takes all the time of a fresh run.",
        names={0: "off"}, barred=barred_depths, main=True,
    )  # fmt: skip
    learnt_from: float = knob(
        "Training set size", DRAWINGS, 1.0, "model",
        "A uniform sample of the captioned drawings that teach the frame encoder: what clips show beyond it was never "
        "named, and is said by what it is like.", active=sees_frames, names=DRAWINGS,
    )  # fmt: skip
    frames: int = knob(
        "Frames sampled", (1, 2, 4, 8, 16), 4, "representation",
        "Frames of each clip that are looked at; the cost of indexing grows with every one. Beside MiniLM at most 4.",
        active=sees_frames, barred=barred_frames,
    )  # fmt: skip
    pooling: str = knob(
        "Pooling", POOLS, "mean", "representation",
        "How frames become one vector. With the change from first to second half, order can be asked for.",
        active=lambda d: of_clips(d) and by_vectors(d), names=POOL_NAMES,
    )  # fmt: skip
    dim: int = knob(
        "Embedding size", (32, 64, 128, 256), 128, "representation",
        "Leading dimensions kept of each vector: memory and scan time for quality. Only MiniLM has more than 128, and "
        "over 17,000 films too many to search in a fresh run.",
        active=by_vectors, barred=lambda d: () if d.encoder in SENTENCE and of_clips(d) else (256,), main=True,
    )  # fmt: skip
    index: str = knob(
        "ANN index", INDEXES, "flat", "lookup",
        "How near vectors are found: by comparing with all, with some lists, along a graph, or among short codes.",
        active=by_vectors, names={name: kind.label for name, kind in INDEXES.items()},
    )  # fmt: skip
    effort: int = knob(
        "nprobe / efSearch", EFFORTS, 16, "lookup",
        "Inverted lists probed (nprobe) or candidates kept on the graph walk (efSearch): recall for latency.",
        active=lambda d: by_vectors(d) and INDEXES[d.index].effort_name is not None,
        label_by=lambda d: INDEXES[d.index].effort_name or "nprobe / efSearch",
    )  # fmt: skip
    serving: str = knob(
        "Serving", ("online", "batch", "hybrid"), "online", "serving",
        "Search for each request, look up what was computed for queries met before, or search only for the others.",
        main=True,
    )  # fmt: skip
    refresh_h: int = knob(
        "Refresh interval (h)", (1, 24, 168), 1, "serving",
        "How often the indexes, and the store if there is one, are rebuilt; newer videos are not found.",
    )  # fmt: skip
