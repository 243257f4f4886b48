"""The architecture of a blurring design: what a photo passes through, ahead of time and on upload."""

from __future__ import annotations

from core.cases.street_view_blurring.design import StreetViewBlurring
from core.cases.street_view_blurring.model.detectors import DETECTORS
from core.cases.street_view_blurring.pipeline import detectors
from core.contract.case import Measurement, median_text
from core.diagram import Box, Drawing, Edge


def draw(design: StreetViewBlurring, measured: Measurement | None = None) -> Drawing:
    """Boxes appear with the knobs that need them; with a measurement they carry its figures."""
    boxes: list[Box] = []
    edges: list[Edge] = []
    stored, live = design.serving != "online", design.serving != "batch"
    if stored:
        boxes.append(Box("backlog", "Photos of the drive", "offline", shape="data"))
        last = _searching(design, None, "offline", "backlog", boxes, edges)
        stale = design.arrivals > 0
        boxes.append(Box("store", "Stored boxes", "offline", _store(measured), shape="store", stale=stale))
        edges.append(Edge(last, "store", f"every {design.refresh_h} h"))
    boxes.append(Box("photo", "Uploaded photo" if live else "Photo asked for", "online", shape="person"))
    before = "photo"
    if stored:
        boxes.append(Box("look up", "Look up its boxes", "online", median_text(measured, "look up")))
        edges += [Edge("photo", "look up"), Edge("store", "look up")]
        before = "look up"
    boxes.append(Box("blur", "Blur", "online", median_text(measured, "blur")))
    if live:
        last = _searching(design, measured, "online", before, boxes, edges, "new photos" if stored else "")
        edges.append(Edge(last, "blur"))
    if stored:
        edges.append(Edge("look up", "blur", "known photos" if live else ""))
    boxes.append(Box("shown", "Photo as shown", "online", shape="data"))
    edges.append(Edge("blur", "shown"))
    return Drawing("Street View blurring as designed", tuple(boxes), tuple(edges))


def _searching(
    design: StreetViewBlurring, measured: Measurement | None, where: str, before: str,
    boxes: list[Box], edges: list[Edge], label: str = "",
) -> str:  # fmt: skip
    """Add the boxes that a photo passes when it is searched; returns the last one's name."""
    at = "" if where == "online" else " ahead"
    if design.skip != "off":
        boxes.append(Box(f"compare{at}", "Near-duplicate?", where, median_text(measured, "compare")))
        edges.append(Edge(before, f"compare{at}", label))
        before, label = f"compare{at}", "if not"
    read = f"Resize to {design.px} px" + (", 4 tiles" if design.tiles == 4 else "")
    boxes.append(Box(f"read{at}", read, where, median_text(measured, "read")))
    edges.append(Edge(before, f"read{at}", label))
    for name in detectors(design):
        boxes.append(Box(f"{name}{at}", _title(design, name), where, median_text(measured, name)))
        edges.append(Edge(f"read{at}", f"{name}{at}"))
    boxes.append(Box(f"merge{at}", f"NMS, IoU {design.nms}", where, median_text(measured, "merge")))
    edges += [Edge(f"{name}{at}", f"merge{at}") for name in detectors(design)]
    last = f"merge{at}"
    if design.verify != "off":
        boxes.append(Box(f"second{at}", f"Verifier, {design.verify}", where, median_text(measured, "second look")))
        edges.append(Edge(last, f"second{at}", f"over {design.threshold}"))
        last = f"second{at}"
    return last


def _title(design: StreetViewBlurring, name: str) -> str:
    eight = DETECTORS[name].networked and design.precision == "int8"
    return DETECTORS[name].label + (", int8" if eight else "")


def _store(measured: Measurement | None) -> str:
    return "SQLite" if measured is None else f"SQLite, {measured.store_bytes / 1e3:.3g} kB"
