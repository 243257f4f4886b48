"""The architecture of a design: what is made ahead of time and what each request passes through."""

from __future__ import annotations

from core.cases.people_you_may_know.design import CANDIDATES, NO_CAP, PeopleYouMayKnow, embedded, searched
from core.cases.people_you_may_know.model.scorers import SCORERS
from core.cases.people_you_may_know.model.vectors import EMBEDDINGS
from core.contract.case import Measurement, median_text
from core.diagram import Box, Drawing, Edge
from core.stages.index import INDEXES

OTHERS = {"batch": "", "active": "people not in it", "lazy": "people not in it"}


def draw(design: PeopleYouMayKnow, measured: Measurement | None = None) -> Drawing:
    """Boxes appear with the knobs that need them; with a measurement they carry its figures."""
    computing = design.serving in ("online", "lazy")
    boxes = [Box("links", "Links and profiles", "offline", _megabytes(design, measured), shape="data")]
    edges: list[Edge] = []
    boxes += _models(design, edges)
    boxes.append(Box("person", "Person", "online", shape="person"))
    if design.serving != "online":
        boxes += _batch(design, measured, edges)
    if computing:
        boxes += _request(design, measured, edges)
    boxes.append(Box("ten", "Ten people", "online", shape="data"))
    if computing:
        edges.append(Edge("rank", "ten"))
    if design.serving != "online":
        edges.append(Edge("look up", "ten"))
    if design.serving == "active":
        edges.append(Edge("list", "ten"))
    return Drawing("People you may know as designed", tuple(boxes), tuple(edges))


def _models(design: PeopleYouMayKnow, edges: list[Edge]) -> list[Box]:
    """What is trained or built ahead: vectors, their index, trees."""
    boxes = []
    if embedded(design):
        boxes.append(Box("vectors", EMBEDDINGS[design.embedding].label, "offline", f"{design.dim} numbers each"))
        edges.append(Edge("links", "vectors"))
    if searched(design):
        boxes.append(Box("index", INDEXES[design.index].label, "offline", shape="store"))
        edges.append(Edge("vectors", "index"))
    if design.scorer == "gbdt":
        boxes.append(Box("trees", "Train trees", "offline", "on last year's links"))
        edges.append(Edge("links", "trees"))
    return boxes


def _batch(design: PeopleYouMayKnow, measured: Measurement | None, edges: list[Edge]) -> list[Box]:
    """The job, its store and the look-up; a country's list where the store is only for the active."""
    who = "everybody" if design.serving == "batch" else f"the {design.active_share:.0%} most active"
    every = "each count" if design.graph == "coauthors" else f"every {design.refresh_days} days"
    boxes = [
        Box("job", f"Batch job for {who}", "offline", every),
        Box("store", "Suggestions by person", "offline", "SQLite", shape="store", stale=True),
        Box("look up", "Look up", "online", median_text(measured, "look up")),
    ]
    edges += [Edge(source, "job") for source in _sources(design)]
    edges += [Edge("job", "store"), Edge("store", "look up"), Edge("person", "look up")]
    if design.serving == "active":
        boxes += [
            Box("lists", "Best connected by country", "offline", shape="store", stale=True),
            Box("list", "Country's list", "online", median_text(measured, "list")),
        ]
        edges += [Edge("links", "lists"), Edge("lists", "list"), Edge("look up", "list", OTHERS["active"])]
    return boxes


def _request(design: PeopleYouMayKnow, measured: Measurement | None, edges: list[Edge]) -> list[Box]:
    """Finding candidates and ranking them at the request."""
    cap = f", hubs closed at {design.hub_cap}" if "fof" in design.candidates and design.hub_cap < NO_CAP else ""
    boxes = [
        Box("find", f"{CANDIDATES[design.candidates]}{cap}", "online", median_text(measured, "find")),
        Box("rank", SCORERS[design.scorer].label, "online", median_text(measured, "rank")),
    ]
    before = Edge("person", "find") if design.serving == "online" else Edge("look up", "find", OTHERS["lazy"])
    edges += [before, Edge("find", "rank")]
    edges.append(Edge("index" if searched(design) else "links", "find"))
    if design.scorer == "gbdt":
        edges.append(Edge("trees", "rank"))
    if design.scorer == "embedding":
        edges.append(Edge("vectors", "rank"))
    return boxes


def _sources(design: PeopleYouMayKnow) -> list[str]:
    """What the batch job reads."""
    made = [name for name, used in (("index", searched(design)), ("trees", design.scorer == "gbdt")) if used]
    if design.scorer == "embedding" and not searched(design):
        made.append("vectors")
    return made or ["links"]


def _megabytes(design: PeopleYouMayKnow, measured: Measurement | None) -> str:
    return (
        ""
        if measured is None or design.serving in ("batch", "active")
        else f"replica {measured.memory_bytes / 1e6:.3g} MB"
    )
