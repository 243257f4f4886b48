"""What foretells every action: regressions, trees or one network, and smaller forms of it."""
