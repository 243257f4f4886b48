"""What every chart's own buttons can do: save it as a picture, in the browser and without a network."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.case import Case
from core.ui import state


def config(file_name: str, format: str = "png") -> dict[str, Any]:
    """Plotly's settings for one chart; `format` is "png", of three pixels a point so that it prints, or "svg"."""
    saved = {"format": format, "filename": file_name, "scale": 3 if format == "png" else 1}
    return {
        "displaylogo": False,
        "modeBarButtonsToRemove": ["lasso2d", "select2d"],
        "toImageButtonOptions": saved,
    }


def figure_format(case: Case) -> str:
    """What the visitor chose to save charts of this case as; PNG before anything was chosen."""
    return "svg" if st.session_state.get(state.key(case, "saved as")) == "SVG" else "png"
