"""Encoders from images to vectors, and reductions to fewer dimensions, for visual search.

Images are uint8 (n, h, w, c), c = 1 (28×28 photos) or 3 (32×32 drawings), sides divisible by four. Every encoder
returns float32 rows of unit length, so that an inner product is a cosine. Fitting uses a training sample of 4,000 to
8,000 images; encoding a single image is the request path.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from core.stages.contrastive import Network, apply_network, train_contrastive, unit

N_COMPONENTS = 128
WHITENED = 0.5  # power of the deviation that eigen-images are divided by; fully whitened they retrieve worse than raw
ORIENTATIONS = 8
CELL = 4  # pixels a side of a cell; cells of 7 cost three points of precision on the photos
CHUNK = 256  # images at a time: their gradients stay in the processor's cache
PART_WEIGHTS = (1.0, 0.7, 0.5)  # gradients, layout of brightness or colour, colour histogram
GREY = np.array([77, 150, 29], dtype=np.uint32)  # of 256: the luma of ITU-R BT.601


@dataclass(frozen=True)
class Projection:
    """Centres vectors of `width` numbers and maps them to `dim`, or keeps the first `dim` without a matrix."""

    mean: np.ndarray  # (width,)
    matrix: np.ndarray | None  # (width, dim)
    dim: int


def reduce(projection: Projection, vectors: np.ndarray) -> np.ndarray:
    """Vectors (n, dim) of unit length from vectors (n, width)."""
    if projection.matrix is None:
        return unit(vectors[:, : projection.dim] - projection.mean[: projection.dim])
    return unit((vectors - projection.mean) @ projection.matrix)


def principal_axes(vectors: np.ndarray, dim: int, whiten: float = 0.0) -> Projection:
    """The first `dim` principal axes, each divided by its standard deviation to the power `whiten`.

    The sign of an axis is free: its largest entry is made positive.
    """
    mean = vectors.mean(axis=0, dtype=np.float64)
    rows = (vectors - mean).astype(np.float32)
    variances, axes = np.linalg.eigh((rows.T @ rows).astype(np.float64) / len(rows))
    variances, axes = variances[::-1][:dim], axes[:, ::-1][:, :dim]
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(dim)])
    floor = max(1e-6 * variances[0], 1e-12)  # directions without variance are noise: not blown up
    matrix = axes / np.maximum(variances, floor) ** (whiten / 2)
    return Projection(mean.astype(np.float32), matrix.astype(np.float32), matrix.shape[1])


# Pixels, and the principal axes of pixels.


def pixels(images: np.ndarray) -> np.ndarray:
    """Pixels from 0 to 1: all (n, h w) of a grey image, (n, 3 h w / 4) of a colour image at half resolution.

    At full resolution, drawings by two artists match two points worse, and vectors are four times as long.
    """
    seen = images.astype(np.float32) if images.shape[3] == 1 else _pooled(images, 2)
    return seen.reshape(len(images), -1) / 255


def _pooled(images: np.ndarray, side: int) -> np.ndarray:
    """Means over side × side pixels (n, h / side, w / side, c), float32 from 0 to 255."""
    n, h, w, c = images.shape
    rows = images.reshape(n, h // side, side, w // side, side, c).sum(axis=2, dtype=np.uint16)
    return rows.sum(axis=3, dtype=np.uint16).astype(np.float32) / side**2


def fit_pixels(images: np.ndarray, labels: np.ndarray, seed: int, **training: Any) -> Projection:
    """The mean image (width,) of the training images."""
    rows = pixels(images)
    return Projection(rows.mean(axis=0), None, rows.shape[1])


def fit_eigen_images(images: np.ndarray, labels: np.ndarray, seed: int, **training: Any) -> Projection:
    """128 half-whitened eigen-images of the training images."""
    return principal_axes(pixels(images), N_COMPONENTS, whiten=WHITENED)


def encode_pixels(model: Projection, images: np.ndarray) -> np.ndarray:
    """Vectors (n, model.dim) of unit length."""
    return reduce(model, pixels(images))


# Histograms of oriented gradients, with the layout of brightness or colour.


def gradient_histograms(grey: np.ndarray) -> np.ndarray:
    """Gradient magnitude by direction per cell of 4×4 pixels, (n, h/4, w/4, 8), of uint8 images (n, h, w).

    Bin i holds unsigned gradients at i 22.5° ± 11.25° from left-to-right, clockwise (Dalal & Triggs 2005, without block
    normalisation). A border pixel has no gradient across the border.
    """
    parts = [_gradient_histograms(grey[i : i + CHUNK].astype(np.int32)) for i in range(0, len(grey), CHUNK)]
    return np.concatenate(parts)


def _gradient_histograms(grey: np.ndarray) -> np.ndarray:
    n, h, w = grey.shape
    code = np.full(grey.shape, 255 * 511 + 255, dtype=np.int32)  # (dy, dx) as one number, from (-255, -255) up
    code[:, 1:-1] += 511 * (grey[:, 2:] - grey[:, :-2])
    code[:, :, 1:-1] += grey[:, :, 2:] - grey[:, :, :-2]
    bins, magnitudes = _gradient_tables()
    slots = bins[code] + _slots(h, w)[:n]
    counts = np.bincount(slots.ravel(), magnitudes[code].ravel(), n * (h // CELL) * (w // CELL) * ORIENTATIONS)
    return counts.astype(np.float32).reshape(n, h // CELL, w // CELL, ORIENTATIONS)


@cache
def _gradient_tables() -> tuple[np.ndarray, np.ndarray]:
    """Direction bin and magnitude of each possible (dy, dx) of uint8 images, as look-up tables."""
    dy, dx = np.meshgrid(np.arange(-255.0, 256), np.arange(-255.0, 256), indexing="ij")
    bins = np.rint(np.arctan2(dy, dx) / np.pi * ORIENTATIONS).astype(np.int64) % ORIENTATIONS
    return bins.ravel(), np.hypot(dy, dx).ravel()


@cache
def _slots(h: int, w: int) -> np.ndarray:
    """The first histogram slot of each pixel's cell in a chunk of images, (256, h, w)."""
    cells = (np.arange(h) // CELL)[:, None] * (w // CELL) + np.arange(w) // CELL
    return (np.arange(CHUNK)[:, None, None] * ((h // CELL) * (w // CELL)) + cells) * ORIENTATIONS


def colour_histogram(images: np.ndarray) -> np.ndarray:
    """Share of the pixels in each of 4×4×4 colours, (n, 64), of images (n, h, w, 3)."""
    n, h, w, _ = images.shape
    high = (images >> 6).astype(np.int64)
    colours = high[..., 0] * 16 + high[..., 1] * 4 + high[..., 2] + 64 * np.arange(n)[:, None, None]
    return np.bincount(colours.ravel(), minlength=64 * n).reshape(n, 64).astype(np.float32) / (h * w)


def _descriptor_parts(images: np.ndarray) -> list[np.ndarray]:
    """Gradients (n, h w / 2), layout (n, h w c / 16) and, for colour images, the colour histogram (n, 64)."""
    n, colour = len(images), images.shape[3] == 3
    grey = ((images @ GREY) >> 8).astype(np.uint8) if colour else images[..., 0]
    gradients = unit(np.sqrt(gradient_histograms(grey).reshape(n, -1)))  # roots, or a few strong edges decide alone
    parts = [gradients, _pooled(images, CELL).reshape(n, -1)]
    return [*parts, np.sqrt(colour_histogram(images))] if colour else parts


def fit_hog(images: np.ndarray, labels: np.ndarray, seed: int, **training: Any) -> tuple[np.ndarray, ...]:
    """The mean of each part of the descriptor."""
    return tuple(part.mean(axis=0) for part in _descriptor_parts(images))


def encode_hog(model: tuple[np.ndarray, ...], images: np.ndarray) -> np.ndarray:
    """Vectors of unit length, (n, 441) of 28×28 grey images and (n, 768) of 32×32 colour images."""
    parts = zip(PART_WEIGHTS, _descriptor_parts(images), model, strict=False)
    return unit(np.concatenate([weight * unit(part - mean) for weight, part, mean in parts], axis=1))


# The trained encoder.


@dataclass(frozen=True)
class TrainedEncoder:
    """A network over the HOG descriptor, and the means of the descriptor's parts."""

    means: tuple[np.ndarray, ...]
    network: Network


def fit_contrastive(images: np.ndarray, labels: np.ndarray, seed: int, **training: Any) -> TrainedEncoder:
    """A network to 128 numbers, `training` as in `train_contrastive`; on raw pixels it retrieves no better than HOG."""
    means = fit_hog(images, labels, seed)
    network = train_contrastive(encode_hog(means, images), labels, **{"dim": N_COMPONENTS, **training}, seed=seed)
    return TrainedEncoder(means, network)


def encode_contrastive(model: TrainedEncoder, images: np.ndarray) -> np.ndarray:
    """Vectors (n, 128) of unit length, without torch."""
    return apply_network(model.network, encode_hog(model.means, images))


@dataclass(frozen=True)
class Encoder:
    """An encoder: `fit(images, labels, seed, **training)` returns the model for `encode(model, images)`."""

    label: str
    help: str
    fit: Callable[..., Any]
    encode: Callable[[Any, np.ndarray], np.ndarray]


ENCODERS: dict[str, Encoder] = {
    "pixels": Encoder(
        "Raw pixels", "Compares brightness or colour point by point: nothing to learn, and a shift upsets it.",
        fit_pixels, encode_pixels,
    ),
    "pca": Encoder(
        "PCA of pixels", "The 128 directions in which the pixels differ most: shorter than pixels and no worse.",
        fit_eigen_images, encode_pixels,
    ),
    "hog": Encoder(
        "HOG + colour layout", "Which way edges run in each cell, with a thumbnail: shape rather than brightness.",
        fit_hog, encode_hog,
    ),
    "contrastive": Encoder(
        "Small MLP, contrastive (trained here)",
        "A small network over HOG + colour layout, trained in about a second.",
        fit_contrastive, encode_contrastive,
    ),
}  # fmt: skip


def fit_encoder(images: np.ndarray, labels: np.ndarray, *, encoder: str, seed: int, **training: Any) -> Any:
    """The fitted model of an encoder; only trained encoders read the labels (n,) and `training`.

    Raises ValueError for an unknown encoder or images that are not uint8 (n, h, w, 1 or 3).
    """
    if encoder not in ENCODERS:
        raise ValueError(f"no encoder {encoder!r}: choose one of {', '.join(ENCODERS)}")
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[3] not in (1, 3) or not images.size:
        raise ValueError(f"images must be uint8 (n, h, w, 1 or 3), not {images.dtype} of shape {images.shape}")
    return ENCODERS[encoder].fit(images, labels, seed, **training)


def encode(model: Any, images: np.ndarray, *, encoder: str) -> np.ndarray:
    """Vectors (n, d) of unit length of the images (n, h, w, c)."""
    return ENCODERS[encoder].encode(model, images)


# Reductions.


def _truncate(vectors: np.ndarray, labels: np.ndarray, dim: int, seed: int, **training: Any) -> Projection:
    return Projection(np.zeros(vectors.shape[1], np.float32), None, dim)


def _rotate(vectors: np.ndarray, labels: np.ndarray, dim: int, seed: int, **training: Any) -> Projection:
    return principal_axes(vectors, dim)


def _retrain(vectors: np.ndarray, labels: np.ndarray, dim: int, seed: int, **training: Any) -> Projection:
    network = train_contrastive(vectors, labels, **{**training, "dim": dim, "hidden": 0}, seed=seed)
    return Projection(network.mean, network.linear, dim)


@dataclass(frozen=True)
class Reducer:
    """A dimension reduction: `fit(vectors, labels, dim, seed, **training)` returns the projection."""

    label: str
    help: str
    fit: Callable[..., Projection]


REDUCERS: dict[str, Reducer] = {
    "truncate": Reducer("truncate", "Keeps the first dimensions: free, and only as good as their order.", _truncate),
    "pca": Reducer("PCA", "Rotates first, so that what varies most comes first.", _rotate),
    "retrain": Reducer("learned projection", "Trains a linear map of that size with the contrastive loss.", _retrain),
}


def fit_reducer(
    vectors: np.ndarray, labels: np.ndarray, *, kind: str, dim: int, seed: int, **training: Any
) -> Projection:
    """The projection of vectors (n, width) to `dim` numbers; only "retrain" reads the labels (n,) and `training`.

    Raises ValueError for an unknown kind or a dim not in 1 … width.
    """
    if kind not in REDUCERS:
        raise ValueError(f"no reduction {kind!r}: choose one of {', '.join(REDUCERS)}")
    if not 1 <= dim <= vectors.shape[1]:
        raise ValueError(f"vectors of {vectors.shape[1]} numbers cannot be reduced to {dim}")
    return REDUCERS[kind].fit(vectors, labels, dim, seed, **training)
