"""Ratings as a table: the people who rate most, and the films most rated; the darker, the more stars."""

import numpy as np

from core.datasets.movielens import load_movielens
from core.ui.home.tiles.ink import PETROL, SLATE, box, svg

LESSONS = ("R4", "G15", "R1")
ROWS, COLUMNS, STEP = 9, 24, 13


def picture() -> str:
    ratings = load_movielens()
    films, people = (
        np.argsort(-np.bincount(ids))[:n] for ids, n in ((ratings.film, 4 * COLUMNS), (ratings.user, 4 * ROWS))
    )
    parts = []
    for row, person in enumerate(people[::4]):
        for column, film in enumerate(films[::4]):
            stars = ratings.stars[(ratings.user == person) & (ratings.film == film)]
            x, y = 5 + STEP * column, 2 + STEP * row
            if len(stars):
                parts.append(box(x, y, 11, 11, PETROL, round(float(stars[0]) ** 2 / 25, 2)))
            else:
                parts.append(box(x, y, 11, 11, SLATE, 0.12))
    return svg(*parts)
