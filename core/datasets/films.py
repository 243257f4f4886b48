"""Films of 1940 to 2014 as Wikidata knows them: title, year, people, genres, countries, and titles in other words."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.datasets.files import DATA, arrays

Rows = tuple[tuple[str, ...], ...]  # a few names for each film


@dataclass(frozen=True, eq=False)
class Films:
    """Films in the order of their numbers; row i of every field is film i."""

    titles: tuple[str, ...]
    other_words: tuple[str, ...]  # the title with its words replaced by WordNet; empty where that is not possible
    years: np.ndarray  # (n,) int64
    directors: Rows
    casts: Rows  # at most six, those seen in most films, in order of first name
    genres: Rows
    countries: Rows


def load_films(root: Path = DATA) -> Films:
    """17,472 films. Raises DataError."""
    stored = arrays("films.npz", root)
    text = json.loads(stored["text"].tobytes())
    names = {"directors": "people", "casts": "people", "genres": "genres", "countries": "countries"}
    rows = {key: _rows(stored[f"{key}_ids"], stored[f"{key}_counts"], text[kind]) for key, kind in names.items()}
    titles, other_words = tuple(text["titles"]), tuple(text["other_words"])
    return Films(titles, other_words, stored["years"].astype(np.int64), **rows)


def _rows(ids: np.ndarray, counts: np.ndarray, names: list[str]) -> Rows:
    """Names of each film, from their ids one film after another."""
    ends = np.cumsum(counts, dtype=np.int64).tolist()
    flat = [names[i] for i in ids.tolist()]
    return tuple(tuple(flat[end - count : end]) for end, count in zip(ends, counts.tolist(), strict=True))
