"""One visit: the page list from the catalog, then the page that was asked for."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
if str(ROOT) not in sys.path:  # `streamlit run core/ui/router.py` puts this folder on the path instead of the project's
    sys.path.insert(0, str(ROOT))

import streamlit as st  # noqa: E402

import core  # noqa: E402, F401  sets one thread a library before numpy can load
from core.ui import pages, terms  # noqa: E402

st.set_page_config(
    page_title="Kneepoint", page_icon=str(Path(__file__).parent / "static" / "favicon.png"), layout="wide"
)
terms.style()
st.navigation(pages.menu(), position="top").run()
