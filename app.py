"""The way in: `streamlit run app.py`. The app itself is core/ui/router.py; its pages are in pages/.

`st.App` rather than `st.navigation` here: with a folder pages/ beside the entry point, the first visitor of a fresh
server to a deep link would get Streamlit's own page list. `streamlit run core/ui/router.py` works as well.
"""

import streamlit as st
from starlette.middleware import Middleware

import core  # noqa: F401  sets one thread a library before numpy can load
from core.ui.security_headers import SecurityHeaders
from core.ui.server import warm

app = st.App("core/ui/router.py", lifespan=warm, middleware=[Middleware(SecurityHeaders)])
