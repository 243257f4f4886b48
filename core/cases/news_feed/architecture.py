"""The architecture of a news feed design: where posts wait, what learns, and what each visit passes through."""

from __future__ import annotations

from core.cases.news_feed.design import NewsFeed, learns, network
from core.cases.news_feed.model.compression import FORMATS
from core.cases.news_feed.model.heads import MODELS
from core.cases.news_feed.serve.funnel import PRERANKERS
from core.contract.case import Measurement, median_text
from core.diagram import Box, Drawing, Edge

EVERY = {1: "every hour", 6: "every 6 h", 24: "every 24 h"}


def draw(design: NewsFeed, measured: Measurement | None = None) -> Drawing:
    """Boxes appear with the knobs that need them; with a measurement they carry its figures."""
    ahead, ahead_edges = _ahead(design, measured)
    visit, visit_edges = (_stored if design.serving == "batch" else _live)(design, measured)
    boxes = (*ahead, Box("reader", "Reader opens the feed", "online", shape="person"), *visit)
    return Drawing("A news feed as designed", boxes, (*ahead_edges, *visit_edges))


def _ahead(design: NewsFeed, measured: Measurement | None) -> tuple[list[Box], list[Edge]]:
    """Posts on their way to readers, and the model."""
    boxes, edges = [Box("posts", "Posts as they are written", "offline", shape="data")], []
    if design.fanout != "pull":
        whose = f"authors up to {design.threshold:,} followers" if design.fanout == "hybrid" else "all authors"
        writes = (
            ""
            if measured is None
            else f"{measured.counts['inbox writes per person and day']:.1f} writes per person and day"
        )
        boxes += [
            Box("push", "Fan-out on write", "offline", whose),
            Box("inbox", "Inboxes", "offline", writes, shape="store"),
        ]
        edges += [Edge("posts", "push"), Edge("push", "inbox")]
    if design.fanout != "push":
        boxes.append(Box("lists", "Posts by author", "offline", shape="store"))
        edges.append(Edge("posts", "lists"))
    if learns(design):
        note = FORMATS[design.format] if network(design) else ""
        boxes += [
            Box("log", "Log of four days", "offline", shape="data"),
            Box("model", MODELS[design.model], "offline", note),
        ]
        edges.append(Edge("log", "model"))
    return boxes, edges


def _waiting(design: NewsFeed) -> list[str]:
    """The boxes that candidates come from."""
    return [name for name, off in (("inbox", "pull"), ("lists", "push")) if design.fanout != off]


def _stored(design: NewsFeed, measured: Measurement | None) -> tuple[list[Box], list[Edge]]:
    job = f"Gather and order for all, {EVERY[design.every_h]}"
    boxes = [
        Box("job", job, "offline"),
        Box("store", "Feeds by reader", "offline", "SQLite", shape="store", stale=True),
        Box("look up", "Look up", "online", median_text(measured, "look up")),
        Box("feed", "Ten posts", "online", shape="data"),
    ]
    edges = [Edge(box, "job") for box in (*_waiting(design), *(("model",) if learns(design) else ()))]
    edges += [Edge("job", "store"), Edge("reader", "look up"), Edge("store", "look up"), Edge("look up", "feed")]
    return boxes, edges


def _live(design: NewsFeed, measured: Measurement | None) -> tuple[list[Box], list[Edge]]:
    boxes, edges, before = [], [], "reader"

    def then(name: str, label: str, part: str) -> None:
        nonlocal before
        boxes.append(Box(name, label, "online", median_text(measured, part)))
        edges.append(Edge(before, name))
        before = name

    if design.cache_min:
        then("cache", f"Cache of {design.cache_min} min", "ask the cache")
    then("gather", f"Gather up to {design.cap}", "gather")
    edges += [Edge(box, "gather") for box in _waiting(design)]
    if learns(design):
        if design.prerank != "none":
            then("prerank", f"{PRERANKERS[design.prerank].capitalize()}, keep {design.cut}", "pre-rank")
        if design.serving == "nearline":
            boxes.append(
                Box("counters", "Counters of posts", "offline", EVERY[design.every_h], shape="store", stale=True)
            )
        then("rank", "Rank", "rank")
        edges += [Edge("model", "rank"), *([Edge("counters", "rank")] if design.serving == "nearline" else [])]
    limit = f"at most {design.most} per author" if design.most else "any author"
    then("order", f"Order, {limit}", "put in order")
    boxes.append(Box("feed", "Ten posts", "online", shape="data"))
    edges.append(Edge("order", "feed"))
    return boxes, edges
