"""From the likes known now to a query: a vector to search the index with, or a score for every film."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np

from core.cases.video_recommendation.model.retrievers import ALS, BPR, Retriever
from core.metrics.maths import sigmoid

FOLD_STEPS = 6  # of gradient ascent


@cache
def _posv() -> Callable[..., tuple[np.ndarray, ...]]:
    """LAPACK's solver for one system; scipy is loaded when it is first asked for."""
    from scipy.linalg.lapack import sposv

    return sposv


def als_query(model: Retriever, liked: np.ndarray) -> np.ndarray:
    """The least-squares vector (d,) of a person with these likes, all films held fixed."""
    y, weight = model.parts["items"][liked], ALS["alpha"]
    curve = model.parts["gram"] + (weight - 1) * (y.T @ y)
    return _posv()(curve, weight * np.add.reduce(y), overwrite_a=True)[1]  # the curve is positive definite


def bpr_query(model: Retriever, liked: np.ndarray) -> np.ndarray:
    """The vector (d + 1,) that ranks these likes above drawn films, found by gradient ascent; its last number is 1."""
    y, other = model.parts["items"][liked], model.parts["negatives"]
    x = np.zeros(y.shape[1], np.float32)
    x[-1] = 1.0
    for _ in range(FOLD_STEPS):
        wrong = sigmoid(other @ x - (y @ x)[:, None])  # (h, m): how surely each pair is the wrong way round
        slope = wrong.sum(axis=1) @ y - wrong.sum(axis=0) @ other
        x[:-1] += 0.5 * (slope[:-1] / len(other) / max(len(y), 4) ** 0.5 - BPR["regularization"] * x[:-1])
    return x


def tower_query(model: Retriever, liked: np.ndarray) -> np.ndarray:
    """The vector (d + 1,) of a person with these likes; its last number, for a film's lift, is 1."""
    parts = model.parts
    return _through(parts["items"][liked, :-1].mean(axis=0), parts["into"], parts["bias"], parts["out"])


def int8_query(model: Retriever, liked: np.ndarray) -> np.ndarray:
    """The same from 8-bit numbers, each row of films and each column of weights with its scale."""
    parts = model.parts
    rows = parts["items"][liked].astype(np.float32) * parts["items_scale"][liked, None]
    into = parts["into"].astype(np.float32) * parts["into_scale"]
    out = parts["out"].astype(np.float32) * parts["out_scale"]
    return _through(rows[:, :-1].mean(axis=0), into, parts["bias"], out)


def pruned_query(model: Retriever, liked: np.ndarray) -> np.ndarray:
    """The same from the weights that were kept, as lists of place and value."""
    parts = model.parts
    d, hidden = len(parts["out_width"]), len(parts["bias"])
    mean = np.zeros(d + 1, np.float32)
    for film in liked.tolist():
        here = slice(parts["items_starts"][film], parts["items_starts"][film + 1])
        mean[parts["items_at"][here]] += parts["items_kept"][here]
    mean = mean[:-1] / len(liked)
    into, out = np.zeros(d * hidden, np.float32), np.zeros(hidden * d, np.float32)
    into[parts["into_at"]], out[parts["out_at"]] = parts["into_kept"], parts["out_kept"]
    return _through(mean, into.reshape(d, hidden), parts["bias"], out.reshape(hidden, d))


def student_query(model: Retriever, liked: np.ndarray) -> np.ndarray:
    """The student's vector: one matrix over the mean of the liked films' short vectors and their mean lift."""
    mean = model.parts["items"][liked].mean(axis=0)
    return np.append(np.append(mean, np.float32(1)) @ model.parts["map"], np.float32(1))


def _through(mean: np.ndarray, into: np.ndarray, bias: np.ndarray, out: np.ndarray) -> np.ndarray:
    return np.append(mean + np.maximum(mean @ into + bias, 0) @ out, np.float32(1))


def popularity_scores(model: Retriever, liked: np.ndarray) -> np.ndarray:
    """For every film (n,) its likes in the log."""
    return model.popularity


def neighbour_scores(model: Retriever, liked: np.ndarray) -> np.ndarray:
    """For every film (n,) its summed similarity to the likes."""
    starts, films, scores = (model.parts[name] for name in ("starts", "films", "scores"))
    total = np.zeros(len(model.popularity), np.float32)
    for film in liked.tolist():
        here = slice(starts[film], starts[film + 1])
        total[films[here]] += scores[here]
    return total


def mlp_scores(model: Retriever, liked: np.ndarray) -> np.ndarray:
    """For every film (n,) what the network says of it and the person: no index can find the highest."""
    parts = model.parts
    hidden = np.maximum(parts["film_side"] + als_query(model, liked) @ parts["person_side"], 0)
    return np.where(model.popularity > 0, hidden @ parts["out"], -1e9)  # of films nobody liked it knows nothing


QUERIES: dict[str, Callable[[Retriever, np.ndarray], np.ndarray]] = {
    "als": als_query, "bpr": bpr_query, "two_tower": tower_query, "two_tower int8": int8_query,
    "two_tower pruned": pruned_query, "two_tower distilled": student_query,
}  # fmt: skip
SCORES: dict[str, Callable[[Retriever, np.ndarray], np.ndarray]] = {
    "popularity": popularity_scores, "item_knn": neighbour_scores, "mlp": mlp_scores,
}  # fmt: skip
