"""The encoders on offer: those of the stage, and a network that comes trained."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from core.datasets.drawings import Pictures
from core.datasets.lite0 import load_drawings_lite0, load_emoji_lite0, load_fashion_lite0, load_lite0
from core.stages.embed import ENCODERS as FITTED_HERE
from core.stages.embed import Encoder

HAND_MADE_PX = 32  # of a colour picture: finer ones take four times the work and find no more


def small(images: np.ndarray | Pictures) -> np.ndarray:
    """Images as hand-made features read them: decoded, and colour ones of 64 pixels as means of two by two."""
    decoded = images[:]
    if decoded.shape[1] <= HAND_MADE_PX:
        return decoded
    n, side, _, channels = decoded.shape
    blocks = decoded.reshape(n, HAND_MADE_PX, side // HAND_MADE_PX, HAND_MADE_PX, side // HAND_MADE_PX, channels)
    return blocks.mean(axis=(2, 4)).round().astype(np.uint8)


def _reading_small(encoder: Encoder) -> Encoder:
    """The encoder over images as hand-made features read them."""

    def fit(images: np.ndarray | Pictures, labels: np.ndarray, seed: int, **training: Any) -> Any:
        return encoder.fit(small(images), labels, seed, **training)

    return replace(encoder, fit=fit, encode=lambda model, images: encoder.encode(model, small(images)))


def _load(images: np.ndarray, labels: np.ndarray, seed: int, dataset: str) -> Any:
    """The pretrained network with the projection of a data set; nothing is fitted."""
    return load_lite0(dataset)


def _encode(model: Any, images: np.ndarray) -> np.ndarray:
    """Vectors (n, 128) of unit length."""
    return model.embed(images)


ENCODERS: dict[str, Encoder] = {
    **{name: _reading_small(encoder) for name, encoder in FITTED_HERE.items()},
    "lite0": Encoder(
        "EfficientNet-Lite0 (first 6 blocks)",
        "The first six blocks, at 64 px, of a network trained on ImageNet, which never saw our images.",
        _load, _encode,
    ),
}  # fmt: skip


def stored(dataset: str) -> tuple[np.ndarray, np.ndarray]:
    """Lite0's vectors of a data set's searched and asked images, row by row (n, 128), encoded once and shipped."""
    if dataset == "fashion":
        photos = load_fashion_lite0().vectors
        return photos, photos
    if dataset == "drawings":
        drawings = load_drawings_lite0().vectors
        return drawings, drawings
    noto, twemoji = load_emoji_lite0()
    return noto.vectors, twemoji.vectors
