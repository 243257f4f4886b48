"""What every chart's own buttons can do: save it as a picture, in the browser and without a network."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.case import Case
from core.ui import state


def config(case: Case, name: str) -> dict[str, Any]:
    """Plotly's settings for one chart: the camera saves an SVG, or a PNG of three pixels a point so that it prints."""
    saved = {"format": "svg", "scale": 1} if _as_svg(case) else {"format": "png", "scale": 3}
    return {
        "displaylogo": False,
        "modeBarButtonsToRemove": ["lasso2d", "select2d"],
        "toImageButtonOptions": {**saved, "filename": f"kneepoint-{case.slug}-{name}"},
    }


def _as_svg(case: Case) -> bool:
    """What the visitor chose for the charts of this case; PNG before anything was chosen."""
    return st.session_state.get(state.key(case, "saved as")) == "SVG"
