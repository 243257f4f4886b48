"""Boxes, edges and drawings, and their dimensions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

LANES = {"offline": "ahead of time", "online": "per request"}
SHAPES = ("compute", "store", "person", "data")

CHARACTER = 7.3  # px, a wide mean for the 13 px label, so that fallback fonts fit too
LINE = 17
PAD = 14
MARGIN = 16
LANE_HEAD = 30
TRACK = 12  # px between two parallel edges
CORNER = 6


@dataclass(frozen=True)
class Box:
    id: str
    label: str
    lane: str
    note: str = ""
    shape: str = "compute"
    stale: bool = False


@dataclass(frozen=True)
class Edge:
    src: str
    dst: str
    label: str = ""


@dataclass(frozen=True)
class Drawing:
    title: str
    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]
    caption: str = ""


class Rectangle(NamedTuple):
    x: float
    y: float
    width: float
    height: float


Point = tuple[float, float]
