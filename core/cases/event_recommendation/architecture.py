"""The architecture of an event recommendation design: what happens ahead of time and what at each request."""

from __future__ import annotations

from core.cases.event_recommendation.design import EventRecommendation
from core.cases.event_recommendation.features.rows import LEARN_DAYS
from core.cases.event_recommendation.model.scorers import MODELS
from core.contract.case import Measurement, median_text
from core.diagram import Box, Drawing, Edge

EVERY = {1: "every day", 7: "every week", 28: "every 4 weeks"}
REFRESHED = {6: "every 6 hours", 24: "every day", 72: "every 3 days"}
LATE = {0: "as they come", 6: "6 hours late", 24: "a day late", 72: "3 days late"}
HAND_MADE = ("popular", "nearest")


def draw(design: EventRecommendation, measured: Measurement | None = None) -> Drawing:
    """Boxes appear with the knobs that need them; with a measurement they carry its figures."""
    boxes, edges = _learning(design)
    boxes += [Box("person", "Person in the evening", "online", shape="person")]
    more_boxes, more_edges = {"online": _online, "batch": _batch, "hybrid": _hybrid}[design.serving](design, measured)
    boxes += [*more_boxes, Box("list", "Events to go to", "online", shape="data")]
    return Drawing("Event recommendation as designed", tuple(boxes), (*edges, *more_edges))


def _learning(design: EventRecommendation) -> tuple[list[Box], list[Edge]]:
    """From the log to the ranker."""
    label = MODELS[design.model].label
    train = label if design.model in HAND_MADE else f"{label}, {EVERY[design.retrain_days]}"
    note = {"all": "", **{f: f for f in (design.features,) if f != "all"}}[design.features]
    boxes = [
        Box("log", "Registrations", "offline", f"{LEARN_DAYS} days", shape="data"),
        Box("train", train, "offline", note, stale=design.drift > 0 and design.retrain_days > 1),
    ]
    return boxes, [Edge("log", "train")]


def _streamed(design: EventRecommendation) -> Box:
    return Box("counts", "Guests, friends, seats", "offline", LATE[design.lag_h], shape="store", stale=design.lag_h > 0)


def _online(design: EventRecommendation, measured: Measurement | None) -> tuple[list[Box], list[Edge]]:
    where = f"{design.radius} km, {design.horizon} days"
    boxes = [
        _streamed(design),
        Box("places", "Tree of open events", "offline", where, shape="store"),
        Box("find", "Find candidates", "online", median_text(measured, "find candidates")),
    ]
    edges = [Edge("log", "counts"), Edge("person", "find"), Edge("places", "find")]
    if design.model == "mf":
        boxes.append(Box("score", "Multiply vectors", "online", median_text(measured, "score")))
        return boxes, [
            *edges,
            Edge("find", "score"),
            Edge("counts", "score"),
            Edge("train", "score"),
            Edge("score", "list"),
        ]
    boxes += [
        Box("read", "Read features", "online", median_text(measured, "read features")),
        Box("score", "Score, keep the best", "online", median_text(measured, "score")),
    ]
    edges += [Edge("find", "read"), Edge("counts", "read"), Edge("read", "score"), Edge("train", "score")]
    edges.append(Edge("score", "list"))
    return boxes, edges


def _store(design: EventRecommendation) -> tuple[list[Box], list[Edge]]:
    boxes = [
        Box(
            "job",
            f"Rank for everybody, {REFRESHED[design.refresh_h]}",
            "offline",
            f"{design.radius} km, {design.horizon} days",
        ),
        Box("store", "Lists by person", "offline", "SQLite", shape="store", stale=True),
    ]
    return boxes, [Edge("train", "job"), Edge("job", "store")]


def _batch(design: EventRecommendation, measured: Measurement | None) -> tuple[list[Box], list[Edge]]:
    boxes, edges = _store(design)
    dropped = "Look up, drop begun events" if design.expired == "drop" else "Look up"
    boxes.append(Box("look up", dropped, "online", median_text(measured, "look up")))
    return boxes, [*edges, Edge("person", "look up"), Edge("store", "look up"), Edge("look up", "list")]


def _hybrid(design: EventRecommendation, measured: Measurement | None) -> tuple[list[Box], list[Edge]]:
    boxes, edges = _store(design)
    boxes += [
        _streamed(design),
        Box("look up", "Look up", "online", median_text(measured, "look up")),
        Box("order", "Put in order", "online", median_text(measured, "put in order")),
    ]
    edges += [
        Edge("log", "counts"), Edge("person", "look up"), Edge("store", "look up"), Edge("look up", "order"),
        Edge("counts", "order"), Edge("train", "order"), Edge("order", "list"),
    ]  # fmt: skip
    return boxes, edges
