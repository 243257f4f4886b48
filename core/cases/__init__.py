"""One case study a module or folder; none imports another."""
