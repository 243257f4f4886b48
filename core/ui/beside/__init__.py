"""The parts of the page that lays designs side by side."""
