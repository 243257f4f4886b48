"""The rankers: what each learns from training rows, and how it scores features."""
