"""The architecture drawing of a design: boxes and edges in, SVG text out.

Two lanes, offline above online; the flow runs left to right, or top to bottom with `vertical=True` for narrow screens.
The layout is computed in flow coordinates, u along the flow and v across it; only the last step swaps them for the
vertical drawing.
"""

from core.diagram.parts import LANES, SHAPES, Box, Drawing, Edge, Rectangle
from core.diagram.svg import describe, draw, inline, layout

__all__ = ["LANES", "SHAPES", "Box", "Drawing", "Edge", "Rectangle", "describe", "draw", "inline", "layout"]
