"""Who knows whom, since when: the PGP web of trust (Richters and Peixoto 2011) and co-authorship (Newman 2001)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.datasets.files import DATA, DataError, arrays


@dataclass(frozen=True, eq=False)
class Ties:
    """Undirected links between n numbered people, each pair once, and a little of what the people say of themselves.

    `tld` (n,) numbers `tld_names`, top-level domains of e-mail addresses, where 0 is "none"; `domain` (n,) is a number
    that stands for the whole domain, 0 for none or for one of fewer than three people.
    """

    n: int
    pairs: np.ndarray  # (m, 2) int32, the smaller number first
    day: np.ndarray  # (m,) int32, days since 1970 on which the link was first seen
    tld: np.ndarray
    tld_names: tuple[str, ...]
    domain: np.ndarray


def load_trust(root: Path = DATA) -> Ties:
    """39,796 people and 197,141 links, 1991 to 2009: one has signed the other's key. Raises DataError."""
    stored = arrays("trust.npz", root)
    profile = stored["tld"].astype(np.int32), tuple(map(str, stored["tld_names"])), stored["domain"].astype(np.int32)
    return _checked("trust.npz", Ties(len(stored["tld"]), *_links(stored), *profile))


def load_coauthors(root: Path = DATA) -> Ties:
    """40,013 authors and 178,488 pairs that wrote together, counted in 1999, 2003 and 2005. Raises DataError."""
    stored = arrays("coauthors.npz", root)
    pairs, day = _links(stored)
    nothing = np.zeros(int(pairs.max()) + 1, np.int32)
    return _checked("coauthors.npz", Ties(len(nothing), pairs, day, nothing, ("none",), nothing))


def _links(stored: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    pairs = np.column_stack([stored["u"], stored["v"]]).astype(np.int32)
    return pairs, stored["day"].astype(np.int32) + np.int32(stored["start"])


def _checked(name: str, ties: Ties) -> Ties:
    """The links, once they are pairs of two different known people."""
    if not len(ties.pairs) or len(ties.pairs) != len(ties.day):
        raise DataError(f"data/{name} holds {len(ties.pairs)} links and {len(ties.day)} days")
    if ties.pairs.max() >= ties.n or (ties.pairs[:, 0] >= ties.pairs[:, 1]).any():
        raise DataError(f"data/{name} links people it does not have, or somebody with themselves")
    return ties
