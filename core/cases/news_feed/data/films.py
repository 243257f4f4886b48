"""What the posts are about: each stands for a real film of its topic, so that a person can read a feed."""

from __future__ import annotations

from functools import cache

import numpy as np

from core.datasets.films import Films, load_films

TOPIC_NAMES = ("drama", "comedy", "romance", "documentary", "horror", "thriller", "sci-fi", "musical")
GENRES = ("Drama", "Comedy", "Romance", "Documentary", "Horror", "Thriller", "Sci-Fi", "Musical")
STRIDE = 7_919  # a prime: posts of one author, which stand together, are about films far apart


@cache
def _by_topic() -> tuple[Films, tuple[np.ndarray, ...]]:
    """The films, and the rows of those whose first genre is each topic. Raises DataError."""
    films = load_films()
    first = np.array([genres[0] if genres else "" for genres in films.genres])
    return films, tuple(np.flatnonzero(first == genre) for genre in GENRES)


def film_of(post: int, topic: int) -> str:
    """Title and year of the film that a post is about; the same for a post of the same number and topic."""
    films, rows = _by_topic()
    film = int(rows[topic][post * STRIDE % len(rows[topic])])
    return f"{films.titles[film]} ({films.years[film]})"
