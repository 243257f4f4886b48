"""What follows from measured designs: tables, comparisons, explanations, and what another size or load would take."""
