"""How a design is run: the memo of stages, the clock, sweeps and what has been measured."""
