"""The architecture of a design: what is made ahead of time and what each request passes through."""

from __future__ import annotations

from core.cases.skeleton.design import Skeleton
from core.contract.case import Measurement
from core.diagram import Box, Drawing, Edge


def draw(design: Skeleton, measured: Measurement | None = None) -> Drawing:
    """Digits are indexed ahead and searched per request."""
    boxes = (
        Box("digits", "Digits", "offline", shape="data"),
        Box("index", design.index, "offline", shape="store"),
        Box("reader", "Reader", "online", shape="person"),
        Box("search", "Search", "online"),
    )
    edges = (Edge("digits", "index"), Edge("index", "search"), Edge("reader", "search"))
    return Drawing("Finding digits", boxes, edges)
