"""Fashion-MNIST: small grey photos of ten kinds of clothes (Xiao, Rasul and Vollgraf 2017)."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.datasets.files import DATA, DataError, arrays

FULL_FASHION = Path("/usr/share/datasets/fashion-mnist")  # where the Debian package dataset-fashion-mnist puts it
FASHION_NAMES = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Photos:
    """Labelled photos: images (n, h, w, c) uint8, labels (n,) int64 into label_names."""

    images: np.ndarray
    labels: np.ndarray
    label_names: tuple[str, ...]


def load_fashion(root: Path = DATA) -> Photos:
    """30,000 Fashion-MNIST photos (n, 28, 28, 1); every ten in a row hold one of each class. Raises DataError."""
    stored = arrays("fashion.npz", root)
    return Photos(stored["images"][..., None], stored["labels"].astype(np.int64), FASHION_NAMES)


def full_fashion(folder: Path = FULL_FASHION) -> Photos:
    """All 70,000 Fashion-MNIST photos, its 60,000 for training first, from the Debian package. Raises DataError."""
    parts = ("train", "t10k")
    images = np.concatenate([_idx(folder, f"{part}-images-idx3-ubyte.gz", header_bytes=16) for part in parts])
    labels = np.concatenate([_idx(folder, f"{part}-labels-idx1-ubyte.gz", header_bytes=8) for part in parts])
    return Photos(images.reshape(-1, 28, 28, 1), labels.astype(np.int64), FASHION_NAMES)


def _idx(folder: Path, name: str, header_bytes: int) -> np.ndarray:
    try:
        return np.frombuffer(gzip.decompress((folder / name).read_bytes()), np.uint8, offset=header_bytes)
    except (OSError, EOFError, ValueError, zlib.error) as error:
        mend = "`apt-get install dataset-fashion-mnist` brings it"
        raise DataError(f"{folder / name} is missing or cannot be read ({error}): {mend}") from error
