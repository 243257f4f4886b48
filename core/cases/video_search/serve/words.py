"""The channel of words: an inverted index over metadata, scored by BM25 (bm25s, Lù 2024)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.cases.video_search.data.texts import terms

K1, B = 1.5, 0.75  # of BM25: how fast repeated words count less, how much long texts do
Hits = tuple[np.ndarray, np.ndarray]  # ids best first (at most k,) and their scores


@dataclass(frozen=True)
class WordIndex:
    """Postings of the videos known (m rows), and the weight of each term."""

    index: Any
    rows: np.ndarray  # (m,) int64
    idf: np.ndarray  # (n_terms,)
    nbytes: int


def index_words(texts: Sequence[str], rows: np.ndarray) -> WordIndex:
    """BM25 over the texts of the videos in `rows`; where there is not one word in them, an index that finds nothing."""
    import bm25s

    logging.getLogger("bm25s").setLevel(logging.WARNING)  # it sets itself to tell of every index
    bags = [terms(texts[row]) for row in rows.tolist()]
    if not any(bags):
        return WordIndex(None, rows, np.zeros(0, np.float32), 0)
    built = bm25s.BM25(k1=K1, b=B, backend="numpy")  # which needs no compiling
    built.index(bags, show_progress=False)
    held_by = np.diff(built.scores["indptr"]).astype(np.float64)
    idf = np.log1p((len(rows) - held_by + 0.5) / (held_by + 0.5)).astype(np.float32)  # the most a term can add
    arrays = sum(built.scores[name].nbytes for name in ("data", "indices", "indptr"))
    return WordIndex(built, rows, idf, arrays + sum(len(term.encode()) for term in built.vocab_dict))


def word_searcher(index: WordIndex, k: int) -> Callable[[str], Hits]:
    """A function from a query to the k best videos and their scores: BM25 over the most the query's words could add.

    So a score of 1 is every word of the query and nothing else, and a word nobody uses pulls all scores down.
    """
    nothing = np.empty(0, np.int64), np.empty(0, np.float32)
    unknown = float(index.idf.max(initial=0.0))

    def find(query: str) -> Hits:
        words = terms(query)
        known = index.index.get_tokens_ids(words) if index.index else []
        if not known:
            return nothing
        scores = index.index.get_scores_from_ids(known)
        most = float(index.idf[known].sum()) + unknown * (len(words) - len(known))
        ids = best(scores, k)
        return index.rows[ids], scores[ids] / most

    return find


def postings(index: WordIndex, query: str) -> int:
    """How many postings a query reads."""
    known = index.index.get_tokens_ids(terms(query)) if index.index else []
    starts = index.index.scores["indptr"] if known else np.zeros(1, np.int64)
    return int(sum(starts[i + 1] - starts[i] for i in known))


def best(scores: np.ndarray, k: int) -> np.ndarray:
    """Places of the k largest scores above 0, largest first, ties by place."""
    above = np.flatnonzero(scores)
    if len(above) > k:
        positive = scores[above]
        above = above[positive >= np.partition(positive, len(positive) - k)[len(positive) - k]]
    return above[np.argsort(-scores[above], kind="stable")[:k]]
