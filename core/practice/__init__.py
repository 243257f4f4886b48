"""Curve-balls, rehearsals and predictions."""
