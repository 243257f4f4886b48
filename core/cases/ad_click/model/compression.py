"""A network made smaller: 8 bits, fewer weights, or a student that learns from it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import sparse

from core.cases.ad_click.features import Inputs
from core.cases.ad_click.model.networks import Net, train
from core.metrics.maths import sigmoid

STUDENT_HIDDEN, STUDENT_DIM, STUDENT_EPOCHS = (16, 8), 4, 2
KEPT_WEIGHTS = 0.2  # pruned: the share of dense weights that stay
LEAST_SEEN = 4  # pruned: embeddings of buckets seen fewer times share one row
COMPRESSIONS = {
    "fp32": "fp32",
    "int8": "int8",
    "pruned": "pruned",
    "distilled": "distilled",
}


def compress(net: Net, how: str, inputs: Inputs, buckets: int, seed: int) -> Net:
    """The network as it is served. `inputs` are what it learnt from. Raises ValueError for an unknown way."""
    if how == "int8":
        return _int8(net)
    if how == "pruned":
        return _pruned(net, inputs, buckets)
    if how == "distilled":
        chances = sigmoid(net.log_odds(inputs))
        dim = min(STUDENT_DIM, net.table.shape[1] - 1)
        return train(net.kind, inputs, chances, buckets, dim, seed, STUDENT_HIDDEN, STUDENT_EPOCHS)
    if how != "fp32":
        raise ValueError(f"no compression called {how!r}: choose one of {', '.join(COMPRESSIONS)}")
    return net


def _int8(net: Net) -> Net:
    """The table as 127 steps of a scale of each row; dense weights rounded so by column, kept ready to multiply."""
    scales = np.maximum(np.abs(net.table).max(axis=1, keepdims=True), 1e-8) / 127
    dense = tuple((_rounded(w), b) for w, b in net.dense)
    cross = (*map(_rounded, net.cross[:2]), *net.cross[2:])
    table = np.rint(net.table / scales).astype(np.int8)
    return replace(net, table=table, scales=scales.astype(np.float32), dense=dense, cross=cross)


def _rounded(w: np.ndarray) -> np.ndarray:
    scale = np.maximum(np.abs(w).max(axis=0), 1e-8) / 127
    return (np.rint(w / scale) * scale).astype(np.float32)


def _pruned(net: Net, inputs: Inputs, buckets: int) -> Net:
    """Only the largest dense weights, and rows of the table only for buckets seen LEAST_SEEN times."""
    seen = np.bincount(inputs.hashed.ravel(), minlength=buckets) >= LEAST_SEEN
    row_of = np.where(seen, np.cumsum(seen), 0).astype(np.uint16 if seen.sum() < 65_535 else np.int32)
    table = np.concatenate([np.zeros((1, net.table.shape[1]), np.float32), net.table[seen]])
    dense = tuple((_sparse(w), b) if w.shape[1] > 1 else (w, b) for w, b in net.dense)
    return replace(net, table=table, row_of=row_of, dense=dense)


def _sparse(w: np.ndarray) -> sparse.csr_matrix:
    kept = np.abs(w) >= np.quantile(np.abs(w), 1 - KEPT_WEIGHTS)
    return sparse.csr_matrix((w * kept).T)
