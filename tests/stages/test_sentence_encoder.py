"""MiniLM in float32: it agrees with ours in 8 bits, its vectors are of unit length, and what is missing is told."""

import hashlib
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from core.datasets import minilm
from core.datasets.captions import film_captions
from core.datasets.files import DataError
from core.datasets.films import load_films
from core.stages.sentence_encoder import SentenceEncoder, load_full_minilm, load_sentence_encoder

FOLDER = files(minilm.FULL_PACKAGE) / "model"


@pytest.fixture(scope="module")
def full() -> SentenceEncoder:
    return load_full_minilm()


def test_8_bits_agree_with_float32_as_well_as_the_record_says(full: SentenceEncoder) -> None:
    record, captions = minilm.load_minilm_record(), film_captions(load_films())
    rows = np.arange(0, len(captions), len(captions) // 60)
    vectors, in_8_bits = full.encode([captions[row] for row in rows]), minilm.load_minilm()
    shipped, ours = minilm.load_text_vectors().films[rows], [in_8_bits.encode(captions[row]) for row in rows]
    for cosines in ((vectors * shipped).sum(axis=1), (vectors * ours).sum(axis=1)):
        assert cosines.mean() > record.parity_mean - 0.002 and cosines.min() > record.parity_least - 0.002


def test_one_text_has_the_unit_vector_that_it_has_among_others(full: SentenceEncoder) -> None:
    texts = ["a tiger then a train", "", "word " * 400, "🎬"]
    together = full.encode(texts)
    assert together.shape == (4, 256) and together.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(np.concatenate([full.encode([text]) for text in texts]), together, atol=1e-5)


def test_it_runs_on_one_thread_and_holds_float32_weights(full: SentenceEncoder) -> None:
    import torch

    assert torch.get_num_threads() == 1
    assert 4 * 22e6 < full.nbytes < 4 * 24e6


def test_the_weights_are_those_that_ours_were_made_of() -> None:
    weights = (FOLDER / "model.safetensors").read_bytes()
    assert hashlib.sha256(weights).hexdigest() == minilm.load_minilm_record().weights_sha256


def test_a_cut_keeps_the_leading_numbers(full: SentenceEncoder) -> None:
    cut, whole = load_sentence_encoder(str(FOLDER), truncate_dim=32), SentenceEncoder(full.model)
    leading = whole.encode(["red sports car"])[0, :32]
    np.testing.assert_allclose(cut.encode(["red sports car"])[0], leading / np.linalg.norm(leading), atol=1e-5)


def test_a_folder_without_a_model_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="holds no model of sentence-transformers"):
        load_sentence_encoder(tmp_path)


@pytest.mark.parametrize("missing", ["sentence_transformers", minilm.FULL_PACKAGE])
def test_without_its_packages_the_message_says_what_works(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minilm, "installed", lambda name: name != missing)
    with pytest.raises(DataError, match=rf"needs {missing}, not installed here.*the other text encoders work without"):
        load_full_minilm()
