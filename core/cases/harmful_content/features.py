"""What models read of a post: hashed words, vectors of its text, its columns in bins, and words crossed with flags."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from core.cases.harmful_content.data import PICTURES, POST_COLUMNS, Post, Posts, gathered
from core.datasets.mail_text import EXPLICIT, UNKNOWN, spoken
from core.datasets.mails import ENCODED_PIECES, Mails, MailVectors
from core.datasets.minilm import CLOSE, OPEN, MiniLM, WordPieces
from core.metrics.maths import unit

N_BINS = 6  # of a column, cut at quantiles
FLAGS = ("answers a message", *PICTURES)  # yes-or-no columns that words are crossed with
FLAG_COLUMNS = np.array([POST_COLUMNS.index(name) for name in FLAGS])
_MIX = np.uint64(0x9E3779B97F4A7C15)  # 2^64 over the golden ratio: spreads bits (Knuth, vol. 3, section 6.4)


@dataclass(frozen=True, eq=False)
class Sparse:
    """Rows of few numbers: `columns` and `values` of row i from ends[i] to ends[i + 1]."""

    columns: np.ndarray  # int32
    values: np.ndarray  # float32
    ends: np.ndarray  # (n + 1,)
    width: int

    def matrix(self) -> Any:
        """As a scipy CSR array that shares the memory."""
        from scipy.sparse import csr_array

        return csr_array((self.values, self.columns, self.ends), shape=(len(self.ends) - 1, self.width), copy=False)

    def rows(self, start: int, stop: int) -> Sparse:
        """Rows from start to stop."""
        part = slice(self.ends[start], self.ends[stop])
        return Sparse(self.columns[part], self.values[part], self.ends[start : stop + 1] - self.ends[start], self.width)


Row = tuple[np.ndarray | slice, np.ndarray]  # of one text: where its numbers stand in the width, and the numbers
EVERYWHERE = slice(None)  # of a dense row


class Reader(Protocol):
    """What turns one post into the row that a model of its text weighs; `idf` (width,) is empty for dense rows."""

    def read(self, post: Post, idf: np.ndarray) -> Row:
        """The row of one post."""


@dataclass(frozen=True, eq=False)
class Slots:
    """For each word of the vocabulary the place its hash gives it, in a subject and in a body."""

    subject: np.ndarray  # (n_vocabulary,) int32
    body: np.ndarray
    bits: int

    def read(self, post: Post, idf: np.ndarray) -> Row:
        """The places of one post's words and their weights, of unit length."""
        words = np.concatenate([self.subject[post.subject], self.body[post.body]])
        places, counts = np.unique(words, return_counts=True)
        values = damped(counts) * idf[places]
        return places, values / max(float(np.sqrt(values @ values)), 1e-9)


def hash_words(mails: Mails, bits: int) -> Slots:
    """Places below 2^bits, the hashing trick (Weinberger et al. 2009) without signs: no table of words is kept."""
    from zlib import crc32

    codes = np.array([crc32(word.encode()) for word in mails.vocabulary], np.uint64)
    return Slots(_folded(codes * np.uint64(2), bits), _folded(codes * np.uint64(2) + np.uint64(1), bits), bits)


def _folded(codes: np.ndarray, bits: int) -> np.ndarray:
    return ((codes * _MIX) >> np.uint64(64 - bits)).astype(np.int32)


def count_words(mails: Mails, posts: Posts, slots: Slots) -> Sparse:
    """1 + log of how often each place is hit, a row a used post."""
    rows = posts.source[posts.used]
    subjects, bodies = gathered(mails.subjects, rows), gathered(mails.bodies, rows)
    at = np.concatenate([np.repeat(np.arange(len(rows)), np.diff(w.ends)) for w in (subjects, bodies)])
    places = np.concatenate([slots.subject[subjects.ids], slots.body[bodies.ids]])
    keys, counts = np.unique(at * (1 << slots.bits) + places, return_counts=True)
    ends = np.searchsorted(keys, np.arange(len(rows) + 1) << slots.bits)
    return Sparse((keys & ((1 << slots.bits) - 1)).astype(np.int32), damped(counts), ends, 1 << slots.bits)


def damped(counts: np.ndarray) -> np.ndarray:
    """1 + log of counts (Manning et al. 2008, section 6.4.1)."""
    return (1 + np.log(counts)).astype(np.float32)


def document_weights(counted: Sparse, n_train: int) -> np.ndarray:
    """The idf (width,) of the training rows, which stand first."""
    seen = np.bincount(counted.columns[: counted.ends[n_train]], minlength=counted.width)
    return (np.log((1 + n_train) / (1 + seen)) + 1).astype(np.float32)


