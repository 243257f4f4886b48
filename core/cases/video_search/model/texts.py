"""Text to vectors: topics found by LSA, averaged word pieces, and a sentence encoder in 8 bits or in full."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp

from core.cases.video_search.data.texts import terms
from core.datasets.minilm import MiniLM, WordPieces
from core.stages.contrastive import unit
from core.stages.sentence_encoder import SentenceEncoder

WIDTH = 128  # numbers that LSA finds and that a word piece has
IDF_FLOOR = 0.1  # a term in every text still counts a little
IDF_POWER = 1.0  # above 1 rare terms count still more
TOPIC_POWER = 0.0  # of its singular value, that a topic is weighted by (Caron 2001); at 0 all count alike
OVERSAMPLED = 16  # extra random directions of the randomised SVD (Halko et al. 2011, section 4.2)


@dataclass(frozen=True)
class Topics:
    """LSA (Deerwester et al. 1990): each term's weight and its place (n_terms, 128) among the topics."""

    number: dict[str, int]
    idf: np.ndarray
    places: np.ndarray


def fit_topics(texts: Sequence[str]) -> Topics:
    """The 128 leading topics of the texts, by a randomised SVD of their tf-idf matrix; the same each time."""
    bags = [terms(text) for text in texts]
    number = {term: i for i, term in enumerate(dict.fromkeys(term for bag in bags for term in bag))}
    counts = _matrix([[number[term] for term in bag] for bag in bags], len(number))
    idf = idf_of(counts)
    weighted = _unit_rows(counts @ sp.diags_array(idf))
    sketch = np.random.default_rng(0).normal(size=(len(number), WIDTH + OVERSAMPLED)).astype(np.float32)
    for _ in range(2):
        basis = np.linalg.qr(weighted @ sketch)[0]
        sketch = weighted.T @ basis
    scaled, strengths, turned = np.linalg.svd(sketch, full_matrices=False)
    order = np.sign(turned[np.arange(len(turned)), np.abs(turned).argmax(axis=1)])  # else the library chooses signs
    weights = order * strengths**TOPIC_POWER
    return Topics(number, idf, np.ascontiguousarray((scaled * weights)[:, :WIDTH], dtype=np.float32))


def topics_of(model: Topics, texts: Sequence[str]) -> np.ndarray:
    """Vectors (n, 128) of unit length."""
    known = [[model.number[term] for term in terms(text) if term in model.number] for text in texts]
    return unit(_matrix(known, len(model.idf)) @ sp.diags_array(model.idf) @ model.places)


def topics_of_one(model: Topics, text: str) -> np.ndarray:
    """The vector (128,) of one text; zeros where no word of it is known."""
    known = [model.number[term] for term in terms(text) if term in model.number]
    return unit((model.idf[known] @ model.places[known])[None])[0]


@dataclass(frozen=True)
class WeightedPieces:
    """Word pieces and how much each counts: rare ones more."""

    pieces: WordPieces
    idf: np.ndarray  # (n_pieces + 1,), as the rows of their vectors


def fit_pieces(pieces: WordPieces, texts: Sequence[str]) -> WeightedPieces:
    """The shipped word pieces, weighted by their idf in the texts."""
    return WeightedPieces(pieces, idf_of(_matrix([pieces.bag(text) for text in texts], len(pieces.vectors))))


def pieces_of(model: WeightedPieces, texts: Sequence[str]) -> np.ndarray:
    """Vectors (n, 128) of unit length: the weighted mean over each text's pieces."""
    counts = _matrix([model.pieces.bag(text) for text in texts], len(model.idf))
    return unit((counts @ sp.diags_array(model.idf)) @ model.pieces.vectors)


def pieces_of_one(model: WeightedPieces, text: str) -> np.ndarray:
    """The vector (128,) of one text."""
    rows = model.pieces.bag(text)
    return unit((model.idf[rows] @ model.pieces.vectors[rows])[None])[0]


def sentence_of_one(model: MiniLM, text: str) -> np.ndarray:
    """The vector (256,) of one text."""
    return model.encode(text)


def full_sentences(model: SentenceEncoder, texts: Sequence[str]) -> np.ndarray:
    """Vectors (n, 256) of unit length."""
    return model.encode(texts)


def full_sentence_of_one(model: SentenceEncoder, text: str) -> np.ndarray:
    """The vector (256,) of one text."""
    return model.encode([text])[0]


def idf_of(counts: sp.csr_array) -> np.ndarray:
    """Smoothed inverse document frequency of each column, float32."""
    n, held_by = counts.shape[0], np.bincount(counts.indices, minlength=counts.shape[1])
    return ((np.log((n + 1) / (held_by + 1)) + IDF_FLOOR) ** IDF_POWER).astype(np.float32)


def _matrix(bags: Sequence[Sequence[int]], width: int) -> sp.csr_array:
    """Counts (n, width) of the numbers in each bag."""
    flat = np.fromiter((number for bag in bags for number in bag), np.int64)
    starts = np.concatenate([[0], np.cumsum([len(bag) for bag in bags])])
    made = sp.csr_array((np.ones(len(flat), np.float32), flat, starts), shape=(len(bags), width))
    made.sum_duplicates()
    return made


def _unit_rows(rows: sp.csr_array) -> sp.csr_array:
    lengths = np.sqrt(rows.multiply(rows).sum(axis=1))
    return sp.csr_array(sp.diags_array(1 / np.maximum(lengths, 1e-12)).astype(np.float32) @ rows)


@dataclass(frozen=True)
class TextEncoder:
    """One way from text to a vector; `many` is None where the vectors of the texts to be found come encoded."""

    label: str
    help: str
    one: Callable[[Any, str], np.ndarray]
    many: Callable[[Any, Sequence[str]], np.ndarray] | None = None


TEXT_ENCODERS: dict[str, TextEncoder] = {
    "lsa": TextEncoder(
        "LSA", "Words that keep the same company lie near: fitted in a moment, blind to words it has not met.",
        topics_of_one, topics_of,
    ),
    "static": TextEncoder(
        "static embeddings (mean of word pieces)",
        "A table distilled from MiniLM: knows any word, not what words do to each other.",
        pieces_of_one, pieces_of,
    ),
    "minilm": TextEncoder(
        "MiniLM int8", "A six-layer sentence encoder: understands paraphrase, and every request pays for it.",
        sentence_of_one,
    ),
    "minilm_fp32": TextEncoder(
        "MiniLM fp32", "The same network as it was published: four times the bytes of 8 bits.",
        full_sentence_of_one, full_sentences,
    ),
}  # fmt: skip
