"""Analysis of measured designs: tables, comparisons, explanations and extrapolation."""
