"""The architecture of a visual search design: what is made ahead of time and what each request passes through."""

from __future__ import annotations

from core.cases.visual_search.design import VisualSearch
from core.cases.visual_search.model import ENCODERS
from core.contract.case import Measurement, median_text
from core.diagram import Box, Drawing, Edge
from core.stages.index import INDEXES


def draw(design: VisualSearch, measured: Measurement | None = None) -> Drawing:
    """Boxes appear with the knobs that need them; with a measurement they carry its figures."""
    online, stored = design.serving != "batch", design.serving != "online"
    searching = [
        Box("catalogue", "Catalogue images", "offline", shape="data"),
        Box("encode all", f"Encode: {ENCODERS[design.encoder].label}", "offline", f"{design.dim} dimensions"),
        Box("index", INDEXES[design.index].label, "offline", _megabytes(measured), shape="store"),
    ]
    edges = [Edge("catalogue", "encode all"), Edge("encode all", "index")]
    boxes = [*searching, Box("shopper", "Shopper's picture", "online", shape="person")]
    if stored:
        boxes += [
            Box("job", f"Batch job, every {design.refresh_h} h", "offline"),
            Box("store", "Precomputed results", "offline", "SQLite", shape="store", stale=design.arrivals > 0),
            Box("look up", "Look up", "online", median_text(measured, "look up")),
        ]
        edges += [Edge("index", "job"), Edge("job", "store"), Edge("store", "look up"), Edge("shopper", "look up")]
    if online:
        before = "look up" if stored else "shopper"
        label = f"Gather {design.batch}, encode" if design.batch > 1 else "Encode"
        boxes += [
            Box("encode", label, "online", median_text(measured, "encode")),
            Box("search", "ANN search", "online", median_text(measured, "search")),
        ]
        edges += [
            Edge(before, "encode", "new photos" if stored else ""),
            Edge("encode", "search"),
            Edge("index", "search"),
        ]
    if online and design.rerank:
        boxes += [
            Box("full", "Full vectors", "offline", shape="store"),
            Box("re-rank", f"Re-rank {design.rerank}", "online"),
        ]
        edges += [Edge("encode all", "full"), Edge("search", "re-rank"), Edge("full", "re-rank")]
    last = ("re-rank" if design.rerank else "search") if online else "look up"
    boxes.append(Box("answers", "Top 10 results", "online", shape="data"))
    edges.append(Edge(last, "answers"))
    if stored and online:
        edges.append(Edge("look up", "answers", "known photos"))
    return Drawing("Visual search as designed", tuple(boxes), tuple(edges))


def _megabytes(measured: Measurement | None) -> str:
    return "" if measured is None else f"replica {measured.memory_bytes / 1e6:.3g} MB"
