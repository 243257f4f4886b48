"""The architecture of a video recommendation design: what is trained ahead and what each request passes through."""

from __future__ import annotations

from itertools import pairwise

from core.cases.video_recommendation.design import (
    INDEX_KINDS,
    RANKER_NAMES,
    SOURCES,
    VideoRecommendation,
    has_vectors,
    has_width,
)
from core.contract.case import Measurement, median_text
from core.diagram import Box, Drawing, Edge

REFRESH = {1: "every hour", 24: "every night", 168: "every week"}


def draw(design: VideoRecommendation, measured: Measurement | None = None) -> Drawing:
    """Boxes appear with the knobs that need them; with a measurement they carry its figures."""
    searching = _searching(design, measured)
    boxes, edges = [Box("log", "Ratings so far", "offline", shape="data"), *searching], []
    chain = ["log", *(box.id for box in searching)]
    edges += [Edge(one, other) for one, other in pairwise(chain)]
    boxes.append(Box("person", "A person's likes", "online", shape="person"))
    last = "person"
    if design.serving == "online":
        if has_vectors(design):
            boxes.append(Box("embed", "Embed user", "online", median_text(measured, "embed user")))
            edges += [Edge("person", "embed")]
            last = "embed"
        boxes.append(Box("find", f"Find {design.candidates}", "online", median_text(measured, "find candidates")))
        edges += [Edge(last, "find"), Edge(chain[-1], "find")]
        last = "find"
    else:
        note = "finished lists" if design.serving == "batch" else f"{design.candidates} candidates"
        boxes += [
            Box("job", f"Batch job, {REFRESH[design.refresh_h]}", "offline", "for everybody known"),
            Box("store", "Store by person", "offline", note, shape="store", stale=design.dates != "week"),
            Box("look up", "Look up", "online", median_text(measured, "look up")),
        ]
        edges += [Edge(chain[-1], "job"), Edge("job", "store"), Edge("store", "look up"), Edge("person", "look up")]
        last = "look up"
    return _ranking(design, measured, boxes, edges, last)


def _searching(design: VideoRecommendation, measured: Measurement | None) -> list[Box]:
    """The source, and the index over its vectors."""
    width = f"{design.dim} numbers a film" if has_width(design) else ""
    boxes = [Box("source", SOURCES[design.source], "offline", width)]
    if has_vectors(design):
        held = "" if measured is None or design.serving != "online" else f"replica {measured.memory_bytes / 1e6:.3g} MB"
        boxes.append(Box("index", INDEX_KINDS[design.index].label, "offline", held, shape="store"))
    return boxes


def _ranking(
    design: VideoRecommendation, measured: Measurement | None, boxes: list[Box], edges: list[Edge], last: str
) -> Drawing:
    """The ranker and the varied list, per request or before the store, and the ten films."""
    batch = design.serving == "batch"
    if design.ranker != "none":
        name = f"Rank: {RANKER_NAMES[design.ranker]}"
        boxes.append(Box("ranker", f"Train: {RANKER_NAMES[design.ranker]}", "offline", "on practice requests"))
        edges.append(Edge("log", "ranker"))
        if batch:
            edges.append(Edge("ranker", "job"))
        else:
            boxes.append(Box("rank", name, "online", median_text(measured, "rank")))
            edges += [Edge(last, "rank"), Edge("ranker", "rank")]
            last = "rank"
    if design.diversity and not batch:
        boxes.append(Box("vary", "Vary the list", "online", median_text(measured, "vary")))
        edges.append(Edge(last, "vary"))
        last = "vary"
    boxes.append(Box("ten", "Ten films", "online", shape="data"))
    edges.append(Edge(last, "ten"))
    return Drawing("Video recommendation as designed", tuple(boxes), tuple(edges))
