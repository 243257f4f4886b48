"""Timing, as ratios within one run; asserted on nowhere."""

import core  # noqa: F401  sets one thread a library before numpy can load
