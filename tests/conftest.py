"""Set the environment before anything loads numpy, as app.py does."""

import os

os.environ.setdefault("KNEEPOINT_NEIGHBOURS", "off")  # page tests ask for the designs they want
import core  # noqa: F401
