"""What is learnt from links: vectors, scorers and trees."""
