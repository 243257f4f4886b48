"""The architecture of a video search design: what is made ahead of time and what each request passes through."""

from __future__ import annotations

from collections.abc import Callable

from core.cases.video_search.design import VideoSearch, by_vectors, of_clips
from core.cases.video_search.model.texts import TEXT_ENCODERS
from core.cases.video_search.serve.fusion import FUSION_NAMES
from core.contract.case import Measurement, median_text
from core.diagram import Box, Drawing, Edge
from core.stages.index import INDEXES

Parts = tuple[list[Box], list[Edge]]


def draw(design: VideoSearch, measured: Measurement | None = None) -> Drawing:
    """Boxes appear with the knobs that need them; with a measurement they carry its figures."""
    boxes = [Box("videos", "Videos", "offline", shape="data"), Box("person", "Query", "online", shape="person")]
    edges: list[Edge] = []
    start, last = "person", ""
    made = [_add(boxes, edges, make(design)) for make in _makers(design)]
    if design.serving != "online":
        start = last = _add(boxes, edges, _stored(design, measured))
        edges += [Edge(store, "job") for store in made]
    if design.serving != "batch":
        channels = [_add(boxes, edges, find(design, measured, start)) for find in _finders(design)]
        last = _add(boxes, edges, _joined(design, measured, channels))
    boxes.append(Box("answers", "Ten videos", "online", shape="data"))
    edges.append(Edge(last, "answers"))
    if design.serving == "hybrid":
        edges.append(Edge("look up", "answers", "met before"))
    return Drawing("Video search as designed", tuple(boxes), tuple(edges))


def _add(boxes: list[Box], edges: list[Edge], parts: Parts) -> str:
    """Put the parts in and return the name of the last box."""
    boxes += parts[0]
    edges += parts[1]
    return boxes[-1].id


def _makers(design: VideoSearch) -> list[Callable[..., Parts]]:
    """What is made ahead of time, in any way of serving."""
    uses = {
        _inverted: design.fusion != "vectors",
        _index: by_vectors(design),
        _tokens: design.rerank > 0,
    }
    return [make for make, used in uses.items() if used]


def _finders(design: VideoSearch) -> list[Callable[..., Parts]]:
    """The channels that a search passes."""
    uses = {_by_words: design.fusion != "vectors", _by_vectors: by_vectors(design)}
    return [find for find, used in uses.items() if used]


def _inverted(design: VideoSearch) -> Parts:
    note = f"rebuilt every {design.refresh_h} h"
    return [Box("inverted", "Inverted index: BM25", "offline", note, shape="store")], [Edge("videos", "inverted")]


def _index(design: VideoSearch) -> Parts:
    pooling = "mean + temporal difference" if design.pooling == "change" else design.pooling
    captions = f"Encode captions: {TEXT_ENCODERS[design.encoder].label}"
    seen = f"Look at {design.frames} frames, pool: {pooling}" if of_clips(design) else captions
    return [
        Box("embed", seen, "offline", f"{design.dim} dimensions"),
        Box("index", INDEXES[design.index].label, "offline", f"rebuilt every {design.refresh_h} h", shape="store"),
    ], [Edge("videos", "embed"), Edge("embed", "index")]


def _tokens(design: VideoSearch) -> Parts:
    label = "Words and frames of each video" if of_clips(design) else "Words of each film"
    return [Box("tokens", label, "offline", shape="store")], [Edge("videos", "tokens")]


def _by_words(design: VideoSearch, measured: Measurement | None, start: str) -> Parts:
    box = Box("find by words", "BM25 search", "online", median_text(measured, "find by words"))
    return [box], [Edge(start, "find by words"), Edge("inverted", "find by words")]


def _by_vectors(design: VideoSearch, measured: Measurement | None, start: str) -> Parts:
    return [
        Box("encode", f"Encode: {TEXT_ENCODERS[design.encoder].label}", "online", median_text(measured, "encode")),
        Box("find by vectors", "Dense search", "online", median_text(measured, "find by vectors")),
    ], [Edge(start, "encode"), Edge("encode", "find by vectors"), Edge("index", "find by vectors")]


def _joined(design: VideoSearch, measured: Measurement | None, channels: list[str]) -> Parts:
    """What follows the channels: fusion where there are two, and the re-rank."""
    boxes, edges = [], []
    if len(channels) == 2:
        weight = f", BM25 weight {design.alpha:g}" if design.fusion == "weighted" else ""
        boxes.append(Box("fuse", f"{FUSION_NAMES[design.fusion]}{weight}", "online", median_text(measured, "fuse")))
        edges += [Edge(channel, "fuse") for channel in channels]
        channels = ["fuse"]
    if design.rerank:
        label = f"Late interaction, {design.rerank} deep"
        boxes.append(Box("re-rank", label, "online", median_text(measured, "re-rank")))
        edges += [Edge(channels[0], "re-rank"), Edge("tokens", "re-rank")]
        channels = ["re-rank"]
    boxes.append(Box("top", "Top ten", "online"))
    return boxes, [*edges, Edge(channels[0], "top")]


def _stored(design: VideoSearch, measured: Measurement | None) -> Parts:
    return [
        Box("job", f"Batch job, every {design.refresh_h} h", "offline", "queries met before"),
        Box("store", "Answers by query", "offline", "SQLite", shape="store", stale=design.new_share > 0),
        Box("look up", "Look up", "online", median_text(measured, "look up")),
    ], [Edge("job", "store"), Edge("store", "look up"), Edge("person", "look up")]
