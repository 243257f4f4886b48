"""The emoji are pairs by two artists, named and sorted into categories, and twins are known as such."""

from pathlib import Path

import numpy as np
import pytest

from core.datasets.emoji import load_emoji, twins
from core.datasets.files import DataError


def test_emoji_are_pairs_of_two_different_artists() -> None:
    emoji = load_emoji()
    assert emoji.noto.shape == emoji.twemoji.shape == (1911, 32, 32, 3)
    assert emoji.noto.dtype == emoji.twemoji.dtype == np.uint8
    assert np.median(np.abs(emoji.noto.astype(int) - emoji.twemoji).mean(axis=(1, 2, 3))) > 5
    assert emoji.noto[:, 0, 0].mean() > 240  # drawn on white


def test_emoji_have_unique_names_and_known_categories() -> None:
    emoji = load_emoji()
    assert len(set(emoji.names)) == len(set(emoji.characters)) == len(emoji.keywords) == 1911
    assert set(emoji.categories) == set(range(len(emoji.category_names)))
    assert set(emoji.subcategories) == set(range(len(emoji.subcategory_names)))
    row = emoji.characters.index("👗")
    assert emoji.names[row] == "dress" and "clothes" in emoji.keywords[row]
    assert emoji.subcategory_names[emoji.subcategories[row]] == "clothing"


def test_emoji_drawn_alike_by_either_artist_are_one_glyph_and_all_others_are_their_own() -> None:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    emoji = load_emoji()
    kinds = [np.unique(each.reshape(1911, -1), axis=0, return_inverse=True)[1] for each in (emoji.noto, emoji.twemoji)]
    one, other = np.nonzero((kinds[0][:, None] == kinds[0]) | (kinds[1][:, None] == kinds[1]))
    _, expected = connected_components(coo_array((np.ones(len(one)), (one, other)), shape=(1911, 1911)))
    assert emoji.glyphs.dtype == np.int64
    assert ((emoji.glyphs[:, None] == emoji.glyphs) == (expected[:, None] == expected)).all()
    assert (emoji.glyphs[emoji.glyphs] == emoji.glyphs).all()  # a glyph is the row of its first emoji


def test_the_flags_of_norway_and_its_islands_are_one_glyph() -> None:
    emoji = load_emoji()
    norway, svalbard, sweden = (
        emoji.glyphs[emoji.names.index(f"flag {name}")] for name in ("norway", "svalbard jan mayen", "sweden")
    )
    assert norway == svalbard != sweden


def test_twins_are_linked_through_a_chain_of_rows_and_artists() -> None:
    one, other = np.array([[1], [2], [3], [3], [5], [6]]), np.array([[7], [8], [7], [9], [9], [10]])
    assert twins(one, other).tolist() == [0, 1, 0, 0, 0, 5]  # 0 and 2 by the other, 2 and 3 by the one, 3 and 4 again
    assert twins(one).tolist() == [0, 1, 2, 2, 4, 5]
    assert twins(one[:0]).tolist() == []


def test_a_folder_without_the_drawings_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="missing"):
        load_emoji(root=tmp_path)
