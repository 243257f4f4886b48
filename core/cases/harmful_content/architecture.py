"""The architecture of a harmful content design: what is learnt ahead and what a post passes on its way."""

from __future__ import annotations

from core.cases.harmful_content.design import FIRST, FUSIONS, TEXT_MODELS, HarmfulContent, two_passes
from core.contract.case import Measurement, median_text
from core.diagram import Box, Drawing, Edge


def draw(design: HarmfulContent, measured: Measurement | None = None) -> Drawing:
    """Boxes appear with the knobs that need them; with a measurement they carry its figures."""
    boxes = [
        Box("labels", "Labelled messages", "offline", "reports too" if design.reports else "", shape="data"),
        Box("train", "Train and calibrate", "offline", stale=design.age_d > 0),
        Box("post", "New post", "online", shape="person"),
    ]
    edges, last = [Edge("labels", "train")], "post"
    if design.serving == "batch":
        boxes += [Box("job", f"Batch job, every {design.refresh_h} h", "offline", _model(design)),
                  Box("store", "Verdicts by post", "offline", "SQLite", shape="store", stale=True)]  # fmt: skip
        edges += [Edge("train", "job"), Edge("job", "store")]
    if design.match != "none" and design.serving != "batch":
        boxes += [Box("bank", "Known harm", "offline", design.match, shape="store"),
                  Box("match", "Match copies", "online", median_text(measured, "match"))]  # fmt: skip
        edges += [Edge("labels", "bank"), Edge("bank", "match"), Edge(last, "match")]
        last = "match"
    if two_passes(design):
        boxes.append(
            Box("first", f"Cascade first stage: {FIRST[design.first]}", "online", median_text(measured, "first pass"))
        )
        edges += [Edge(last, "first"), Edge("train", "first")]
        last = "first"
    if design.serving == "batch":
        boxes.append(Box("main", "Look up", "online", median_text(measured, "look up")))
        edges += [Edge("store", "main"), Edge(last, "main")]
    else:
        late = f"{design.delay_min} min later" if design.serving == "hybrid" else median_text(measured, "text")
        boxes.append(Box("main", _model(design), "online", late))
        edges += [Edge(last, "main", "suspicious" if last == "first" else ""), Edge("train", "main")]
    return _decide(design, measured, boxes, edges)


def _decide(design: HarmfulContent, measured: Measurement | None, boxes: list[Box], edges: list[Edge]) -> Drawing:
    removed = "" if measured is None else f"{measured.shown.rates.removed:.3g} of 1,000"
    reviewed = "" if measured is None else f"{measured.shown.rates.reviewed:.3g} of 1,000"
    boxes = [*boxes, Box("removed", f"Removed from {design.remove_at:g}", "online", removed, shape="data")]
    edges = [*edges, Edge("main", "removed")]
    if design.reviewers:
        boxes.append(Box("queue", f"Reviewers from {design.review_at:g}", "online", reviewed, shape="person"))
        edges.append(Edge("main", "queue"))
    boxes.append(Box("up", "Stays up", "online", shape="data"))
    edges.append(Edge("main", "up"))
    return Drawing("Harmful content detection as designed", tuple(boxes), tuple(edges))


def _model(design: HarmfulContent) -> str:
    if design.fusion == "columns":
        return FUSIONS["columns"]
    extra = {"text": "", "late": " and trees", "early": " over both parts"}[design.fusion]
    return f"{TEXT_MODELS[design.model]}{extra}"
