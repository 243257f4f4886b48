"""What the truth checks of similar listings have in common: worlds, runs, ranks and comparisons."""

from __future__ import annotations

import numpy as np

from core.cases.similar_listings.data.log import Log
from core.cases.similar_listings.data.simulator import simulate_guests
from core.cases.similar_listings.data.world import SESSIONS_PER_HOME, World, load_listings
from core.cases.similar_listings.design import SimilarListings
from core.cases.similar_listings.model.cold_start import add_new_homes
from core.cases.similar_listings.model.similarity import Similarity, learn_skipgram
from core.cases.similar_listings.pipeline import run
from core.cases.similar_listings.serve.filters import passing
from core.cases.similar_listings.serve.sessions import asked_of
from core.contract.case import Measurement
from core.metrics import PairedDifference, paired_difference

TRAINING = dict(dim=32, window=4, booked_context="yes", market_negatives=3)
DIALS = dict(geography=0.5, hidden=0.5, booking=0.5, free=0.3, turnover=0.005)
WORLDS = 4  # pooled where one world has too few requests of a kind


def measured(seed: int, **choices: object) -> Measurement:
    """The default design with some choices."""
    return run(SimilarListings(**choices), seed=seed)


def gain_of(key: str, better: Measurement, worse: Measurement, seed: int) -> PairedDifference:
    """How much the first is ahead on the same requests, for qualities where more is better."""
    return paired_difference(better.quality[key].per_query, worse.quality[key].per_query, seed)


def interval_of(difference: PairedDifference) -> str:
    """A difference with its interval."""
    return f"{difference.mean:+.4f} ({difference.low:+.4f} to {difference.high:+.4f})"


def about_equal(difference: PairedDifference, within: float) -> bool:
    """Not distinguishable, or surely within the margin."""
    return not difference.distinguishable or max(-difference.low, difference.high) <= within


def berlin(seed: int, **dials: float) -> World:
    """The default world with some dials."""
    return simulate_guests(load_listings("berlin"), SESSIONS_PER_HOME["berlin"], **{**DIALS, **dials}, seed=seed)


def trained_on(world: World, log: Log, seed: int, **choices: object) -> Similarity:
    """Skip-gram over the log with everything of today's city in it."""
    learnt = learn_skipgram(world, log, **{**TRAINING, **choices}, seed=seed)
    return add_new_homes(learnt, world, log, "skipgram", "near", age_days=0.0, seed=seed)


def booked_ranks(model: Similarity, world: World, asked: np.ndarray | None = None) -> np.ndarray:
    """Where the booked home stands among all eligible ones by similarity to the home on the screen, 0 to 1."""
    asked = np.arange(len(world.now.booked)) if asked is None else asked
    found = np.empty(len(asked))
    for row, i in enumerate(asked):
        request, ids = asked_of(world, i), world.homes.of_market(int(world.now.market[i]))
        scores = model.scores(world.homes, request.market, request.seen[:1])
        own = scores[world.homes.local[world.now.booked[i]]]
        eligible = passing(world.homes, request, ids)
        found[row] = (eligible & (scores > own)).sum() / max(eligible.sum() - 1, 1)
    return found
