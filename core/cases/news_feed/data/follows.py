"""Who follows whom, how often people post, and what it costs to bring posts to followers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.datasets.people import Ties, load_trust

N_READERS = 500
READER_DEGREES = (20, 150)  # people who follow so few or so many that a feed has neither nothing nor everything
VISITS_A_DAY = 2.0  # two refreshes a day, the interview's figure
POSTS_A_DAY = 0.6  # of somebody with TYPICAL followers; it grows with their square root
TYPICAL = 10
RATES = (0.1, 6.0)


@dataclass(frozen=True)
class Follows:
    """Readers, the authors they follow (CSR, authors numbered from 0) and everybody's number of followers.

    A link of the graph is taken both ways, so followers and followees are equal in number.
    """

    ptr: np.ndarray  # (n_readers + 1,)
    authors: np.ndarray  # (m,) int32
    reader_domain: np.ndarray  # (n_readers,) top-level domain of the e-mail address, 0 for none
    author_domain: np.ndarray  # (n_authors,)
    followers: np.ndarray  # (n_authors,) int32
    degree: np.ndarray  # (n_people,) int32: followers of everybody in the graph, authors or not

    @property
    def n_readers(self) -> int:
        """How many people open their feed."""
        return len(self.ptr) - 1

    def same_domain(self, reader: np.ndarray | int, author: np.ndarray) -> np.ndarray:
        """Whether reader and author say that they are of the same top-level domain, pair by pair (n,)."""
        theirs = self.author_domain[author]
        return (self.reader_domain[reader] == theirs) & (theirs > 0)


def follow_graph(degrees: str, seed: int) -> Follows:
    """The follow relations of N_READERS people. Raises DataError for a file that is amiss, ValueError for the rest."""
    if degrees not in ("real", "uniform"):
        raise ValueError(f"degrees are real or uniform, not {degrees!r}")
    rng = np.random.default_rng(seed)
    real = _real(load_trust(), rng)
    return real if degrees == "real" else _uniform(real, rng)


def _real(ties: Ties, rng: np.random.Generator) -> Follows:
    degree = np.bincount(ties.pairs.ravel(), minlength=ties.n)
    fits = (degree >= READER_DEGREES[0]) & (degree <= READER_DEGREES[1])
    readers = np.sort(rng.permutation(np.flatnonzero(fits))[:N_READERS])
    if len(readers) < N_READERS:
        raise ValueError(f"the graph has {len(readers)} people to read a feed, {N_READERS} are needed")
    number = np.full(ties.n, -1)
    number[readers] = np.arange(N_READERS)
    ends = np.concatenate([ties.pairs, ties.pairs[:, ::-1]])
    ends = ends[number[ends[:, 0]] >= 0]
    ends = ends[np.lexsort((ends[:, 1], number[ends[:, 0]]))]
    people, authors = np.unique(ends[:, 1], return_inverse=True)
    ptr = np.concatenate([[0], np.cumsum(degree[readers])])
    domains = ties.tld[readers], ties.tld[people]
    return Follows(ptr, authors.astype(np.int32), *domains, degree[people].astype(np.int32), degree.astype(np.int32))


def _uniform(real: Follows, rng: np.random.Generator) -> Follows:
    """As many readers, authors and links, everybody with the same number: that of an average reader."""
    n_followed, n_authors = round(len(real.authors) / real.n_readers), len(real.followers)
    first = rng.integers(n_authors, size=(real.n_readers, 1))
    stride = n_authors // n_followed  # steps of one length through the authors, so that nobody is followed twice
    authors = np.sort((first + stride * np.arange(n_followed)) % n_authors, axis=1)
    ptr = np.arange(real.n_readers + 1) * n_followed
    alike = np.full(n_authors, n_followed, np.int32)
    everybody = np.full(len(real.degree), n_followed, np.int32)
    return Follows(ptr, authors.ravel().astype(np.int32), real.reader_domain, real.author_domain, alike, everybody)


def posts_a_day(followers: np.ndarray) -> np.ndarray:
    """How often people with so many followers post: those with many post more (an assumption of the simulator)."""
    return np.clip(POSTS_A_DAY * np.sqrt(followers / TYPICAL), *RATES)
