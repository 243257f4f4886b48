"""The sources of candidates, what makes them smaller, and the ranker."""
