"""The encoders on offer: those of the stage, and a network that comes trained."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.datasets.lite0 import load_emoji_lite0, load_fashion_lite0, load_lite0
from core.stages.embed import ENCODERS as FITTED_HERE
from core.stages.embed import Encoder


def _load(images: np.ndarray, labels: np.ndarray, seed: int, dataset: str) -> Any:
    """The pretrained network with the projection of a data set; nothing is fitted."""
    return load_lite0(dataset)


def _encode(model: Any, images: np.ndarray) -> np.ndarray:
    """Vectors (n, 128) of unit length."""
    return model.embed(images)


ENCODERS: dict[str, Encoder] = {
    **FITTED_HERE,
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
    noto, twemoji = load_emoji_lite0()
    return noto.vectors, twemoji.vectors
