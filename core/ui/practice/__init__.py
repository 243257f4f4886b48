"""The seven steps and the rehearsal."""
