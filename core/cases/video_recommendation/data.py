"""Who watched what until when, who asks now, and what they went on to like: MovieLens cut by time into eras.

Models are trained three times, on all ratings before 2001, 2006 and 2011, and each time serve those who ask in the five
or six years that follow; whoever asks is new since. A rating counts as a view, one of four stars or more as a like. A
fifth of the people in each log is kept from the sources: the ranker learns from them, and settings were chosen on them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.datasets.movielens import load_movielens

LIKED = 4.0  # stars
LEAST_LIKES = 10  # of a person who asks: enough for a history and for something to foresee
COLD_LIKES = 2
MOST_TARGETS = 20
HELD_SHARE = 0.2  # of the earlier people, for the ranker and for tuning
EVEN_LIKES, EVEN_LOG_LIKES = 8, 6  # of each film where popularity is made even: in each era, and in a log
CUTS = tuple(int(np.datetime64(f"{year}-01-01", "s").astype(np.int64)) for year in (2001, 2006, 2011))
WEEK_S = 7 * 86_400
SPLITS = {"time": "by time", "random": "at random"}
DATES = {"real": "as recorded", "week": "request a week later", "shuffled": "shuffled"}
POPULARITY = {"real": "as recorded", "even": "thinned to uniform"}


Eras = tuple[Any, ...]  # one of what is trained or read, for each era


@dataclass(frozen=True)
class Log:
    """Ratings in order of time, each array (r,): whose, of which film, when, and in stars."""

    user: np.ndarray
    film: np.ndarray
    second: np.ndarray
    stars: np.ndarray

    def before(self, second: int) -> Log:
        """Its ratings before a second."""
        n = int(np.searchsorted(self.second, second))
        return Log(self.user[:n], self.film[:n], self.second[:n], self.stars[:n])


@dataclass(frozen=True)
class Requests:
    """Who asks when, (q,) each, and for each request films: liked and seen before with their seconds, and yet to come.

    `cold` marks those of whom only the first two likes are known.
    """

    user: np.ndarray
    second: np.ndarray
    cold: np.ndarray
    liked: tuple[np.ndarray, ...]
    liked_at: tuple[np.ndarray, ...]
    seen: tuple[np.ndarray, ...]
    seen_at: tuple[np.ndarray, ...]
    to_like: tuple[np.ndarray, ...]
    to_view: tuple[np.ndarray, ...]

    def __len__(self) -> int:
        return len(self.user)


@dataclass(frozen=True)
class Era:
    """What one training reads: the sources' log, requests to learn ranking from; and the requests that it serves."""

    log: Log
    practice: Requests
    requests: Requests


@dataclass(frozen=True)
class World:
    """The eras in order of time and what films are, whoever watched them."""

    eras: tuple[Era, ...]
    year: np.ndarray  # (n_films,) 0 where unknown
    content: np.ndarray  # float32 (n_films, c) of unit length: genres, people, country, decade
    n_users: int
    titles: tuple[str, ...]
    genres: tuple[str, ...]  # each film's, in words

    @property
    def n_films(self) -> int:
        return len(self.year)


def load_world(split: str, dates: str, cold_share: float, popularity: str, seed: int) -> World:
    """The world under its dials. Raises DataError for a bad file, ValueError for a dial out of range."""
    _check(split, dates, popularity, cold_share)
    rng = np.random.default_rng([seed, 5])
    ratings = load_movielens()
    log = Log(ratings.user, ratings.film, ratings.second, ratings.stars)
    log = _shuffled(log, rng) if dates == "shuffled" else log
    log = _evened(log, rng) if popularity == "even" else log
    wait_s = WEEK_S if dates == "week" else 0
    ends = (*CUTS[1:], np.iinfo(np.int64).max)
    eras = tuple(
        _era(log, start, end, split == "random", popularity == "even", cold_share, wait_s, rng)
        for start, end in zip(CUTS, ends, strict=True)
    )
    genres = _in_words(ratings.genres, ratings.genre_names)
    return World(eras, ratings.year, ratings.content, int(ratings.user.max()) + 1, ratings.titles, genres)


def _in_words(genres: np.ndarray, names: tuple[str, ...]) -> tuple[str, ...]:
    """Each film's genres (n_films, n_genres) as a text; films share few combinations."""
    number = genres @ (1 << np.arange(len(names), dtype=np.int64))
    _, first, which = np.unique(number, return_index=True, return_inverse=True)
    texts = [", ".join(names[g] for g in np.flatnonzero(row)) for row in genres[first]]
    return tuple(texts[i] for i in which.tolist())


def _check(split: str, dates: str, popularity: str, cold_share: float) -> None:
    dials = (("split", split, SPLITS), ("dates", dates, DATES), ("popularity", popularity, POPULARITY))
    for name, value, known in dials:
        if value not in known:
            raise ValueError(f"no {name} {value!r}; there is {', '.join(known)}")
    if not 0 <= cold_share <= 1:
        raise ValueError(f"cold_share {cold_share} is a share from 0 to 1")


