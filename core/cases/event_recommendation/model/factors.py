"""Matrix factorisation of registrations: alternating least squares, with events folded in as they gather guests."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

FACTORS, SWEEPS, CONFIDENCE, L2 = 8, 6, 20.0, 3.0


@dataclass(frozen=True)
class Factors:
    """Vectors of people (n, FACTORS), from which those of events follow."""

    people: np.ndarray

    def fold_in(self, person: np.ndarray, event: np.ndarray, n_events: int) -> np.ndarray:
        """Vectors (n_events, FACTORS) of events from who registered; zeros for an event without a guest."""
        return _solved(self.people, event, person, n_events)


def learn_factors(person: np.ndarray, event: np.ndarray, n_people: int, n_events: int, seed: int) -> Factors:
    """People's vectors from their registrations (Hu, Koren and Volinsky 2008, section 4)."""
    events = np.random.default_rng(seed).normal(scale=0.1, size=(n_events, FACTORS))
    people = np.zeros((n_people, FACTORS))
    for _ in range(SWEEPS):
        people = _solved(events, person, event, n_people)
        events = _solved(people, event, person, n_events)
    return Factors(people)


def _solved(fixed: np.ndarray, row: np.ndarray, column: np.ndarray, n: int) -> np.ndarray:
    """The best vectors (n, FACTORS) of rows against the fixed ones of columns, rows without an entry left at 0."""
    order = np.argsort(row, kind="stable")
    used, first = np.unique(row[order], return_index=True)
    solved = np.zeros((n, fixed.shape[1]))
    if not len(used):
        return solved
    near = fixed[column[order]]
    squares = np.add.reduceat(near[:, :, None] * near[:, None, :], first, axis=0)
    sums = np.add.reduceat(near, first, axis=0)
    common = fixed.T @ fixed + L2 * np.eye(fixed.shape[1])
    solved[used] = np.linalg.solve(common + CONFIDENCE * squares, (1 + CONFIDENCE) * sums[..., None])[..., 0]
    return solved
