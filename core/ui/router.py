"""The entry of each visit: the page list from the catalog, then the requested page."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
if str(ROOT) not in sys.path:  # `streamlit run core/ui/router.py` adds this folder to the path and not the project's
    sys.path.insert(0, str(ROOT))

import streamlit as st  # noqa: E402

import core  # noqa: E402, F401  limits every library to one thread before numpy loads
from core.ui import pages, styles  # noqa: E402

st.set_page_config(
    page_title="Kneepoint",
    page_icon=str(Path(__file__).parent / "static" / "favicon.png"),
    layout="wide",
    initial_sidebar_state=264,  # pixels; hidden on a phone
)
styles.every_page()
st.navigation(pages.menu(), position="top").run()
