"""Ranking metrics.

Every metric takes one query (a 1-D list of ids, best first) and returns a float, or a batch (2-D, or a list of lists,
with one `relevant` or `gains` per query) and returns an array (n_queries,). An id of -1 means "nothing returned here"
and never counts. A query with nothing relevant scores 0.0. ValueError: k below 1, an id listed twice, ids that are not
whole numbers >= -1, and gains that are NaN, infinite or negative.
"""

from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

TIE = 1e-6  # scores that differ by less are ties: above what rounding does to a product of unit vectors
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Ranked = Sequence[int] | Sequence[Sequence[int]] | NDArray[np.integer]
Relevant = Collection[int] | Sequence[Collection[int]] | NDArray[np.integer]
Gains = Mapping[int, float] | Sequence[float] | Sequence[Mapping[int, float]] | Sequence[Sequence[float]] | Floats


def recall_at_k(ranked: Ranked, relevant: Relevant, k: int) -> float | Floats:
    """Return the share of a query's relevant ids that are among the first k."""
    hits, n_relevant = _hits(ranked, relevant, k)
    return _answer(ranked, hits.sum(axis=1) / np.maximum(n_relevant, 1))


def recall_with_ties(returned: ArrayLike, best: ArrayLike, k: int, tolerance: float = TIE) -> Floats:
    """Return recall at k (n_queries,) where every item as near as the k-th best one counts, whichever id it has.

    From the true scores of what was returned and of the exact neighbours, each (n_queries, any), best first, -inf for
    nothing. An item is as near if its score is within `tolerance` of the k-th best one, relative to it above 1 (as
    ANN-Benchmarks counts by distance, Aumüller et al. 2020). Without ties it equals `recall_at_k` of the ids.
    ValueError for NaN, infinity or a negative tolerance.
    """
    found, exact = np.atleast_2d(np.asarray(returned, float)), np.atleast_2d(np.asarray(best, float))
    if len(found) != len(exact) or not ((found < np.inf).all() and (exact < np.inf).all()):
        raise ValueError(f"need scores below infinity for the same queries, got {found.shape} and {exact.shape}")
    if not tolerance >= 0:
        raise ValueError(f"the tolerance of a tie must be at least 0, got {tolerance}")
    n_exact = np.isfinite(exact[:, : _checked(k)]).sum(axis=1)
    last = exact[np.arange(len(exact)), np.maximum(n_exact - 1, 0)]
    last = np.where(n_exact > 0, last, 0.0)
    near = found[:, :k] >= (last - tolerance * np.maximum(1.0, np.abs(last)))[:, None]
    return np.minimum(near.sum(axis=1), n_exact) / np.maximum(n_exact, 1)


def precision_at_k(ranked: Ranked, relevant: Relevant, k: int) -> float | Floats:
    """Return the share of the first k that is relevant; a list shorter than k still divides by k."""
    hits, _ = _hits(ranked, relevant, k)
    return _answer(ranked, hits.sum(axis=1) / k)


def mrr_at_k(ranked: Ranked, relevant: Relevant, k: int) -> float | Floats:
    """Return one over the rank of the first relevant id among the first k, 0.0 when there is none."""
    hits, _ = _hits(ranked, relevant, k)
    return _answer(ranked, (hits / np.arange(1, hits.shape[1] + 1)).max(axis=1, initial=0.0))


def average_precision(ranked: Ranked, relevant: Relevant) -> float | Floats:
    """Return the precision at each relevant id's rank, averaged over all of them (Manning et al. 2008, section 8.4)."""
    hits, n_relevant = _hits(ranked, relevant)
    precision = hits.cumsum(axis=1) / np.arange(1, hits.shape[1] + 1)  # (n_queries, m)
    return _answer(ranked, (precision * hits).sum(axis=1) / np.maximum(n_relevant, 1))


