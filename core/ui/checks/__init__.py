"""The parts of the checks page."""
