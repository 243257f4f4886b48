"""One model over text and columns at once, which is what early fusion is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.cases.harmful_content.data import Post, Posts
from core.cases.harmful_content.features import FLAG_COLUMNS, Bins, Reader, document_weights, weighted
from core.cases.harmful_content.model.linear import STRENGTH, Linear, Score, logistic

if TYPE_CHECKING:
    from core.cases.harmful_content.features import Sparse

BIN_WEIGHT = 0.087  # of a column's bin beside words: forty of them are then about half as long as the text
CROSS_WEIGHT = 2.2  # of words crossed with a flag: what sets few posts apart must be learnt from few


@dataclass(frozen=True, eq=False)
class Joint:
    """One linear model over text, binned columns and text crossed with flags: what early fusion is."""

    text: Linear  # its idf, for counted text
    bins: Bins
    weights: np.ndarray  # (width,): text, bins, then text once more for each flag
    bias: float
    width: int
    step: float = 1.0

    @property
    def nbytes(self) -> int:
        """Bytes served from."""
        return self.weights.nbytes + self.text.idf.nbytes + self.bins.edges.nbytes

    def score(self, rows: np.ndarray | Sparse, columns: np.ndarray) -> np.ndarray:
        """Scores (n,) of texts and their columns (n, n_columns): a flag that is set adds its own text weights."""
        words, bins, crosses = self.parts
        known = weighted(rows, self.text.idf) if len(self.text.idf) else rows
        of_text = known @ np.concatenate([words[None], crosses]).T
        on = np.column_stack([np.ones(len(columns)), CROSS_WEIGHT * (columns[:, FLAG_COLUMNS] > 0)])
        return (of_text * on).sum(axis=1) + BIN_WEIGHT * bins[self.bins.of(columns)].sum(axis=1) + self.bias

    def scorer(self, reader: Reader) -> Score:
        """What scores one post."""
        words, bins, crosses = self.parts
        tables, idf = np.concatenate([words[None], CROSS_WEIGHT * crosses]), self.text.idf

        def score(post: Post) -> float:
            places, values = reader.read(post, idf)
            on = tables[np.concatenate([[True], post.columns[FLAG_COLUMNS] > 0])].sum(axis=0)
            of_columns = BIN_WEIGHT * bins[self.bins.of(post.columns)].sum()
            return float(values @ on[places] + of_columns) + self.bias

        return score

    @property
    def parts(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The weights of text (width,), of bins, and of text under each flag (n_flags, width)."""
        weights = self.weights.astype(np.float32) * np.float32(self.step)
        words, bins, crosses = np.split(weights, [self.width, self.width + self.bins.width])
        return words, bins, crosses.reshape(len(FLAG_COLUMNS), self.width)


def fit_joint(rows: np.ndarray | Sparse, posts: Posts, bins: Bins) -> Joint:
    """Logistic regression over all of it."""
    from scipy.sparse import csr_array, diags_array, hstack, issparse

    n = len(posts.train)
    columns, taught = posts.columns[posts.train], posts.taught[posts.train]
    sparse = issparse(rows)
    idf = document_weights(rows, n) if sparse else np.zeros(0, np.float32)
    text = weighted(rows[:n], idf) if sparse else csr_array(rows[:n])
    places = bins.of(columns)
    width = text.shape[1]
    binned = csr_array(
        (np.full(places.size, BIN_WEIGHT, np.float32), places.ravel(), np.arange(n + 1) * places.shape[1]),
        shape=(n, bins.width),
    )
    crossed = [diags_array((CROSS_WEIGHT * (columns[:, f] > 0)).astype(np.float32)) @ text for f in FLAG_COLUMNS]
    weights, bias = logistic(
        hstack([text, binned, *crossed], format="csr"), taught, STRENGTH["crossed" if sparse else "joint"]
    )
    return Joint(Linear(weights[:0], 0.0, idf), bins, weights, bias, width)