def ndcg_at_k(ranked: Ranked, gains: Gains, k: int) -> float | Floats:
    """Return the sum of gain / log2(rank + 1) over the first k, divided by that of the best order of all gains.

    `gains` maps an id to a gain >= 0, or is a 1-D array indexed by id; an id it lacks gains 0 (Järvelin & Kekäläinen
    2002).
    """
    table = _table(ranked)
    rows, ids, values = _gain_triples(_per_query(ranked, gains, len(table)))
    gained = _look_up(table, rows, ids, values)[:, : _checked(k)]
    dcg = (gained / np.log2(np.arange(2, gained.shape[1] + 2))).sum(axis=1)
    ideal = _ideal_dcg(rows, values, len(table), k)
    ndcg = np.divide(dcg, ideal, out=np.zeros_like(dcg), where=ideal > 0)
    return _answer(ranked, np.minimum(ndcg, 1.0))  # the two sums round differently


def ndcg_of(returned: ArrayLike, best: ArrayLike) -> Floats:
    """Return nDCG (n_queries,) from the gains at each returned rank and those of the best order, both (n_queries, k).

    For gains that follow from labels, where listing every item's gain would cost more than the search.
    """
    returned, best = np.asarray(returned, dtype=float), np.asarray(best, dtype=float)
    if returned.shape != best.shape or returned.ndim != 2:
        raise ValueError(f"gains found and best must both be (n_queries, k), got {returned.shape} and {best.shape}")
    discount = 1 / np.log2(np.arange(2, returned.shape[1] + 2))
    dcg, ideal = returned @ discount, best @ discount
    return np.minimum(np.divide(dcg, ideal, out=np.zeros_like(dcg), where=ideal > 0), 1.0)


def _ideal_dcg(rows: Ints, values: Floats, n_queries: int, k: int) -> Floats:
    """Return each query's discounted gain (n_queries,) when its gains come in descending order, cut at k."""
    order = np.lexsort((-values, rows))
    rows, values = rows[order], values[order]
    rank = np.arange(len(rows)) - np.searchsorted(rows, rows)  # from 0 within each query
    worth = np.where(rank < k, values / np.log2(rank + 2), 0.0)
    return np.bincount(rows, weights=worth, minlength=n_queries)


