"""The encoder gives the vectors that were shipped, pieces are cut as BERT cuts them, and what is missing is told."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from tokenizers import BertWordPieceTokenizer

from core.datasets import minilm
from core.datasets.captions import emoji_captions, emoji_words, film_captions
from core.datasets.emoji import load_emoji
from core.datasets.files import CHECKSUMS, DATA, DataError
from core.datasets.films import load_films


@pytest.fixture(scope="module")
def encoder() -> minilm.MiniLM:
    return minilm.load_minilm()


def test_shipped_vectors_are_what_the_encoder_makes_of_the_captions(encoder: minilm.MiniLM) -> None:
    shipped, films, emoji = minilm.load_text_vectors(), film_captions(load_films()), emoji_words(load_emoji())
    for vectors, captions in ((shipped.films, films), (shipped.emoji, emoji_captions(emoji))):
        assert vectors.shape == (len(captions), 256)
        rows = range(0, len(captions), len(captions) // 12)
        cosines = [float(encoder.encode(captions[row]) @ vectors[row]) for row in rows]
        assert min(cosines) > 0.98, cosines  # 8-bit codes; processors round differently: .985 on an EPYC


def test_like_texts_lie_nearer_than_unlike_ones(encoder: minilm.MiniLM) -> None:
    car, coupe, soup = (encoder.encode(text) for text in ("red sports car", "scarlet coupe", "bowl of soup"))
    assert car @ coupe > 0.3 > car @ soup
    assert float(np.linalg.norm(car)) == pytest.approx(1, abs=1e-5)


def test_a_vector_does_not_depend_on_what_was_encoded_before(encoder: minilm.MiniLM) -> None:
    first = encoder.encode("a tiger then a train")
    encoder.encode("something else entirely, and longer")
    np.testing.assert_array_equal(encoder.encode("a tiger then a train"), first)


@pytest.mark.parametrize("text", ["", "   ", "🎬", "ß" * 200, "word " * 400])
def test_odd_texts_have_vectors_too(encoder: minilm.MiniLM, text: str) -> None:
    vector = encoder.encode(text)
    assert vector.shape == (256,) and np.isfinite(vector).all()
    assert len(encoder.pieces(text)) <= minilm.MOST_PIECES


def test_the_record_tells_of_the_weights() -> None:
    record = minilm.load_minilm_record()
    assert record.weights_sha256.startswith("53aa5117") and record.parity_mean > 0.99 > record.parity_least > 0.95
    assert 0 < record.query_s < record.caption_s


def test_word_pieces_by_hand() -> None:
    split = minilm.splitter({"un": 0, "##aff": 1, "##able": 2, "[UNK]": 3, "!": 4, "cafe": 5})
    assert split("Unaffable!") == [0, 1, 2, 4]
    assert split("café unknown") == [5, 3]
    assert split("") == split("  ") == []


def test_cutting_between_spaces_gives_the_pieces_of_the_whole_text() -> None:
    numbers, films = minilm.vocabulary(), load_films()
    reference, split = BertWordPieceTokenizer(dict(numbers), lowercase=True), minilm.splitter(numbers)
    odd = ["tab\tand\nline", "[link] €5, don't", "漢字 naïve", "x" * 101]
    texts = [*film_captions(films)[::40], *(", ".join(cast) for cast in films.casts[::40]), *odd]
    for text in texts:
        assert split(text) == reference.encode(text, add_special_tokens=False).ids, text


def test_pieces_have_unit_vectors_and_a_spare_row_of_zeros() -> None:
    pieces = minilm.load_word_pieces()
    lengths = np.linalg.norm(pieces.vectors, axis=1)
    np.testing.assert_allclose(lengths[:-1], 1, atol=1e-5)
    assert lengths[-1] == 0 and pieces.vectors.shape == (27_623, 128)
    tiger, lion, keyboard = (pieces.vectors[pieces.bag(word)[0]] for word in ("tiger", "lion", "keyboard"))
    assert tiger @ lion > tiger @ keyboard


def test_without_onnxruntime_the_message_says_what_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minilm, "installed", lambda name: name != "onnxruntime")
    assert "the other text encoders" in minilm.why_not_minilm()
    with pytest.raises(DataError, match=r"needs the package onnxruntime.*the other text encoders"):
        minilm.load_minilm()


@pytest.mark.parametrize("missing", ["weights/minilm_int8.onnx", "weights/minilm_vocab.txt", "text_vectors.npz"])
def test_a_missing_file_is_told(missing: str, tmp_path: Path) -> None:
    (tmp_path / "weights").mkdir()
    for name in ("weights/minilm_int8.onnx", "weights/minilm_vocab.txt", "text_vectors.npz", CHECKSUMS):
        if name != missing:
            shutil.copy(DATA / name, tmp_path / name)
    with pytest.raises(DataError, match=f"{missing} is missing"):
        minilm.load_minilm(root=tmp_path)
