"""Makes data/fashion.npz: 3,000 photos of each of the ten Fashion-MNIST classes.

Source: `apt-get install dataset-fashion-mnist` (0.0~git20200523.55506a9-1), or `apt-get download` it, unpack it with
`dpkg -x` and give the folder that holds the four .gz files: python -m data.make.fashion [FOLDER]
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from core.datasets.fashion import FULL_FASHION, full_fashion
from data.make.record import save_npz

SEED = 0
PER_CLASS = 3_000
TRAIN = 60_000  # the 10,000 test photos stay out, so that they can still be test photos


def main(folder: Path = FULL_FASHION) -> None:
    """Choose the photos and write the file. Raises DataError."""
    full = full_fashion(folder)
    rng = np.random.default_rng(SEED)
    labels = full.labels[:TRAIN]
    chosen = [rng.permutation(np.flatnonzero(labels == label))[:PER_CLASS] for label in range(10)]
    order = rng.permuted(np.stack(chosen, axis=1), axis=1).ravel()  # one of each class in every ten rows
    save_npz(
        "fashion.npz", "data.make.fashion", images=full.images[order, ..., 0], labels=labels[order].astype(np.uint8)
    )


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
