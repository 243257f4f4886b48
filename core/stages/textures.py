"""Synthetic textures of known intrinsic dimension: data that moves the knee of embedding size."""

from __future__ import annotations

import numpy as np

SIDE = 28
MAX_DIM = 256
CONTRAST = 45.0  # deviation of a pixel from mid-grey, of 255: waves are plain to see and few pixels are cut off


def textures(n: int, n_classes: int, intrinsic_dim: int, noise: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Images uint8 (n, 28, 28, 1), mixtures of `intrinsic_dim` cosine waves, and their balanced classes (n,).

    A class is a random mixture with its images scattered around it: not at all at `noise` 0. At `noise` 1, with 100
    classes in 4 to 64 dimensions, a third to a half of the ten nearest images have another class. Raises ValueError for
    an intrinsic_dim not in 1 … 256 or fewer than two classes.
    """
    if not 1 <= intrinsic_dim <= MAX_DIM or n_classes < 2:
        raise ValueError(f"{intrinsic_dim} waves must be 1 to {MAX_DIM}, {n_classes} classes two or more")
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(n_classes, intrinsic_dim))
    labels = rng.permutation(np.arange(n) % n_classes)
    scatter = noise * _spacing(centres) / (2 * intrinsic_dim**0.25)
    return _drawn(centres[labels] + scatter * rng.normal(size=(n, intrinsic_dim))), labels


def _spacing(centres: np.ndarray) -> float:
    """Mean distance from a centre (n_classes, dim) to its nearest other centre."""
    squares = (centres**2).sum(axis=1)
    distances = squares[:, None] + squares - 2 * centres @ centres.T
    np.fill_diagonal(distances, np.inf)
    return float(np.sqrt(np.maximum(distances.min(axis=1), 0)).mean())


def _drawn(mixtures: np.ndarray) -> np.ndarray:
    """Images uint8 (n, 28, 28, 1) of mixtures of waves (n, dim), with equal contrast around mid-grey."""
    values = mixtures.astype(np.float32) @ _waves(mixtures.shape[1])
    values *= CONTRAST / max(float(values.std()), 1e-12)
    return np.clip(np.rint(values + 128), 0, 255).astype(np.uint8).reshape(-1, SIDE, SIDE, 1)


def _waves(count: int) -> np.ndarray:
    """The `count` smoothest non-constant cosine waves, (count, 784), orthogonal and of equal energy."""
    frequencies = [(u, v) for u in range(SIDE) for v in range(SIDE) if u + v]
    smoothest = sorted(frequencies, key=lambda f: (f[0] ** 2 + f[1] ** 2, f))[:count]
    cosines = np.cos(np.outer(np.arange(SIDE), np.arange(SIDE) + 0.5) * np.pi / SIDE)  # (frequency, position)
    waves = np.stack([np.outer(cosines[u], cosines[v]).ravel() for u, v in smoothest])
    return (waves / np.linalg.norm(waves, axis=1, keepdims=True)).astype(np.float32)
