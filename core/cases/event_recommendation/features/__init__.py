"""What a model is told of a person and an event, as of a time: the same functions train, precompute and serve."""
