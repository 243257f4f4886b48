"""What a list is worth: likes foreseen, variety, how many films anybody sees, and how sure the ranker may be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.cases.video_recommendation.funnel import Candidates, K
from core.cases.video_recommendation.world import World
from core.contract.case import Estimate, estimate
from core.metrics import ndcg_of, recall_at_k


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


def ndcg(found: np.ndarray, wanted: tuple[np.ndarray, ...]) -> np.ndarray:
    """nDCG@10 (q,) of hits (q, k)."""
    counts = np.array([len(films) for films in wanted])
    found = np.pad(found, ((0, 0), (0, max(0, K - found.shape[1]))))[:, :K]
    return ndcg_of(found.astype(float), (np.arange(K) < counts[:, None]).astype(float))


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
    shown: np.ndarray, found: Candidates, ranked: Candidates, world: World, chances: bool, goal: str, seed: int
) -> dict[str, Estimate]:
    """Every quality, each with the value of every request; the log loss where the ranker gives chances."""
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
    recall = recall_at_k(found.ids, list(truth.liked), found.ids.shape[1])
    graded |= {"recall@N": recall, "cold recall@N": recall[truth.cold]}
    if chances:
        graded["log loss"] = log_loss(ranked, truth.liked if goal == "likes" else truth.viewed)
    return {name: estimate(values, seed) for name, values in graded.items()}
