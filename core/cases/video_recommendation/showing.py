"""What the page shows beside figures: what each stage of the funnel keeps, over all requests and for a few people."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.cases.video_recommendation.funnel import Candidates
from core.cases.video_recommendation.grading import ceiling, truth_of
from core.cases.video_recommendation.world import LIKED, Requests, World
from core.metrics import recall_at_k

HISTORY = 8  # likes shown of a person, the latest
TOP = 10  # films shown of each stage
MOST_LIKED = 100


@dataclass(frozen=True)
class Film:
    """A film on the page, and whether the person went on to like it; `before` is its place one stage earlier."""

    title: str
    year: int
    genres: str
    right: bool
    before: int = -1


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


def show(found: Candidates, ranked: Candidates, shown: np.ndarray, world: World, then: World) -> Shown:
    """The funnel's facts; `then` is what was known when candidates were found."""
    truth = truth_of(world).liked
    everything = StageFacts("All films", world.n_films, 1.0, 1.0)
    cuts = (("Candidates", found.ids), ("First 50 of the ranker", ranked.ids[:, :50]), ("Shown", shown))
    stages = [_facts(name, ids, truth) for name, ids in cuts]
    requests = [(era.requests, other.requests, j) for era, other in zip(world.eras, then.eras, strict=True)
                for j in range(len(era.requests))]  # fmt: skip
    people = tuple(
        _person(world, i, *requests[i], found, ranked, shown, number)
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
    found: Candidates, ranked: Candidates, shown: np.ndarray, number: int,
) -> Person:  # fmt: skip
    wanted, year = set(now.to_like[j].tolist()), str(np.datetime64(int(now.second[j]), "s"))[:4]
    candidates, first, ten = found.of(i)[0], ranked.of(i)[0], shown[i][shown[i] >= 0]

    def films(ids: np.ndarray, before: np.ndarray | None) -> tuple[Film, ...]:
        place = {} if before is None else {int(film): at + 1 for at, film in enumerate(before)}
        return tuple(
            Film(world.titles[f], int(world.year[f]), world.genres[f], f in wanted, place.get(f, -1))
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
