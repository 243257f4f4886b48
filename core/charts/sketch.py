"""A Plotly figure as plain dictionaries, from its first part to what is sent."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from plotly.basedatatypes import BaseFigure

if TYPE_CHECKING:
    import plotly.graph_objects as go


class Drawing(BaseFigure):
    """A finished figure that leaves as it was put together: nothing in it is checked, copied or given a template.

    Plotly and Streamlit take it as a figure. Its values must be lists and its names written in full.
    """

    def __init__(self, traces: list[dict[str, Any]], layout: dict[str, Any]) -> None:
        self._plain = {"data": traces, "layout": layout}

    def to_dict(self) -> dict[str, Any]:
        """The figure as JSON has it, not to be changed."""
        return self._plain

    @cached_property
    def checked(self) -> go.Figure:
        """The same as Plotly's own object; ValueError for a property that Plotly does not know."""
        import plotly.graph_objects as go

        return go.Figure(self._plain)

    @property
    def data(self) -> Any:
        """The traces as Plotly's objects."""
        return self.checked.data

    @property
    def layout(self) -> Any:
        """The layout as Plotly's object."""
        return self.checked.layout

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BaseFigure) and self.to_dict() == other.to_dict()

    __hash__ = None  # type: ignore[assignment]


class Sketch:
    """Collects the parts of a Plotly figure and validates once; validating each part takes twice as long."""

    def __init__(self) -> None:
        self.traces: list[dict[str, Any]] = []
        self.layout: dict[str, Any] = {"xaxis": {}, "yaxis": {}, "annotations": [], "shapes": []}

    def add_scatter(self, **trace: Any) -> None:
        """Points or a line; a part that is None is none."""
        self.traces.append({"type": "scatter", **{name: part for name, part in trace.items() if part is not None}})

    def add_bar(self, **trace: Any) -> None:
        """Bars."""
        self.traces.append({"type": "bar", **trace})

    def add_annotation(self, **annotation: Any) -> None:
        """Text on the chart."""
        self.layout["annotations"].append(annotation)

    def add_shape(self, **shape: Any) -> None:
        """A line or a rectangle behind the points."""
        self.layout["shapes"].append(shape)

    def update_layout(self, **parts: Any) -> None:
        """Set top-level entries of the layout; each replaces the previous value as a whole."""
        self.layout.update(parts)

    def update_xaxes(self, **parts: Any) -> None:
        """Set parts of the horizontal axis."""
        self.layout["xaxis"].update(parts)

    def update_yaxes(self, **parts: Any) -> None:
        """Set parts of the vertical axis."""
        self.layout["yaxis"].update(parts)

    def figure(self) -> go.Figure:
        """The finished Plotly figure; ValueError for a property that Plotly does not know."""
        import plotly.graph_objects as go

        return go.Figure(data=self.traces, layout=self.layout)

    def drawing(self) -> Drawing:
        """The finished figure as plain JSON: an eighth of the time, for charts that are drawn at every move."""
        return Drawing(self.traces, self.layout)
