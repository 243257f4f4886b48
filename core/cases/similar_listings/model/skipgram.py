"""Skip-gram with negative sampling over click sessions, as Airbnb trains listing embeddings (Grbovic & Cheng 2018).

Every click predicts the clicks around it (Mikolov et al. 2013). Two additions are theirs: in a session that ends with a
booking the booked home is part of every window (equation 4), and some negatives come from the clicked home's own market
(equation 5), since nearly all others tell it apart by city alone. The loop is compiled by numba; it is sequential and
draws its own random numbers, so the same seed gives the same vectors.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

NEGATIVES = 3
LEARNING_RATE = 0.2  # falls linearly to a thousandth of it
EPOCHS = 3  # with random starts of half unit length: five from word2vec's tiny ones find no more and take twice as long
START_LENGTH = 0.5
NOISE_POWER = 0.75  # of the counts, for the negatives (Mikolov et al. 2013)


def train_skipgram(
    clicks: np.ndarray, starts: np.ndarray, booked: np.ndarray, counts: np.ndarray, order: np.ndarray,
    bounds: np.ndarray, market: np.ndarray,
    *, dim: int, window: int, booked_context: bool, market_negatives: int, seed: int,
) -> np.ndarray:  # fmt: skip
    """Home vectors (n, dim) float32 from sessions: clicks (c,), where each starts (s + 1,), what it booked or -1 (s,).

    `counts` (n,) are clicks a home; `order` and `bounds` list the homes market by market; `market` (n,). Each click
    draws its own window from 1 to `window`. Raises ValueError without any click, or for a size or window below 1.
    """
    if len(clicks) == 0:
        raise ValueError("no session to learn from")
    if dim < 1 or window < 1:
        raise ValueError(f"dim and window must be at least 1, got {dim} and {window}")
    noise = np.repeat(np.arange(len(counts)), np.ceil(counts**NOISE_POWER).astype(np.int64))
    integers = [
        np.ascontiguousarray(column, np.int64) for column in (clicks, starts, booked, noise, order, bounds, market)
    ]
    vectors = np.random.default_rng(seed).standard_normal((len(counts), dim), np.float32)
    vectors *= np.float32(START_LENGTH / dim**0.5)
    settings = (window, NEGATIVES, market_negatives, int(booked_context), EPOCHS)
    compiled_training()(vectors, np.zeros_like(vectors), *integers, *settings, LEARNING_RATE, np.uint64(seed + 1))
    return vectors


def _train(
    vectors, contexts, clicks, starts, booked, noise, order, bounds, market,
    window, negatives, market_negatives, booked_context, epochs, rate, state,
):  # fmt: skip
    """Change `vectors` and `contexts` (n, dim) in place. Untyped: numba compiles it for the types given below."""
    dim, done, total = vectors.shape[1], 0, epochs * len(clicks)
    change = np.zeros(dim, np.float32)
    for _ in range(epochs):
        for session in range(len(booked)):
            first, last = starts[session], starts[session + 1]
            for at in range(first, last):
                home = clicks[at]
                step = np.float32(rate * max(1e-3, 1 - done / total))
                done += 1
                state = state * np.uint64(6364136223846793005) + np.uint64(1442695040888963407)
                reach = 1 + (state >> np.uint64(33)) % np.uint64(window)
                low, high = max(first, at - np.int64(reach)), min(last, at + np.int64(reach) + 1)
                more = 1 if booked_context and booked[session] >= 0 else 0
                for beside in range(low, high + more):
                    near = booked[session] if beside == high else clicks[beside]
                    if near == home:
                        continue
                    change[:] = 0
                    for draw in range(1 + negatives + market_negatives):
                        state = state * np.uint64(6364136223846793005) + np.uint64(1442695040888963407)
                        random = np.int64(state >> np.uint64(33))
                        if draw == 0:
                            other, target = near, np.float32(1)
                        elif draw <= negatives:
                            other, target = noise[random % len(noise)], np.float32(0)
                        else:
                            begin, end = bounds[market[home]], bounds[market[home] + 1]
                            other, target = order[begin + random % (end - begin)], np.float32(0)
                        if draw > 0 and other == near:
                            continue
                        product = np.float32(0)
                        for i in range(dim):
                            product += vectors[home, i] * contexts[other, i]
                        slope = step * (target - np.float32(1) / (np.float32(1) + np.exp(-product)))
                        for i in range(dim):
                            change[i] += slope * contexts[other, i]
                            contexts[other, i] += slope * vectors[home, i]
                    for i in range(dim):
                        vectors[home, i] += change[i]


@cache
def compiled_training() -> Callable[..., Any]:
    """The loop, compiled once and kept on disk where that can be written."""
    import numba

    matrix, count = numba.float32[:, ::1], numba.int64
    ints = numba.types.Array(count, 1, "C", readonly=True)
    signature = numba.void(matrix, matrix, *[ints] * 7, *[count] * 5, numba.float64, numba.uint64)
    fast = dict(
        nogil=True, fastmath={"reassoc", "contract", "nsz"}
    )  # sums of products in any order, no other liberties
    try:
        return numba.njit(signature, cache=True, **fast)(_train)
    except (RuntimeError, OSError):  # no folder for the cache
        return numba.njit(signature, **fast)(_train)
