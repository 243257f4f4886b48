"""The architecture of a similar listings design: what happens every night and what each page view passes through."""

from __future__ import annotations

from core.cases.similar_listings.design import SimilarListings, from_sessions, searches, trained
from core.cases.similar_listings.model.cold_start import COLD_STARTS
from core.cases.similar_listings.model.similarity import MODELS
from core.cases.similar_listings.serve.filters import FILTERS
from core.contract.case import Measurement, median_text
from core.diagram import Box, Drawing, Edge

EVERY = {1: "every day", 7: "every week", 28: "every 4 weeks"}


def draw(design: SimilarListings, measured: Measurement | None = None) -> Drawing:
    """Boxes appear with the knobs that need them; with a measurement they carry its figures."""
    boxes, edges = _learning(design)
    boxes.append(Box("guest", "Guest on a page", "online", shape="person"))
    more_boxes, more_edges = {"online": _online, "batch": _batch, "hybrid": _hybrid}[design.serving](design, measured)
    boxes += [*more_boxes, Box("carousel", "Twelve homes", "online", shape="data")]
    return Drawing("Similar listings as designed", tuple(boxes), (*edges, *more_edges))


def _learning(design: SimilarListings) -> tuple[list[Box], list[Edge]]:
    """From homes and sessions to similarity."""
    source, label = ("sessions", "Click sessions") if from_sessions(design) else ("homes", "Homes' attributes")
    note = f"{design.dim} numbers each" if trained(design) else ""
    learn = f"{MODELS[design.model].label}, {EVERY[design.retrain_days]}"
    boxes = [
        Box(source, label, "offline", "60 days" if from_sessions(design) else "", shape="data"),
        Box("learn", learn, "offline", note, stale=from_sessions(design) and design.turnover > 0),
    ]
    edges = [Edge(source, "learn")]
    if from_sessions(design) and design.cold_start != "none":
        boxes.append(Box("cold", f"New homes: {COLD_STARTS[design.cold_start].label.lower()}", "offline"))
        edges.append(Edge("learn", "cold"))
    return boxes, edges


def _learnt(design: SimilarListings) -> str:
    return "cold" if from_sessions(design) and design.cold_start != "none" else "learn"


def _online(design: SimilarListings, measured: Measurement | None) -> tuple[list[Box], list[Edge]]:
    index = FILTERS[design.filter].label if searches(design) else "Tables of co-clicks"
    boxes = [
        Box("index", index, "offline", _replica(measured), shape="store"),
        Box("read", "Read the session", "online", median_text(measured, "read session")),
        Box("search", "Search and filter", "online", median_text(measured, "search")),
    ]
    edges = [
        Edge(_learnt(design), "index"),
        Edge("guest", "read"),
        Edge("read", "search"),
        Edge("index", "search"),
        Edge("search", "carousel"),
    ]
    return boxes, edges


def _store(design: SimilarListings) -> tuple[list[Box], list[Edge]]:
    boxes = [
        Box("job", f"{design.fetch} neighbours of every home", "offline"),
        Box("store", "Neighbours by home", "offline", "SQLite", shape="store", stale=design.turnover > 0),
    ]
    return boxes, [Edge(_learnt(design), "job"), Edge("job", "store")]


def _batch(design: SimilarListings, measured: Measurement | None) -> tuple[list[Box], list[Edge]]:
    boxes, edges = _store(design)
    boxes += [
        Box("look up", "Look up", "online", median_text(measured, "look up")),
        Box("filter", "Keep the free ones", "online", median_text(measured, "filter")),
    ]
    edges += [
        Edge("guest", "look up"),
        Edge("store", "look up"),
        Edge("look up", "filter"),
        Edge("filter", "carousel"),
    ]
    return boxes, edges


def _hybrid(design: SimilarListings, measured: Measurement | None) -> tuple[list[Box], list[Edge]]:
    boxes, edges = _store(design)
    vectors = "Vectors" if design.model != "coclick" else "Tables of co-clicks"
    boxes += [
        Box("vectors", vectors, "offline", _replica(measured), shape="store"),
        Box("read", "Read the session", "online", median_text(measured, "read session")),
        Box("look up", "Look up", "online", median_text(measured, "look up")),
        Box("order", "Filter, put in order", "online", median_text(measured, "put in order")),
    ]
    edges += [
        Edge(_learnt(design), "vectors"), Edge("guest", "read"), Edge("read", "look up"), Edge("store", "look up"),
        Edge("look up", "order"), Edge("vectors", "order"), Edge("order", "carousel"),
    ]  # fmt: skip
    return boxes, edges


def _replica(measured: Measurement | None) -> str:
    return "" if measured is None else f"replica {measured.memory_bytes / 1e6:.3g} MB"
