"""Panels of single cases, drawn from facts computed by their runs."""
