"""Can a design ship: what was asked, what binds, the queue under load, which knob matters, and what would be built."""
