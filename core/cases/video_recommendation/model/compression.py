"""The two-tower network made smaller for serving: 8-bit numbers, half the weights, or a student of half the width."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from core.cases.video_recommendation.model.retrievers import Retriever
from core.cases.video_recommendation.model.towers import Towers

KEPT_SHARE = 0.5  # of the weights, those furthest from 0


def as_trained(towers: Towers, popularity: np.ndarray) -> Retriever:
    """32-bit numbers as they were trained."""
    parts = dict(items=towers.items, into=towers.into, bias=towers.bias, out=towers.out)
    return Retriever("two_tower", towers.items, popularity, parts)


def to_int8(towers: Towers, popularity: np.ndarray) -> Retriever:
    """8 bits a number, one scale a film and one a column of weights."""
    items, items_scale = _rounded(towers.items, axis=1)
    into, into_scale = _rounded(towers.into, axis=0)
    out, out_scale = _rounded(towers.out, axis=0)
    scales = dict(items_scale=items_scale.ravel(), into_scale=into_scale, out_scale=out_scale)
    parts = dict(items=items, into=into, bias=towers.bias, out=out, **scales)
    return Retriever("two_tower int8", (items * items_scale).astype(np.float32), popularity, parts)


def _rounded(values: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
    scale = np.maximum(np.abs(values).max(axis=axis, keepdims=True), 1e-12) / 127
    return np.rint(values / scale).astype(np.int8), scale.astype(np.float32)


def prune(towers: Towers, popularity: np.ndarray) -> Retriever:
    """The KEPT_SHARE of weights furthest from 0 in each table, as places and values; the others are 0."""
    kept = _strong(towers.items)
    rows, at = np.nonzero(kept)
    parts = dict(
        items_starts=np.searchsorted(rows, np.arange(len(kept) + 1)).astype(np.int32),
        items_at=at.astype(np.uint8), items_kept=kept[rows, at], bias=towers.bias,
        out_width=np.zeros(towers.out.shape[1], bool),
    )  # fmt: skip
    for name, weights in (("into", towers.into), ("out", towers.out)):
        flat = _strong(weights).ravel()
        where = np.flatnonzero(flat)
        parts |= {f"{name}_at": where.astype(np.uint16), f"{name}_kept": flat[where]}
    return Retriever("two_tower pruned", kept, popularity, parts)


def _strong(weights: np.ndarray) -> np.ndarray:
    least = np.quantile(np.abs(weights), 1 - KEPT_SHARE)
    return np.where(np.abs(weights) >= least, weights, 0).astype(np.float32)


def distil(towers: Towers, popularity: np.ndarray) -> Retriever:
    """A student of half the width and without a hidden layer, fitted to the teacher's vectors of drawn people.

    Film vectors are the teacher's on the axes that hold most of them; the person's matrix is the least-squares fit, so
    that products come near the teacher's.
    """
    vectors, lift = towers.items[:, :-1], towers.items[:, -1:]
    half = max(4, vectors.shape[1] // 2)
    known = popularity > 0
    _, _, axes = np.linalg.svd(vectors[known], full_matrices=False)
    short = np.column_stack([vectors @ axes[:half].T, lift]).astype(np.float32)
    drawn = np.random.default_rng(0).choice(np.flatnonzero(known), (2_000, 6), p=popularity[known] / popularity.sum())
    mean = vectors[drawn].mean(axis=1)
    teacher = mean + np.maximum(mean @ towers.into + towers.bias, 0) @ towers.out
    means = np.column_stack([short[drawn].mean(axis=1), np.ones(len(drawn), np.float32)])
    fitted = np.linalg.lstsq(means, teacher @ axes[:half].T, rcond=None)[0].astype(np.float32)
    return Retriever("two_tower distilled", short, popularity, dict(items=short, map=fitted))


PRECISIONS: dict[str, Callable[[Towers, np.ndarray], Retriever]] = {
    "fp32": as_trained, "int8": to_int8, "pruned": prune, "distilled": distil,
}  # fmt: skip
