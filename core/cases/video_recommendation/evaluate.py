"""What a list is worth, and what the page shows beside figures: what the funnel keeps of all and of a few requests."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.cases.video_recommendation.data import LIKED, Requests, World
from core.cases.video_recommendation.serve.funnel import Candidates, K
from core.contract.case import Estimate, estimate
from core.metrics import ndcg_of, recall_at_k

HISTORY = 8  # likes shown of a person, the latest
TOP = 10  # films shown of each stage
MOST_LIKED = 100


@dataclass(frozen=True)
class Truth:
    """What every request's person went on to like and to view, and whether the person was new."""

    liked: tuple[np.ndarray, ...]
    viewed: tuple[np.ndarray, ...]
    cold: np.ndarray


def truth_of(world: World) -> Truth:
    """The truth of all requests in order of the eras."""
    return Truth(
        tuple(films for era in world.eras for films in era.requests.to_like),
        tuple(films for era in world.eras for films in era.requests.to_view),
        np.concatenate([era.requests.cold for era in world.eras]),
    )


def hits(ids: np.ndarray, wanted: tuple[np.ndarray, ...]) -> np.ndarray:
    """Which of the ids (q, k) came true, -1 never."""
    width = 1 + int(max(ids.max(initial=0), max((films.max(initial=0) for films in wanted), default=0)))
    came = np.zeros((len(ids), width + 1), bool)  # one spare, where -1 falls
    came[np.repeat(np.arange(len(wanted)), [len(films) for films in wanted]), np.concatenate(wanted)] = True
    return came[np.arange(len(ids))[:, None], ids]


def ndcg(right: np.ndarray, wanted: tuple[np.ndarray, ...]) -> np.ndarray:
    """nDCG@10 (q,) of hits (q, k)."""
    counts = np.array([len(films) for films in wanted])
    right = np.pad(right, ((0, 0), (0, max(0, K - right.shape[1]))))[:, :K]
    return ndcg_of(right.astype(float), (np.arange(K) < counts[:, None]).astype(float))


def ceiling(ids: np.ndarray, wanted: tuple[np.ndarray, ...]) -> np.ndarray:
    """The nDCG@10 (q,) that the best order of these films would have."""
    return ndcg(-np.sort(-hits(ids, wanted).astype(float), axis=1), wanted)


def list_variety(ids: np.ndarray, content: np.ndarray) -> np.ndarray:
    """One minus the mean likeness of two films of a list (q,); 0 for a list of one."""
    there = (ids >= 0)[..., None]
    vectors = np.where(there, content[ids], 0)
    n = there.sum(axis=(1, 2))
    total = (vectors.sum(axis=1) ** 2).sum(axis=1) - (vectors**2).sum(axis=(1, 2))
    return np.where(n > 1, 1 - total / np.maximum(n * (n - 1), 1), 0.0)


def share_of_distinct(ids: np.ndarray) -> np.ndarray:
    """Each list's share (q,) in the number of different films shown, so that the mean is different films a place."""
    flat = np.where(ids >= 0, ids, ids.max() + 1)
    often = np.bincount(flat.ravel())
    return np.where(ids >= 0, 1 / often[flat], 0.0).mean(axis=1)


def log_loss(ranked: Candidates, wanted: tuple[np.ndarray, ...]) -> np.ndarray:
    """The mean log loss (q,) of the chances given to a request's candidates."""
    there, came = ranked.ids >= 0, hits(ranked.ids, wanted)
    chance = np.clip(np.where(there, ranked.scores, 0.5).astype(float), 1e-6, 1 - 1e-6)
    losses = -np.log(np.where(came, chance, 1 - chance)) * there
    return losses.sum(axis=1) / np.maximum(there.sum(axis=1), 1)


def grade(
    shown: np.ndarray, candidates: Candidates, ranked: Candidates, world: World, chances: bool, goal: str
) -> dict[str, Estimate]:
    """Every quality, each with the value of every request, one a person; log loss where the ranker gives chances."""
    truth = truth_of(world)
    ndcgs = ndcg(hits(shown, truth.liked), truth.liked)
    graded = {
        "ndcg@10": ndcgs,
        "liked@10": hits(shown, truth.liked).mean(axis=1),
        "viewed@10": hits(shown, truth.viewed).mean(axis=1),
        "cold ndcg@10": ndcgs[truth.cold],
        "warm ndcg@10": ndcgs[~truth.cold],
        "diversity": list_variety(shown, world.content),
        "coverage": share_of_distinct(shown),
    }
    recall = recall_at_k(candidates.ids, list(truth.liked), candidates.ids.shape[1])
    graded |= {"recall@N": recall, "cold recall@N": recall[truth.cold]}
    if chances:
        graded["log loss"] = log_loss(ranked, truth.liked if goal == "likes" else truth.viewed)
    return {name: estimate(values, unit="persons") for name, values in graded.items()}