def weighted(counted: Sparse, idf: np.ndarray) -> Sparse:
    """Rows times idf, of unit length."""
    values = counted.values * idf[counted.columns]
    squares = np.concatenate([[0], np.cumsum(values.astype(np.float64) ** 2)])
    lengths = np.sqrt(np.diff(squares[counted.ends])).clip(1e-9)
    return Sparse(
        counted.columns,
        (values / np.repeat(lengths, np.diff(counted.ends))).astype(np.float32),
        counted.ends,
        counted.width,
    )


@dataclass(frozen=True, eq=False)
class SentenceReader:
    """MiniLM, its vector turned and cut by `rotation` (384, dim)."""

    vocabulary: tuple[str, ...]
    encoder: MiniLM
    rotation: np.ndarray

    @property
    def nbytes(self) -> int:
        """Bytes of its own; the encoder is a part of a replica by itself."""
        return self.rotation.nbytes

    def read(self, post: Post, idf: np.ndarray) -> Row:
        """The vector of one post, of unit length."""
        subject, body = ([self.vocabulary[i] for i in part.tolist()] for part in (post.subject, post.body))
        pieces = [OPEN, *self.encoder.split(spoken([*subject, ".", *body]))[: ENCODED_PIECES - 2], CLOSE]
        turned = self.encoder.session.run(None, {"ids": np.array([pieces])})[0][0] @ self.rotation
        return EVERYWHERE, turned / max(float(np.linalg.norm(turned)), 1e-9)


def sentence_reader(mails: Mails, encoder: MiniLM, vectors: MailVectors, dim: int) -> SentenceReader:
    """What turns the network's 384 numbers into the first `dim` of ours."""
    return SentenceReader(mails.vocabulary, encoder, vectors.rotation[:, :dim].copy())


def sentence_vectors(vectors: MailVectors, posts: Posts, dim: int) -> np.ndarray:
    """The first `dim` numbers of MiniLM's vector of each used post, of unit length."""
    return unit(vectors.vectors[posts.source[posts.used], :dim])


@dataclass(frozen=True, eq=False)
class WordTable:
    """A vector for each word of the vocabulary (n_vocabulary, dim); a text is the direction of their sum."""

    vectors: np.ndarray

    @property
    def nbytes(self) -> int:
        """Bytes served from."""
        return self.vectors.nbytes

    def read(self, post: Post, idf: np.ndarray) -> Row:
        """The vector of one post, of unit length."""
        total = self.vectors[post.subject].sum(axis=0) + self.vectors[post.body].sum(axis=0)
        return EVERYWHERE, total / max(float(np.sqrt(total @ total)), 1e-9)


def word_table(mails: Mails, pieces: WordPieces, dim: int) -> WordTable:
    """For each word of the vocabulary the sum (dim,) of its pieces; nothing for what is masked."""
    table = np.zeros((len(mails.vocabulary), dim), np.float32)
    for i, word in enumerate(mails.vocabulary):
        if word != UNKNOWN and not word.startswith(EXPLICIT):
            table[i] = pieces.vectors[pieces.bag(word.strip("[]")), :dim].sum(axis=0)
    return WordTable(table)


def average_vectors(mails: Mails, posts: Posts, table: WordTable) -> np.ndarray:
    """The direction of the sum of each used post's words."""
    from scipy.sparse import csr_array

    rows, vectors, total = posts.source[posts.used], table.vectors, 0
    for lists in (mails.subjects, mails.bodies):
        words = gathered(lists, rows)
        ones = np.ones(len(words.ids), np.float32)
        total = (
            total + csr_array((ones, words.ids.astype(np.int32), words.ends), shape=(len(rows), len(vectors))) @ vectors
        )
    return unit(total)


@dataclass(frozen=True, eq=False)
class Bins:
    """Where columns are cut: edges (n_columns, N_BINS - 1), padded with infinity, and where each one's bins start."""

    edges: np.ndarray
    starts: np.ndarray  # (n_columns,)
    width: int

    def of(self, columns: np.ndarray) -> np.ndarray:
        """The bin of each column, as places (..., n_columns) below `width`."""
        return self.starts + (columns[..., None] > self.edges).sum(axis=-1)


def cut_columns(posts: Posts) -> Bins:
    """Edges at the quantiles of the training posts."""
    known = posts.columns[posts.train]
    edges = np.full((known.shape[1], N_BINS - 1), np.inf, np.float32)
    for i, column in enumerate(known.T):
        if column.max() > column.min():
            cuts = np.unique(np.quantile(column, np.linspace(0, 1, N_BINS + 1)[1:-1], method="lower"))
            cuts = cuts[cuts < column.max()]
            cuts = cuts if len(cuts) else np.array([column.min()])
            edges[i, : len(cuts)] = cuts
    return Bins(edges, np.arange(len(edges)) * N_BINS, len(edges) * N_BINS)
