"""The sections of the compare page."""
