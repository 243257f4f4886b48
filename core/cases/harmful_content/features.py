"""What models read of a post: hashed words, vectors of its text, its columns in bins, and words crossed with flags."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from core.cases.harmful_content.data import PICTURES, POST_COLUMNS, Post, Posts, gathered
from core.datasets.mail_text import EXPLICIT, UNKNOWN, spoken
from core.datasets.mails import ENCODED_PIECES, Mails, MailVectors
from core.datasets.minilm import CLOSE, OPEN, MiniLM, WordPieces
from core.metrics.maths import unit

if TYPE_CHECKING:
    from scipy.sparse import csr_array as Sparse

N_BINS = 6  # of a column, cut at quantiles
FLAGS = ("answers a message", *PICTURES)  # yes-or-no columns that words are crossed with
FLAG_COLUMNS = np.array([POST_COLUMNS.index(name) for name in FLAGS])

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
        """The places of one post's words and their weights, of unit length.

        scikit-learn's HashingVectorizer and TfidfTransformer take 0.39 ms for it, more than two requests; this 0.02 ms.
        """
        words = np.concatenate([self.subject[post.subject], self.body[post.body]])
        places, counts = np.unique(words, return_counts=True)
        values = damped(counts) * idf[places]
        return places, values / max(float(np.sqrt(values @ values)), 1e-9)


def hash_words(mails: Mails, bits: int) -> Slots:
    """Places below 2^bits, the hashing trick (Weinberger et al. 2009) without signs: no table of words is kept."""
    from sklearn.feature_extraction import FeatureHasher

    hasher = FeatureHasher(1 << bits, input_type="string", alternate_sign=False)
    subject, body = (hasher.transform([f"{part} {word}"] for word in mails.vocabulary) for part in ("subject", "body"))
    return Slots(subject.indices, body.indices, bits)


def count_words(mails: Mails, posts: Posts, slots: Slots) -> Sparse:
    """How often each place is hit (n_used, 2^bits), float32.

    scikit-learn's HashingVectorizer gives the same counts, a fifth of a default run later (0.19 CPU s instead of 0.01).
    """
    from scipy.sparse import csr_array

    rows, counts = posts.source[posts.used], []
    for words, places in ((gathered(mails.subjects, rows), slots.subject), (gathered(mails.bodies, rows), slots.body)):
        ones = np.ones(len(words.ids), np.float32)
        counts.append(csr_array((ones, places[words.ids], words.ends), shape=(len(rows), 1 << slots.bits)))
    return counts[0] + counts[1]


def damped(counts: np.ndarray) -> np.ndarray:
    """1 + log of counts (Manning et al. 2008, section 6.4.1)."""
    return (1 + np.log(counts)).astype(np.float32)


def document_weights(counts: Sparse, n_train: int) -> np.ndarray:
    """The idf (width,) of the training rows, which stand first."""
    from sklearn.feature_extraction.text import TfidfTransformer

    return TfidfTransformer().fit(counts[:n_train]).idf_.astype(np.float32)


def weighted(counts: Sparse, idf: np.ndarray) -> Sparse:
    """Damped counts times idf (n, width), of unit length."""
    from sklearn.feature_extraction.text import TfidfTransformer

    transformer = TfidfTransformer(sublinear_tf=True)
    transformer.idf_ = idf
    return transformer.transform(counts)


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
        counts = csr_array((ones, words.ids.astype(np.int32), words.ends), shape=(len(rows), len(vectors)))
        total = total + counts @ vectors
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
