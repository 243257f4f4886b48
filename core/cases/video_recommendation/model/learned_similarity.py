"""A learned similarity instead of the dot product: a small network over a person's and a film's ALS vectors.

As neural collaborative filtering has it (He et al. 2017), with the vectors held fixed, so that the two ways of putting
them together are compared and nothing else (Rendle et al. 2020).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from core.cases.video_recommendation.model.queries import als_query
from core.cases.video_recommendation.model.retrievers import Retriever
from core.cases.video_recommendation.model.towers import DECAY, torch_alone
from core.stages.adam import adam

HIDDEN, LEARNING_RATE = 64, 0.01  # the best of eight settings by recall on practice requests
STEPS, BATCH, NEGATIVES = 120, 128, 8
LEAST = 6  # likes of a person who is trained on: half of them ask, the other half is to be found


def fit_mlp(als: Retriever, table: Any, seed: int) -> Retriever:
    """The network of one era: trained on people of whom half the likes are hidden, against films drawn at random."""
    torch, rng = torch_alone(), np.random.default_rng([seed, 11])
    people, rows, films = _halved(als, table, rng)
    known = np.flatnonzero(als.popularity)
    scale = np.abs(als.items[known]).std()
    u, v = torch.from_numpy(people / people.std()), torch.from_numpy(als.items / scale)
    dim = v.shape[1]
    shapes = ((dim, HIDDEN), (dim, HIDDEN), (HIDDEN,), (HIDDEN,))
    weights = [torch.from_numpy((rng.normal(size=s) / dim**0.5).astype(np.float32)).requires_grad_() for s in shapes]
    moments = [(torch.zeros_like(w), torch.zeros_like(w)) for w in weights]
    for step in range(STEPS):
        drawn = rng.integers(len(rows), size=BATCH)
        others = known[rng.integers(len(known), size=(BATCH, NEGATIVES))]
        shown = torch.from_numpy(np.column_stack([films[drawn], others]))
        person, film, bias, out = weights
        person_side = (u[torch.from_numpy(rows[drawn])] @ person)[:, None]
        scores = torch.relu(person_side + v[shown] @ film + bias) @ out
        loss = -torch.log_softmax(scores, dim=1)[:, 0].mean()
        rate = LEARNING_RATE * min(1.0, 2 * (1 - step / STEPS))
        adam(weights, torch.autograd.grad(loss, weights), moments, step + 1, rate, DECAY)
    person, film, bias, out = (w.detach().numpy() for w in weights)
    film_side = (als.items / scale @ film + bias).astype(np.float32)
    parts = als.parts | dict(person_side=person / people.std(), film_side=film_side, out=out)
    return Retriever("mlp", None, als.popularity, parts)


def _halved(als: Retriever, table: Any, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Vectors (p, d) of people by half their likes; and of each hidden like whose it is (m,) and the film (m,)."""
    vectors, rows, films = [], [], []
    for user in np.flatnonzero(np.diff(table.indptr) >= LEAST).tolist():
        dealt = rng.permutation(table.indices[table.indptr[user] : table.indptr[user + 1]])
        half = len(dealt) // 2
        rows += [len(vectors)] * (len(dealt) - half)
        films.append(dealt[half:])
        vectors.append(als_query(als, dealt[:half]))
    return np.array(vectors, np.float32), np.array(rows), np.concatenate(films).astype(np.int64)
