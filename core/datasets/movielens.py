"""MovieLens (ml-latest-small of 2016): who rated which film when, with what Wikidata knows about the film."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.datasets.files import DATA, arrays


@dataclass(frozen=True, eq=False)
class Ratings:
    """Ratings in order of time, each array (n_ratings,), and films, each array (n_films, …)."""

    user: np.ndarray  # int64
    film: np.ndarray  # int64
    stars: np.ndarray  # float32, 0.5 to 5
    second: np.ndarray  # int64, seconds since 1970 UTC
    titles: tuple[str, ...]
    year: np.ndarray  # int64, 0 where unknown
    genres: np.ndarray  # bool (n_films, n_genres)
    genre_names: tuple[str, ...]
    content: np.ndarray  # float32 (n_films, 48) of unit length: genres, decade, country, director and cast


def load_movielens(root: Path = DATA) -> Ratings:
    """100,004 ratings of 9,066 films by 671 people, 1995 to 2016. Raises DataError."""
    stored = arrays("movielens.npz", root)
    text = json.loads(stored["text"].tobytes())
    genres = np.unpackbits(stored["genre_flags"], axis=1, count=len(text["genres"])).astype(bool)
    whole = {name: stored[name].astype(np.int64) for name in ("user", "film", "second", "year")}
    stars = stored["half_stars"].astype(np.float32) / 2
    content = stored["content"].astype(np.float32)
    content /= np.maximum(np.linalg.norm(content, axis=1, keepdims=True), 1e-9)
    names = dict(titles=tuple(text["titles"]), genre_names=tuple(text["genres"]))
    return Ratings(**whole, stars=stars, genres=genres, content=content, **names)
