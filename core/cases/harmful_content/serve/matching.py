"""Known harm met again: exact copies by a checksum, near copies by MinHash and locality-sensitive hashing.

datasketch finds the same copies (`test_near_copies_are_those_that_datasketch_finds`), but one text at a time: with it
a default run takes a quarter more (0.85 → 1.09 CPU s) and the median request a seventh more (0.17 → 0.19 ms).
"""

from __future__ import annotations

from dataclasses import dataclass
from zlib import crc32

import numpy as np

from core.cases.harmful_content.data import Posts, gathered
from core.datasets.mails import Mails, Words

N_HASHES, N_BANDS = 64, 16  # four numbers a band: pairs alike by a half become candidates two times in three
SHINGLE = 3  # words in a row
COPY = 0.5  # share of equal hashes from which two bodies are near copies
LEAST_WORDS = 8  # a shorter body is not matched: too many harmless ones are alike
_MIX = np.uint64(0x9E3779B97F4A7C15)
_RANDOM = np.random.default_rng(0).integers(0, 2**32, (2, N_HASHES), np.uint32)
_SALTS, _FACTORS = _RANDOM[0], _RANDOM[1] | np.uint32(1)  # an odd factor makes a hash a permutation of all numbers


@dataclass(frozen=True, eq=False)
class Bank:
    """Known harmful posts: their checksums, or their signatures with the bands that find candidates."""

    checksums: np.ndarray  # (n_known,) uint32, sorted
    signatures: np.ndarray  # (n_known, N_HASHES) uint32, empty for exact matching
    keys: np.ndarray  # (N_BANDS * n_known,) uint64, sorted: the bands of all, each with its own numbers
    owners: np.ndarray  # (N_BANDS * n_known,) which known post a key is of

    @property
    def nbytes(self) -> int:
        """Bytes served from."""
        return sum(a.nbytes for a in (self.checksums, self.signatures, self.keys, self.owners))