def _era(
    log: Log, start: int, end: int, random: bool, even: bool, cold_share: float, wait_s: int, rng: np.random.Generator
) -> Era:
    """Trained on everything before `start`; asked by those who liked films between `start` and `end` (seconds)."""
    before, during = _part(log, log.second < start), _part(log, (log.second >= start) & (log.second < end))
    asking = np.setdiff1d(_asking(during), before.user)  # newcomers: whoever was here before is in the log
    if len(asking) == 0 or len(_asking(before)) == 0:
        raise ValueError("nobody with enough likes to learn from or to ask: the selection is empty")
    cold = np.isin(np.arange(len(asking)), rng.permutation(len(asking))[: round(cold_share * len(asking))])
    dealt = rng if random else None
    requests = make_requests(during, asking, cold, wait_s, dealt)
    if random:
        before = _leaking(log, len(before.user), requests, rng)
    learners = np.setdiff1d(_asking(before), asking)  # no overlap, whichever the split
    held = np.sort(rng.permutation(learners)[: max(1, round(HELD_SHARE * len(learners)))])
    both = np.repeat(held, 2)
    practice = make_requests(before, both, np.arange(len(both)) % 2 == 0, 0, dealt)
    kept = _part(before, ~np.isin(before.user, held))
    return Era(_thinned(kept, EVEN_LOG_LIKES, rng) if even else kept, practice, requests)


def _part(log: Log, mask: np.ndarray) -> Log:
    return Log(log.user[mask], log.film[mask], log.second[mask], log.stars[mask])


def _asking(log: Log) -> np.ndarray:
    """The people with at least LEAST_LIKES likes in a log."""
    users, counts = np.unique(log.user[log.stars >= LIKED], return_counts=True)
    return users[counts >= LEAST_LIKES]


def make_requests(
    log: Log, users: np.ndarray, cold: np.ndarray, wait_s: int, rng: np.random.Generator | None
) -> Requests:
    """One request for each of `users`, after two likes where `cold`, else after half of theirs, cut by time.

    With `rng` each one's ratings are dealt at random instead, as a random split does.
    """
    rows: list[tuple[np.ndarray, ...]] = []
    seconds = []
    for user, is_cold in zip(users.tolist(), cold.tolist(), strict=True):
        own = np.flatnonzero(log.user == user)
        order = own if rng is None else rng.permutation(own)
        likes = np.flatnonzero(log.stars[order] >= LIKED)
        known = COLD_LIKES if is_cold else len(likes) // 2
        past, future = order[: likes[known - 1] + 1], order[likes[known - 1] + 1 :]
        future = future[: likes[min(known + MOST_TARGETS, len(likes)) - 1] - len(past) + 1]
        liked = past[log.stars[past] >= LIKED]
        to_like = future[log.stars[future] >= LIKED]
        seconds.append(int(log.second[future].min() if rng is None else log.second[own].max()) + wait_s)
        mine = (liked, past, to_like, future)
        liked_films, seen_films, *coming = (log.film[rows_of] for rows_of in mine)
        rows.append((liked_films, log.second[liked], seen_films, log.second[past], *coming))
    columns = tuple(tuple(column) for column in zip(*rows, strict=True))
    return Requests(users, np.array(seconds), cold, *columns)


def as_of(requests: Requests, refresh_h: float) -> Requests:
    """The same requests knowing only what a store knew that was last written at the full hour or day before."""
    interval = round(refresh_h * 3_600)
    written = requests.second // interval * interval
    columns = []
    for films, at in ((requests.liked, requests.liked_at), (requests.seen, requests.seen_at)):
        keep = [when < then for when, then in zip(at, written, strict=True)]
        columns += [tuple(values[k] for values, k in zip(column, keep, strict=True)) for column in (films, at)]
    return Requests(requests.user, written, requests.cold, *columns, requests.to_like, requests.to_view)


def _shuffled(log: Log, rng: np.random.Generator) -> Log:
    """No drift: people swap their calendars, and each one's films come in any order."""
    n = int(log.user.max()) + 1
    first = np.full(n, np.iinfo(np.int64).max)
    np.minimum.at(first, log.user, log.second)
    second = log.second - first[log.user] + first[rng.permutation(n)][log.user]
    film, stars = log.film.copy(), log.stars.copy()
    for user in range(n):
        own = np.flatnonzero(log.user == user)
        dealt = rng.permutation(own)
        film[own], stars[own] = log.film[dealt], log.stars[dealt]
    order = np.argsort(second, kind="stable")
    return Log(log.user[order], film[order], second[order], stars[order])


def _evened(log: Log, rng: np.random.Generator) -> Log:
    """Between any two cuts exactly EVEN_LIKES real likes of each film that has as many: none is more popular."""
    era = np.searchsorted(CUTS, log.second, side="right")
    parts = [_thinned(_part(log, era == i), EVEN_LIKES, rng) for i in range(len(CUTS) + 1)]
    return Log(*(np.concatenate(column) for column in zip(*(vars(part).values() for part in parts), strict=True)))


def _thinned(log: Log, n: int, rng: np.random.Generator) -> Log:
    """Exactly n real likes, drawn at random, of each film that has as many, in order of time."""
    rows = rng.permutation(np.flatnonzero(log.stars >= LIKED))
    rows = rows[np.argsort(log.film[rows], kind="stable")]
    _, starts, counts = np.unique(log.film[rows], return_index=True, return_counts=True)
    rank = np.arange(len(rows)) - np.repeat(starts, counts)
    kept = rows[(rank < n) & np.repeat(counts >= n, counts)]
    return _part(log, np.isin(np.arange(len(log.user)), kept))


def _leaking(log: Log, n: int, requests: Requests, rng: np.random.Generator) -> Log:
    """What a random split trains on: any rating of any time but those to be foreseen, n of them."""
    width = int(log.film.max()) + 1
    known = np.concatenate([u * width + films for u, films in zip(requests.user, requests.seen, strict=True)])
    free = ~np.isin(log.user, requests.user) | np.isin(log.user * width + log.film, known)
    rows = rng.permutation(np.flatnonzero(free))[:n]
    return _part(log, np.isin(np.arange(len(log.user)), rows))
