"""Messages of the SpamAssassin public corpus: masked words, counts of links, markup and route, and MiniLM's vectors."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.datasets.files import DATA, DataError, arrays
from core.datasets.mail_text import COLUMNS

MAILS, VECTORS = "mails.npz", "mail_vectors.npz"
CLASSES = ("scam", "adult", "like malware")
ENCODED_PIECES = 64  # of a message that MiniLM read


@dataclass(frozen=True, eq=False)
class Words:
    """Lists of words one after another: numbers (n_words,) into a vocabulary, list i from ends[i] to ends[i + 1]."""

    ids: np.ndarray  # uint16
    ends: np.ndarray  # (n + 1,) int64, from 0

    def of(self, i: int) -> np.ndarray:
        """The words of list i."""
        return self.ids[self.ends[i] : self.ends[i + 1]]


@dataclass(frozen=True, eq=False)
class Mails:
    """6,046 messages, oldest first."""

    vocabulary: tuple[str, ...]  # marks in [ ], explicit words as # and a code
    subjects: Words
    bodies: Words
    columns: np.ndarray  # (n, 38) float32: counts and shares as `mail_text.COLUMNS` names them
    hour: np.ndarray  # (n,) since the first of January 2001
    harmful: np.ndarray  # (n,) bool
    classes: np.ndarray  # (n, 3) bool, by rule, as CLASSES names them; none for a harmless message

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays and, at eight a letter, of the vocabulary."""
        lists = (self.subjects.ids, self.subjects.ends, self.bodies.ids, self.bodies.ends)
        letters = sum(map(len, self.vocabulary))
        return sum(a.nbytes for a in (*lists, self.columns, self.hour, self.harmful, self.classes)) + 8 * letters


def load_mails(root: Path = DATA) -> Mails:
    """The messages. Raises DataError."""
    stored = arrays(MAILS, root)
    if stored["columns"].shape[1] != len(COLUMNS):
        raise DataError(f"data/{MAILS} has {stored['columns'].shape[1]} columns, this program reads {len(COLUMNS)}")
    return Mails(
        vocabulary=tuple(stored["words"].tobytes().decode().split("\n")),
        subjects=_lists(stored, "subject"),
        bodies=_lists(stored, "body"),
        columns=stored["columns"].astype(np.float32),
        hour=stored["hour"].astype(np.float64),
        harmful=stored["harmful"],
        classes=(stored["classes"][:, None] & np.array([1, 2, 4], np.uint8)) > 0,
    )


@dataclass(frozen=True, eq=False)
class MailVectors:
    """MiniLM's vectors (n, 256) float32 of unit length, and how the network's 384 numbers were turned into them."""

    vectors: np.ndarray
    rotation: np.ndarray  # (384, 256)


def load_mail_vectors(root: Path = DATA) -> MailVectors:
    """A vector a message, in the order of the messages. Raises DataError."""
    stored = arrays(VECTORS, root)
    rows = stored["codes"].astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True).clip(1e-12)
    return MailVectors(rows, stored["rotation"].astype(np.float32))


def _lists(stored: dict[str, np.ndarray], name: str) -> Words:
    return Words(stored[f"{name}_words"], np.concatenate([[0], stored[f"{name}_ends"].astype(np.int64)]))
