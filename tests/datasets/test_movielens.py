"""The ratings are whole and in order of time, titles read as they are spoken, and content tells films apart."""

from pathlib import Path

import numpy as np
import pytest

from core.datasets.files import DATA, DataError
from core.datasets.films import load_films
from core.datasets.movielens import load_movielens
from data.make.movielens import facts_rows, plain, spoken


@pytest.fixture(scope="module")
def ratings():
    return load_movielens()


def test_ratings_are_whole(ratings) -> None:
    n = len(ratings.titles)
    assert len(ratings.user) == 100_004 and n == 9_066 and len(np.unique(ratings.user)) == 671
    assert set(np.unique(ratings.film)) == set(range(n))
    assert ratings.stars.min() == 0.5 and ratings.stars.max() == 5
    assert (np.bincount(ratings.user) >= 20).all()
    assert ratings.genres.shape == (n, len(ratings.genre_names)) and ratings.content.shape == (n, 48)


def test_ratings_are_in_order_of_time(ratings) -> None:
    assert (np.diff(ratings.second) >= 0).all()
    first, last = (str(np.datetime64(int(s), "s"))[:4] for s in ratings.second[[0, -1]])
    assert (first, last) == ("1995", "2016")


def test_a_film_is_told_as_movielens_has_it(ratings) -> None:
    i = ratings.titles.index("The Matrix")
    assert ratings.year[i] == 1999
    assert {ratings.genre_names[g] for g in np.flatnonzero(ratings.genres[i])} == {"Action", "Sci-Fi", "Thriller"}
    assert np.bincount(ratings.film)[i] == 259


def test_films_of_a_series_are_more_alike_than_films_by_chance(ratings) -> None:
    here = [ratings.titles.index(title) for title in ("The Godfather", "The Godfather: Part II")]
    alike = ratings.content[here[0]] @ ratings.content.T
    assert alike[here[1]] > np.quantile(alike, 0.99)
    lengths = np.linalg.norm(ratings.content, axis=1)
    assert ((np.abs(lengths - 1) < 1e-5) | (lengths == 0)).all()


@pytest.mark.parametrize(
    ("written", "said"),
    [("Matrix, The", "The Matrix"), ("Misérables, Les", "Les Misérables"), ("Net, The (a.k.a. X)", "The Net"),
     ("Shadows, Lies", "Shadows, Lies"), ("Heat", "Heat")],
)  # fmt: skip
def test_titles_are_as_they_are_spoken(written: str, said: str) -> None:
    assert spoken(written) == said


def test_facts_are_joined_by_title_and_a_year_at_most_apart() -> None:
    facts = load_films()
    row = facts.titles.index("Scent of a Woman")
    found = facts_rows(
        ["Scent of a Woman", "Scent of a Woman", "no such film", ""], np.array([1993, 1950, 2000, 0]), facts
    )
    assert found.tolist() == [row, -1, -1, -1]
    assert plain("Romeo & Juliet!") == "romeo and juliet"


def test_a_folder_without_the_ratings_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="missing"):
        load_movielens(root=tmp_path)


def test_a_corrupt_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "checksums.json").write_bytes((DATA / "checksums.json").read_bytes())
    (tmp_path / "movielens.npz").write_bytes((DATA / "movielens.npz").read_bytes()[:-1])
    with pytest.raises(DataError, match=r"movielens.npz is corrupt.*data.make.movielens"):
        load_movielens(root=tmp_path)
