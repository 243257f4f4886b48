"""The photos are what the README says, and the full set is read from its package's four files."""

import dataclasses
import gzip
from pathlib import Path

import numpy as np
import pytest

from core.datasets.fashion import full_fashion, load_fashion
from core.datasets.files import DataError


def test_fashion_is_balanced_in_every_ten_photos() -> None:
    photos = load_fashion()
    assert photos.images.shape == (30_000, 28, 28, 1) and photos.images.dtype == np.uint8
    assert photos.labels.shape == (30_000,) and photos.labels.dtype == np.int64
    assert len(photos.label_names) == 10
    assert (np.sort(photos.labels.reshape(-1, 10), axis=1) == np.arange(10)).all()


def test_what_is_loaded_cannot_be_reassigned() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        load_fashion().labels = np.zeros(1)


def test_a_folder_without_the_photos_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="missing"):
        load_fashion(root=tmp_path)


def test_the_full_set_is_read_from_the_four_files_of_its_package(tmp_path: Path) -> None:
    for part, n in (("train", 3), ("t10k", 2)):
        pixels, labels = bytes(16) + bytes([n]) * (n * 784), bytes(8) + bytes(range(n))
        (tmp_path / f"{part}-images-idx3-ubyte.gz").write_bytes(gzip.compress(pixels))
        (tmp_path / f"{part}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(labels))
    full = full_fashion(tmp_path)
    assert full.images.shape == (5, 28, 28, 1) and full.images[:, 0, 0, 0].tolist() == [3, 3, 3, 2, 2]
    assert full.labels.tolist() == [0, 1, 2, 0, 1]


def test_a_full_set_that_is_not_installed_or_damaged_says_which_package_brings_it(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="apt-get install dataset-fashion-mnist"):
        full_fashion(tmp_path)
    (tmp_path / "train-images-idx3-ubyte.gz").write_bytes(b"not gzip")
    with pytest.raises(DataError, match="apt-get install dataset-fashion-mnist"):
        full_fashion(tmp_path)
