"""The stored vectors belong to their images, a live one lands beside them, and they find more than raw pixels do."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from core.datasets.emoji import load_emoji
from core.datasets.fashion import load_fashion
from core.datasets.files import CHECKSUMS, DATA, DataError, checksums, verified
from core.datasets.lite0 import (
    LITE0,
    LITE0_PX,
    STORED,
    Lite0Record,
    load_drawings_lite0,
    load_emoji_lite0,
    load_fashion_lite0,
    load_lite0,
    network_input,
)

FEW = 12
LOADERS: tuple[Callable[..., object], ...] = (load_fashion_lite0, load_emoji_lite0, load_drawings_lite0)


def cosines(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.einsum("nd,nd->n", one, other)


def pixels(images: np.ndarray) -> np.ndarray:
    rows = images.reshape(len(images), -1).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_stored_vectors_are_unit_length_and_belong_to_their_rows() -> None:
    noto, twemoji = load_emoji_lite0()
    for vectors, n in ((load_fashion_lite0().vectors, 30_000), (noto.vectors, 1911), (twemoji.vectors, 1911)):
        assert vectors.shape == (n, 128) and vectors.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    same, shifted = cosines(noto.vectors, twemoji.vectors), cosines(noto.vectors, np.roll(twemoji.vectors, 1, axis=0))
    assert same.mean() > shifted.mean() + 0.1


def test_a_live_photo_lands_on_its_stored_vector() -> None:
    vectors = load_lite0("fashion").embed(load_fashion().images[-FEW:])
    assert vectors.shape == (FEW, 128) and vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert cosines(vectors, load_fashion_lite0().vectors[-FEW:]).min() > 0.98


def test_a_live_drawing_by_either_artist_lands_on_its_stored_vector() -> None:
    encoder, emoji = load_lite0("emoji"), load_emoji()
    for stored, images in zip(load_emoji_lite0(), (emoji.noto, emoji.twemoji), strict=True):
        assert cosines(encoder.embed(images[-FEW:]), stored.vectors[-FEW:]).min() > 0.98


def test_vectors_find_more_photos_of_the_same_class_than_raw_pixels_on_rows_that_nothing_was_fitted_on() -> None:
    photos, stored = load_fashion(), load_fashion_lite0()
    corpus, queries = slice(20_000, 22_500), slice(25_000, 26_000)
    assert stored.space.n_fit <= corpus.start
    found = []
    for vectors in (stored.vectors, pixels(photos.images)):
        nearest = np.argpartition(-vectors[queries] @ vectors[corpus].T, 10, axis=1)[:, :10]
        found.append((photos.labels[corpus][nearest] == photos.labels[queries, None]).mean())
    assert found[0] > found[1] + 0.08


def test_vectors_find_the_other_artists_drawing_more_often_than_raw_pixels() -> None:
    emoji, (noto, twemoji) = load_emoji(), load_emoji_lite0()
    found = []
    for corpus, queries in ((noto.vectors, twemoji.vectors), (pixels(emoji.noto), pixels(emoji.twemoji))):
        first = (queries @ corpus.T).argmax(axis=1)
        found.append((emoji.glyphs[first] == emoji.glyphs).mean())
    assert found[0] > found[1] + 0.2


def test_a_batch_and_a_single_image_agree() -> None:
    encoder, images = load_lite0("emoji"), load_emoji().noto[:9]
    one_by_one = np.concatenate([encoder.embed(images[i : i + 1]) for i in range(9)])
    np.testing.assert_allclose(encoder.embed(images), one_by_one, atol=1e-4)
    assert encoder.embed(images[:0]).shape == (0, 128)


def test_an_encoder_counts_its_weights_and_its_projection() -> None:
    assert load_lite0("fashion").nbytes == (DATA / LITE0).stat().st_size + 4 * 1280 + 4 * 1280 * 128


def test_a_grey_image_is_seen_as_three_equal_channels() -> None:
    photos = load_fashion().images[:2]
    assert (network_input(photos) == network_input(np.repeat(photos, 3, axis=3))).all()
    assert network_input(photos).shape == (2, 3, LITE0_PX, LITE0_PX)
    assert network_input(np.full((1, 28, 28, 1), 255, np.uint8)).max() == 1


@pytest.mark.parametrize(
    "images", [np.zeros((2, 28, 28), np.uint8), np.zeros((2, 28, 28, 1)), np.zeros((1, 8, 8, 4), np.uint8)]
)
def test_images_of_another_shape_or_type_are_refused(images: np.ndarray) -> None:
    with pytest.raises(ValueError, match="must be"):
        load_lite0("fashion").embed(images)


def test_a_data_set_without_stored_vectors_is_refused() -> None:
    with pytest.raises(ValueError, match=r"'textures'.*fashion, emoji"):
        load_lite0("textures")


def test_the_record_names_the_network_that_is_shipped() -> None:
    record = Lite0Record(**json.loads(verified("lite0.json", DATA)))
    assert record.onnx_sha256 == checksums()[LITE0].sha256
    assert record.px == LITE0_PX and 0 < record.blocks < 16
    assert 0 < record.batch_s < 0.1 and 0 < record.single_s < 0.1


@pytest.mark.parametrize("load", LOADERS)
def test_a_folder_without_the_vectors_is_told(load: Callable[..., object], tmp_path: Path) -> None:
    with pytest.raises(DataError, match="missing"):
        load(root=tmp_path)


@pytest.mark.parametrize("absent", [LITE0, *STORED.values()])
def test_an_encoder_needs_both_its_weights_and_its_projection(absent: str, tmp_path: Path) -> None:
    (tmp_path / "weights").mkdir()
    for name in {CHECKSUMS, LITE0, *STORED.values()} - {absent}:
        shutil.copy(DATA / name, tmp_path / name)
    with pytest.raises(DataError, match=f"data/{absent} is missing"):
        for dataset in STORED:
            load_lite0(dataset, root=tmp_path)