def remember(mails: Mails, posts: Posts, kind: str) -> Bank:
    """The bank of the posts that training knows as harmful."""
    known = np.concatenate([posts.train, posts.valid])
    known = known[posts.taught[known]]
    texts = gathered(mails.bodies, posts.source[known])
    texts = gathered(texts, np.flatnonzero(np.diff(texts.ends) >= LEAST_WORDS))
    sums = np.sort(np.array([checksum(texts.of(i)) for i in range(len(texts.ends) - 1)], np.uint32))
    if kind == "exact":
        return Bank(sums, np.zeros((0, N_HASHES), np.uint32), np.zeros(0, np.uint64), np.zeros(0, np.int32))
    signatures = sign(texts)
    keys = band_keys(signatures).ravel()
    order = np.argsort(keys, kind="stable")
    return Bank(sums, signatures, keys[order], (order // N_BANDS).astype(np.int32))


def checksum(words: np.ndarray) -> int:
    """A checksum of the words in order."""
    return crc32(np.ascontiguousarray(words, np.uint16))


def sign(texts: Words) -> np.ndarray:
    """MinHash signatures (n, N_HASHES): the least hash over each text's shingles (Broder 1997). Texts have words."""
    shingles, ends = _shingles(texts)
    return np.stack([np.minimum.reduceat(_hashed(shingles, i), ends[:-1]) for i in range(N_HASHES)], axis=1)


def sign_one(words: np.ndarray) -> np.ndarray:
    """The signature (N_HASHES,) of one text."""
    ids = words.astype(np.uint64) + np.uint64(1)
    padded = np.concatenate([ids, np.zeros(SHINGLE - 1, np.uint64)])
    for ahead in range(1, SHINGLE):
        ids = (ids * _MIX) ^ padded[ahead : ahead + len(words)]
    return _hashed(_folded(ids)[:, None], slice(None)).min(axis=0)


def _shingles(texts: Words) -> tuple[np.ndarray, np.ndarray]:
    """A number uint32 for every run of SHINGLE words, and where each text's runs end; a short text is one run."""
    ids = texts.ids.astype(np.uint64) + np.uint64(1)
    runs = ids.copy()
    last = np.repeat(texts.ends[1:], np.diff(texts.ends))
    at = np.arange(len(ids))
    for ahead in range(1, SHINGLE):
        following = np.where(at + ahead < last, ids[np.minimum(at + ahead, len(ids) - 1)], np.uint64(0))
        runs = (runs * _MIX) ^ following
    return _folded(runs), texts.ends


def _folded(runs: np.ndarray) -> np.ndarray:
    return ((runs * _MIX) >> np.uint64(32)).astype(np.uint32)


def _hashed(shingles: np.ndarray, which: int | slice) -> np.ndarray:
    """The hash number `which` of shingles, as uint32."""
    return (shingles ^ _SALTS[which]) * _FACTORS[which]


def band_keys(signatures: np.ndarray) -> np.ndarray:
    """A number (n, N_BANDS) for each band of a signature; equal bands, equal numbers."""
    parts = signatures.reshape(*signatures.shape[:-1], N_BANDS, -1).astype(np.uint64)
    keys = np.broadcast_to(np.arange(N_BANDS, dtype=np.uint64), parts.shape[:-1]).copy()
    for i in range(parts.shape[-1]):
        keys = (keys * _MIX) ^ parts[..., i]
    return keys


@dataclass(frozen=True, eq=False)
class Matched:
    """For each judged post the greatest likeness to known harm that was found, and how many were compared."""

    likeness: np.ndarray  # (n_test,) 0 where nothing was found
    compared: np.ndarray  # (n_test,)


def match(mails: Mails, posts: Posts, bank: Bank, kind: str) -> Matched:
    """Look every judged post up in the bank."""
    texts = gathered(mails.bodies, posts.source[posts.test])
    long = np.flatnonzero(np.diff(texts.ends) >= LEAST_WORDS)
    likeness, compared = np.zeros(len(posts.test)), np.zeros(len(posts.test))
    if kind == "exact":
        answers = [_same(texts.of(i), bank) for i in long]
        likeness[long], compared[long] = np.array(answers).reshape(-1, 2).T
    elif len(bank.signatures):
        signatures = sign(gathered(texts, long))
        text, known = _pairs(band_keys(signatures), bank)
        alike = (signatures[text] == bank.signatures[known]).mean(axis=1)
        np.maximum.at(likeness, long[text], alike)
        np.add.at(compared, long[text], 1)
    return Matched(likeness, compared)


def _pairs(keys: np.ndarray, bank: Bank) -> tuple[np.ndarray, np.ndarray]:
    """Every pair of a text (row of `keys`) and a known post that share a band, each once."""
    flat, n_known = keys.ravel(), len(bank.signatures)
    start, stop = bank.keys.searchsorted(flat), bank.keys.searchsorted(flat, side="right")
    text = np.repeat(np.arange(len(flat)) // N_BANDS, stop - start)
    at = np.arange(len(text)) - np.repeat(np.cumsum(stop - start) - (stop - start), stop - start)
    pairs = np.unique(text * n_known + bank.owners[np.repeat(start, stop - start) + at])
    return pairs // n_known, pairs % n_known


def near_copies(mails: Mails, posts: Posts) -> np.ndarray:
    """A number (n_test,) for each judged post that its near copies share: those with half of their hashes alike.

    Pairs are found by their bands; a copy of a copy belongs to them too. Short bodies are nobody's copies.
    """
    from scipy.sparse import coo_array  # scipy is slow to import
    from scipy.sparse.csgraph import connected_components

    texts = gathered(mails.bodies, posts.source[posts.test])
    long, n = np.flatnonzero(np.diff(texts.ends) >= LEAST_WORDS), len(posts.test)
    signatures = sign(gathered(texts, long))
    keys = band_keys(signatures)
    order = np.lexsort((keys.ravel(),))
    same = keys.ravel()[order][1:] == keys.ravel()[order][:-1]  # neighbours in a band link all of its texts
    one, other = order[:-1][same] // N_BANDS, order[1:][same] // N_BANDS
    alike = (signatures[one] == signatures[other]).mean(axis=1) >= COPY
    links = long[one[alike]], long[other[alike]]
    return connected_components(coo_array((np.ones(len(links[0])), links), (n, n)), directed=False)[1]


def against_all(mails: Mails, posts: Posts, bank: Bank) -> np.ndarray:
    """The greatest likeness (n_test,) of each judged post to any known one, without the index, to check it by."""
    texts = gathered(mails.bodies, posts.source[posts.test])
    long = np.flatnonzero(np.diff(texts.ends) >= LEAST_WORDS)
    likeness = np.zeros(len(posts.test))
    for i, signature in zip(long, sign(gathered(texts, long)), strict=True):
        likeness[i] = (bank.signatures == signature).mean(axis=1).max()
    return likeness


def match_one(words: np.ndarray, bank: Bank, kind: str) -> tuple[float, int]:
    """The greatest likeness of one body to a known one (the share of equal hashes), and how many were compared."""
    if len(words) < LEAST_WORDS:
        return 0.0, 0
    return _same(words, bank) if kind == "exact" else _nearest(sign_one(words), bank)


def _same(words: np.ndarray, bank: Bank) -> tuple[float, int]:
    own = checksum(words)
    at = int(bank.checksums.searchsorted(own))
    return float(at < len(bank.checksums) and int(bank.checksums[at]) == own), 1


def _nearest(signature: np.ndarray, bank: Bank) -> tuple[float, int]:
    candidates = _candidates(band_keys(signature), bank)
    if not len(candidates):
        return 0.0, 0
    return float((bank.signatures[candidates] == signature).mean(axis=1).max()), len(candidates)


def _candidates(keys: np.ndarray, bank: Bank) -> np.ndarray:
    """Known posts that share a band, each once."""
    start, stop = bank.keys.searchsorted(keys), bank.keys.searchsorted(keys, side="right")
    owners = [bank.owners[a:b] for a, b in zip(start.tolist(), stop.tolist(), strict=True) if b > a]
    return np.unique(np.concatenate(owners)) if owners else np.zeros(0, np.int32)
