"""What several checks work with: where the booked home stands, and stages run again on other inputs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from core.cases.similar_listings.data.world import World
from core.cases.similar_listings.model.similarity import Similarity
from core.cases.similar_listings.serve.filters import passing
from core.cases.similar_listings.serve.sessions import request_of
from core.checks.toolkit import Lab
from core.runtime.memo import Step

WORLDS = 4  # pooled where one world has too few requests of a kind


def worlds(lab: Lab) -> Iterator[Lab]:
    """The lab under WORLDS seeds, its own first."""
    return (lab.at(lab.seed + i) for i in range(WORLDS))


def rerun(step: Step, *inputs: Any, **changed: Any) -> Any:
    """What a design's stage makes of other inputs, with its own settings but for those that are given."""
    return step.function(*inputs, **{**dict(step.params), **changed})


def booked_ranks(model: Similarity, world: World, requests: np.ndarray | None = None) -> np.ndarray:
    """Where the booked home stands among all eligible ones by similarity to the home on the screen, 0 to 1."""
    requests = np.arange(len(world.now.booked)) if requests is None else requests
    return np.array([_booked_rank(model, world, i) for i in requests.tolist()])


def _booked_rank(model: Similarity, world: World, i: int) -> float:
    request, ids = request_of(world, i), world.homes.of_market(int(world.now.market[i]))
    scores = model.scores(world.homes, request.market, request.seen[:1])
    own = scores[world.homes.local[world.now.booked[i]]]
    eligible = passing(world.homes, request, ids)
    return (eligible & (scores > own)).sum() / max(eligible.sum() - 1, 1)
