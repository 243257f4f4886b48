"""What is fast and by how much, as ratios within one run."""