@dataclass(frozen=True)
class Film:
    """A film on the page, whether the person went on to like or to watch it, and its place one stage earlier."""

    title: str
    year: int
    genres: str
    right: bool
    before: int = -1
    watched: bool = False


@dataclass(frozen=True)
class StageFacts:
    """One stage of the funnel: films left, share of what is to come among them, and nDCG@10 of their best order."""

    name: str
    films: float
    recall: float
    ceiling: float


@dataclass(frozen=True)
class Person:
    """One request: who asks and when, what was known, the first films of each stage, and how many likes each kept."""

    name: str
    known: str
    history: tuple[Film, ...]
    stages: tuple[tuple[str, tuple[Film, ...]], ...]
    n_to_come: int
    kept: tuple[int, ...]  # of what is to come, how many are among the candidates, the first fifty, the ten


@dataclass(frozen=True)
class Shown:
    """The funnel over all requests, and through it for a few."""

    stages: tuple[StageFacts, ...]
    people: tuple[Person, ...]


def show(candidates: Candidates, ranked: Candidates, shown: np.ndarray, world: World, then: World) -> Shown:
    """The funnel's facts; `then` is what was known when candidates were found."""
    truth = truth_of(world).liked
    everything = StageFacts("All films", world.n_films, 1.0, 1.0)
    cuts = (("Candidates", candidates.ids), ("First 50 of the ranker", ranked.ids[:, :50]), ("Shown", shown))
    stages = [_facts(name, ids, truth) for name, ids in cuts]
    requests = [(era.requests, other.requests, j) for era, other in zip(world.eras, then.eras, strict=True)
                for j in range(len(era.requests))]  # fmt: skip
    people = tuple(
        _person(world, i, *requests[i], candidates, ranked, shown, number)
        for number, i in enumerate(_chosen(world), start=1)
    )
    return Shown((everything, *stages), people)


def _facts(name: str, ids: np.ndarray, truth: tuple[np.ndarray, ...]) -> StageFacts:
    recall = recall_at_k(ids, list(truth), ids.shape[1])
    return StageFacts(
        name, float((ids >= 0).sum(axis=1).mean()), float(recall.mean()), float(ceiling(ids, truth).mean())
    )


def _chosen(world: World) -> list[int]:
    """Of each era the known person and the newcomer who went on to like most of its MOST_LIKED: whatever the design."""
    picks, start = [], 0
    for era in world.eras:
        counts = np.bincount(era.log.film[era.log.stars >= LIKED], minlength=world.n_films)
        best_liked = np.zeros(world.n_films, bool)
        best_liked[np.argsort(-counts, kind="stable")[:MOST_LIKED]] = True
        well_known = np.array([best_liked[films].sum() for films in era.requests.to_like])
        for group in (np.flatnonzero(~era.requests.cold), np.flatnonzero(era.requests.cold)):
            picks += [start + int(group[well_known[group].argmax()])] if len(group) else []
        start += len(era.requests)
    return picks


def _person(
    world: World, i: int, now: Requests, then: Requests, j: int,
    passed_on: Candidates, ranked: Candidates, shown: np.ndarray, number: int,
) -> Person:  # fmt: skip
    wanted, seen = set(now.to_like[j].tolist()), set(now.to_view[j].tolist())
    year = str(np.datetime64(int(now.second[j]), "s"))[:4]
    candidates, first, ten = passed_on.of(i)[0], ranked.of(i)[0], shown[i][shown[i] >= 0]

    def films(ids: np.ndarray, before: np.ndarray | None) -> tuple[Film, ...]:
        place = {} if before is None else {int(film): at + 1 for at, film in enumerate(before)}
        return tuple(
            Film(world.titles[f], int(world.year[f]), world.genres[f], f in wanted, place.get(f, -1), f in seen)
            for f in ids[:TOP].tolist()
        )

    n_then, n_now = len(then.liked[j]), len(now.liked[j])
    known = (
        f"{n_now} likes so far" if n_then == n_now else f"{n_now} likes so far, {n_then} of them at the last refresh"
    )
    kept = tuple(sum(film in wanted for film in ids.tolist()) for ids in (candidates, first[:50], ten))
    kind = "newcomer" if now.cold[j] else "known"
    return Person(
        f"Person {number}: {kind}, {n_now} likes, {year}", known, films(now.liked[j][::-1][:HISTORY], None),
        (("Candidates", films(candidates, None)), ("Ranked", films(first, candidates)), ("Shown", films(ten, first))),
        len(wanted), kept,
    )  # fmt: skip
