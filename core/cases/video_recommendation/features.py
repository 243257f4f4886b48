"""What models read: who liked what, what is known of a film and a person together, and vectors for an index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.cases.video_recommendation.data import LIKED, Eras, Log, World


def likes_table(log: Log, n_users: int, n_films: int) -> Any:
    """The sparse table (n_users, n_films) of likes, each 1."""
    from scipy.sparse import csr_matrix

    liked = log.stars >= LIKED
    values = np.ones(int(liked.sum()), np.float32)
    table = csr_matrix((values, (log.user[liked], log.film[liked])), shape=(n_users, n_films))
    table.data[:] = 1
    return table


FEATURES = (
    "score of the source", "place at the source", "likes", "likes in the last two years", "stars", "like the likes",
    "like the nearest like", "age", "years from the likes", "number of likes", "how popular the likes are",
)  # fmt: skip
RECENT_S = 2 * 365 * 86_400
LAST_LIKES = 20  # that the nearest like is looked for among
YEAR_S = 365.2425 * 86_400
FEW_VIEWS = 5  # at the mean of all stars, that every film starts with


@dataclass(frozen=True)
class FilmFacts:
    """What each film is and how it had done by some moment, (n,) each; content (n, c)."""

    likes: np.ndarray  # log of one and the likes of ten thousand
    recent: np.ndarray
    stars: np.ndarray
    year: np.ndarray
    content: np.ndarray

    @property
    def nbytes(self) -> int:
        return sum(column.nbytes for column in (self.likes, self.recent, self.stars, self.year, self.content))


def film_facts(log: Log, year: np.ndarray, content: np.ndarray) -> FilmFacts:
    """Counts and means over the log; few stars are drawn towards the mean of all. Before any rating, all count 0."""
    n, liked = len(year), log.stars >= LIKED
    recent = liked & (log.second >= log.second.max(initial=0) - RECENT_S)
    views = np.bincount(log.film, minlength=n)
    stars = np.bincount(log.film, log.stars, minlength=n) + FEW_VIEWS * (log.stars.mean() if len(liked) else LIKED)
    return FilmFacts(
        _share(log.film[liked], n), _share(log.film[recent], n), (stars / (views + FEW_VIEWS)).astype(np.float32),
        np.where(year > 0, year, np.median(year)).astype(np.float32), content,
    )  # fmt: skip


def film_facts_at(log: Log, year: np.ndarray, content: np.ndarray, second: int) -> FilmFacts:
    """The same of what was rated before a second: what a request at that time can know."""
    return film_facts(log.before(second), year, content)


def _share(films: np.ndarray, n: int) -> np.ndarray:
    return np.log1p(1e4 * np.bincount(films, minlength=n) / max(len(films), 1)).astype(np.float32)


def candidate_features(
    facts: FilmFacts, ids: np.ndarray, scores: np.ndarray, liked: np.ndarray, second: int
) -> np.ndarray:
    """The FEATURES (n, 11) of candidates for a person with these likes at this second."""
    n, total = len(ids), np.add.reduce  # the method `mean` costs more than the sum of so few
    rows = np.empty((n, len(FEATURES)), np.float32)
    middled = scores - total(scores) / n
    rows[:, 0] = middled / max(float(total(middled * middled) / n) ** 0.5, 1e-6)
    rows[:, 1] = np.log1p(np.arange(n))
    rows[:, 2], rows[:, 3], rows[:, 4] = facts.likes[ids], facts.recent[ids], facts.stars[ids]
    rows[:, 7] = 1970 + second / YEAR_S - facts.year[ids]
    rows[:, 9] = np.log1p(len(liked))
    if not len(liked):
        rows[:, (5, 6, 8, 10)] = 0
        return rows
    alike = facts.content[liked[-LAST_LIKES:]] @ facts.content[ids].T
    rows[:, 5], rows[:, 6] = total(alike, axis=0) / len(alike), np.maximum.reduce(alike, axis=0)
    rows[:, 8] = np.abs(facts.year[ids] - total(facts.year[liked]) / len(liked))
    rows[:, 10] = total(facts.likes[liked]) / len(liked)
    return rows


def unit_film_vectors(items: np.ndarray) -> np.ndarray:
    """Film vectors (n, d) with one more number that makes all equally long, so that nearest means largest product.

    (Bachrach et al. 2014, section 3.)
    """
    lengths = np.linalg.norm(items, axis=1)
    longest = max(float(lengths.max()), 1e-9)
    rest = np.sqrt(np.maximum(0, longest**2 - lengths**2))
    return (np.column_stack([items, rest]) / longest).astype(np.float32)


def count_likes(world: World) -> Eras:
    """Each era's table of who liked what."""
    return tuple(likes_table(era.log, world.n_users, world.n_films) for era in world.eras)


def describe_films(world: World) -> tuple[FilmFacts, ...]:
    """What the ranker may know of films at each training."""
    return tuple(film_facts(era.log, world.year, world.content) for era in world.eras)
