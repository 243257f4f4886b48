"""A Plotly figure as plain dictionaries until it is complete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import plotly.graph_objects as go


class Sketch:
    """Collects the parts of a Plotly figure and validates once; validating each part takes twice as long."""

    def __init__(self) -> None:
        self.traces: list[dict[str, Any]] = []
        self.layout: dict[str, Any] = {"xaxis": {}, "yaxis": {}, "annotations": [], "shapes": []}

    def add_scatter(self, **trace: Any) -> None:
        """Points or a line."""
        self.traces.append({"type": "scatter", **trace})

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

    def figure(self, checked: bool = True) -> go.Figure:
        """The finished Plotly figure; ValueError for a property that Plotly does not know.

        Skipping the other checks halves the time of a redraw, so values must be lists and names written in full.
        """
        import plotly.graph_objects as go

        return go.Figure(data=self.traces, layout=self.layout, _validate=checked)
