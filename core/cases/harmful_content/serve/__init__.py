"""What happens to a post on its way: matches, scores, a verdict and what is done with it."""
