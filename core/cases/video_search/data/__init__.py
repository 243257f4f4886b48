"""The videos of video search, what is written about them, and what people ask for."""
