"""The architecture of an ad click design: what is learnt and stored ahead, and what each request passes through."""

from __future__ import annotations

from core.cases.ad_click.design import DAYS, AdClick, stored
from core.cases.ad_click.model.calibration import CALIBRATORS
from core.cases.ad_click.model.kinds import MODELS
from core.contract.case import Measurement, median_text
from core.diagram import Box, Drawing, Edge


def draw(design: AdClick, measured: Measurement | None = None) -> Drawing:
    """Boxes appear with the knobs that need them; with a measurement they carry its figures."""
    name = MODELS[design.model].label
    boxes = [
        Box("log", "Exposures and clicks", "offline", shape="data"),
        Box("train", f"Train: {name}", "offline", DAYS[design.retrain_days]),
        Box("person", "Person opens a page", "online", shape="person"),
    ]
    edges = [Edge("log", "train")]
    if design.calibrator != "none" and design.model != "base":
        boxes.append(Box("calibrate", f"Recalibrate: {CALIBRATORS[design.calibrator]}", "offline"))
        edges.append(Edge("train", "calibrate"))
    learnt = "calibrate" if len(boxes) > 3 else "train"
    if design.serving == "online":
        _online(design, measured, learnt, boxes, edges)
    else:
        _stored(design, measured, learnt, boxes, edges)
    boxes += [
        Box("auction", "Second-price auction", "online", median_text(measured, "auction")),
        Box("slot", "The ad, or the outside offer", "online", shape="data"),
    ]
    edges.append(Edge("auction", "slot"))
    return Drawing("Ad click prediction as designed", tuple(boxes), tuple(edges))


def _online(design: AdClick, measured: Measurement | None, learnt: str, boxes: list[Box], edges: list[Edge]) -> None:
    """Candidates, their features and a score for each."""
    table = design.features_from == "table"
    what = "Feature table" if table else "Streaming counters"
    how = f"SQLite, {DAYS[design.refresh_days]}" if table else "in memory, each event"
    batched = f"Gather {design.batch}, score {design.candidates} each" if design.batch > 1 else None
    boxes += [
        Box("features", what, "offline" if table else "online", how, shape="store", stale=table),
        Box("choose", f"Cheap rule: 40 to {design.candidates}", "online", median_text(measured, "choose candidates")),
        Box("read", "Read features", "online", median_text(measured, "read features")),
        Box("score", batched or f"Score {design.candidates} ads", "online", median_text(measured, "score")),
    ]
    edges += [
        Edge("log", "features"), Edge("person", "choose"), Edge("choose", "read"), Edge("features", "read"),
        Edge("read", "score"), Edge(learnt, "score"), Edge("score", "auction"),
    ]  # fmt: skip


def _stored(design: AdClick, measured: Measurement | None, learnt: str, boxes: list[Box], edges: list[Edge]) -> None:
    """Scores made ahead, and in hybrid serving a score now for ads that are new."""
    boxes += [
        Box("job", "Batch job", "offline", DAYS[design.refresh_days]),
        Box("store", "Scores by person", "offline", "SQLite", shape="store", stale=stored(design)),
        Box("look up", "Look up", "online", median_text(measured, "look up")),
    ]
    edges += [Edge(learnt, "job"), Edge("job", "store"), Edge("person", "look up"), Edge("store", "look up")]
    if design.serving == "hybrid":
        boxes.append(Box("score", "Score new ads", "online", median_text(measured, "score new ads")))
        edges += [Edge("look up", "score", "new ads"), Edge(learnt, "score"), Edge("score", "auction")]
    edges.append(Edge("look up", "auction", "known ads" if design.serving == "hybrid" else ""))
