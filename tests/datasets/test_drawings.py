"""The drawings are the same emoji by three artists, decoded only when read, and their vectors belong to them."""

from pathlib import Path

import numpy as np
import pytest

from core.datasets.drawings import DRAWING_PX, load_drawings
from core.datasets.emoji import load_emoji
from core.datasets.files import DataError
from core.datasets.lite0 import load_drawings_lite0, load_lite0

N = 1_852


def test_three_artists_drew_the_same_emoji_and_two_of_them_are_those_of_the_smaller_set() -> None:
    drawings, emoji = load_drawings(), load_emoji()
    assert drawings.pictures.shape == (3 * N, DRAWING_PX, DRAWING_PX, 3) and len(drawings.names) == N
    rows = [emoji.names.index(name) for name in drawings.names[:: N // 20]]
    for artist, small in enumerate((emoji.noto, emoji.twemoji)):
        shown = drawings.pictures[np.arange(artist * N, (artist + 1) * N)[:: N // 20]]
        halved = shown.reshape(len(shown), 32, 2, 32, 2, 3).mean(axis=(2, 4))
        assert np.abs(halved - small[rows]).mean() < 8  # WebP loses a little
    in_3d = drawings.pictures[2 * N : 2 * N + 20]
    assert in_3d[:, 0, 0].mean() > 240 and np.abs(in_3d.astype(int) - drawings.pictures[:20]).mean() > 5


def test_pictures_are_decoded_one_by_one_in_slices_and_by_rows_and_taken_without_decoding() -> None:
    pictures = load_drawings().pictures
    few = pictures.take(np.array([7, 3, 3]))
    assert len(few) == 3 and few.shape[0] == 3 and few.files is pictures.files
    np.testing.assert_array_equal(few[:], np.stack([pictures[7], pictures[3], pictures[3]]))
    np.testing.assert_array_equal(few[np.array([2, 0])], pictures[np.array([3, 7])])
    assert few[:0].shape == (0, DRAWING_PX, DRAWING_PX, 3) and few[0].dtype == few.dtype == np.uint8


def test_twins_by_an_artist_are_one_glyph() -> None:
    drawings = load_drawings()
    alike = np.flatnonzero(drawings.glyphs != np.arange(N))
    assert 0 < len(alike) < 60
    assert (drawings.glyphs[drawings.glyphs[alike]] == drawings.glyphs[alike]).all()


def test_a_live_picture_lands_on_its_stored_vector() -> None:
    pictures, stored = load_drawings().pictures, load_drawings_lite0().vectors
    rows = np.array([0, N + 5, 2 * N + 9, 3 * N - 1])
    live = load_lite0("drawings").embed(pictures.take(rows))
    assert stored.shape == (3 * N, 128)
    assert np.einsum("nd,nd->n", live, stored[rows]).min() > 0.98


def test_a_folder_without_the_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="missing"):
        load_drawings(tmp_path)