def _hits(ranked: Ranked, relevant: Relevant, k: int | None = None) -> tuple[NDArray[np.bool_], Ints]:
    """Return which of the first k are relevant (n_queries, k), and each query's number of relevant ids (n_queries,)."""
    table = _table(ranked)
    rows, ids = _flat(_per_query(ranked, relevant, len(table)))
    rows, ids = rows[ids >= 0], ids[ids >= 0]
    returned, relevant_keys, width = _keys(table, rows, ids)
    relevant_keys = np.unique(relevant_keys)
    returned = returned if k is None else returned[:, : _checked(k)]
    # Three times as fast as numpy's isin.
    at = np.minimum(np.searchsorted(relevant_keys, returned), len(relevant_keys) - 1)
    hits = relevant_keys[at] == returned if len(relevant_keys) else np.zeros(returned.shape, bool)
    return hits, np.bincount(relevant_keys // width, minlength=len(table))


def _look_up(table: Ints, rows: Ints, ids: Ints, values: Floats) -> Floats:
    """Return the value of each id in `table` (n, m) by its (row, id) pair, 0.0 where the pair is not known."""
    if not len(values):
        return np.zeros(table.shape)
    wanted, known, _ = _keys(table, rows, ids)
    order = np.argsort(known)
    at = np.minimum(np.searchsorted(known, wanted, sorter=order), len(known) - 1)
    return np.where(known[order[at]] == wanted, values[order[at]], 0.0)


def _keys(table: Ints, rows: Ints, ids: Ints) -> tuple[Ints, Ints, int]:
    """Return one integer key per (query, id) pair for batch look-ups, and the factor of the query in it."""
    width = 2 + int(max(table.max(initial=0), ids.max(initial=0)))  # one spare, where -1 of the next row falls
    if width * max(len(table), 1) >= 2**63:
        raise ValueError("ids too large: number the items from 0")
    return np.arange(len(table))[:, None] * width + table, rows * width + ids, width


def _gain_triples(gains: Sequence[Any]) -> tuple[Ints, Ints, Floats]:
    """Return (row, id, gain) of every gain above 0, as three arrays; ValueError when one is impossible."""
    if all(isinstance(query_gains, Mapping) for query_gains in gains):
        rows, ids = _flat(gains)
        values = np.array(list(chain.from_iterable(query_gains.values() for query_gains in gains)), dtype=float)
    else:
        dense = [np.asarray(query_gains, dtype=float) for query_gains in gains]
        if any(query_gains.ndim != 1 for query_gains in dense):
            raise ValueError("gains of a query: a mapping from id to gain, or a 1-D array indexed by id")
        rows, ids = _flat([np.flatnonzero(query_gains) for query_gains in dense])
        values = np.concatenate([query_gains[query_gains != 0] for query_gains in dense])
    if not (np.isfinite(values) & (values >= 0)).all():
        raise ValueError("gains must be finite and >= 0")
    keep = (values > 0) & (ids >= 0)
    return rows[keep], ids[keep], values[keep]


def _flat(lists: Sequence[Collection[int]] | NDArray[np.integer]) -> tuple[Ints, Ints]:
    """Return (row, id) of every id in one list per query, as two arrays."""
    if isinstance(lists, np.ndarray) and lists.ndim == 2:
        return np.repeat(np.arange(len(lists)), lists.shape[1]), _ids(lists.ravel())
    if not all(isinstance(row_ids, Collection) for row_ids in lists):
        raise ValueError("expected a list or set of whole numbers for each query")
    arrays = len(lists) > 0 and all(isinstance(row_ids, np.ndarray) and row_ids.dtype.kind in "iu" for row_ids in lists)
    ids = _ids(np.concatenate(lists) if arrays else list(chain.from_iterable(lists)))
    if ids.ndim != 1:
        raise ValueError("expected a flat list of ids for each query")
    return np.repeat(np.arange(len(lists)), np.array([len(row_ids) for row_ids in lists], dtype=int)), ids


def _table(ranked: Ranked) -> Ints:
    """Return the ranked ids as (n_queries, m), short lists filled with -1; ValueError when one lists an id twice."""
    if isinstance(ranked, np.ndarray) and ranked.ndim == 2:
        table = _ids(ranked)
    else:
        lists = ranked if _is_batch(ranked) else [ranked]
        sizes = np.array([len(row) for row in lists])
        table = np.full((len(lists), sizes.max()), -1, dtype=np.int64)
        table[np.arange(sizes.max()) < sizes[:, None]] = _flat(lists)[1]
    ordered = np.sort(table, axis=1)
    twice = ((ordered[:, 1:] == ordered[:, :-1]) & (ordered[:, 1:] >= 0)).any(axis=1)
    if twice.any():
        raise ValueError(f"query {int(twice.argmax())} lists an id twice")
    return table


def _ids(values: Any) -> Ints:
    """Return ids as int64; ValueError unless they are whole numbers >= -1."""
    array = np.asarray(values)
    if not array.size:
        return np.empty(array.shape, dtype=np.int64)
    if array.dtype.kind not in "iu" or array.min() < -1:
        raise ValueError("ids must be whole numbers: >= 0, or -1 for nothing returned")
    return array.astype(np.int64, copy=False)


def _is_batch(ranked: Ranked) -> bool:
    """Tell a batch of queries from a single one."""
    return np.ndim(ranked) == 2 if isinstance(ranked, np.ndarray) else len(ranked) > 0 and np.ndim(ranked[0]) == 1


def _per_query(ranked: Ranked, judged: Any, n_queries: int) -> Any:
    """Return one entry per query, as a list even for one query; ValueError when the counts differ."""
    judged = judged if _is_batch(ranked) else [judged]
    if isinstance(judged, AbstractSet | Mapping) or len(judged) != n_queries:
        raise ValueError(f"{n_queries} ranked lists need {n_queries} relevant sets or gains, in a sequence")
    return judged


def _answer(ranked: Ranked, values: Floats) -> float | Floats:
    """Return a float for one query, the array for a batch."""
    return values if _is_batch(ranked) else float(values[0])


def _checked(k: int) -> int:
    """Return k; ValueError below 1."""
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    return k
