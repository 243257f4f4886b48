"""The knobs of similar listings, in the order of its pipeline; serving stands before lookup, which depends on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.cases.similar_listings.model.cold_start import COLD_STARTS
from core.cases.similar_listings.model.similarity import MODELS
from core.cases.similar_listings.serve.filters import FILTERS
from core.contract.design import knob

CITY_NAMES = {"berlin": "Berlin, 2,203 listings", "king": "King County, 21,436 homes"}


def trained(design: SimilarListings) -> bool:
    """True when the vectors are learnt from sessions."""
    return design.model == "skipgram"


def from_sessions(design: SimilarListings) -> bool:
    """True when similarity comes from what guests did, so that a new home has none."""
    return design.model != "attributes"


def searches(design: SimilarListings) -> bool:
    """True when requests search vectors themselves."""
    return design.serving == "online" and design.model != "coclick"


@dataclass(frozen=True)
class SimilarListings:
    """One way to build similar listings. Defaults are a design that a sensible team would start with."""

    FORMER_DEFAULTS: ClassVar = {"a365f9b2": {"context": 3}}

    city: str = knob(
        "City", CITY_NAMES, "berlin", "data",
        "Listings in ten markets with 24 clicks each, or homes in 70 ZIP codes with three clicks each.",
        names=CITY_NAMES,
    )  # fmt: skip
    geography: float = knob(
        "Geography", (0.0, 0.5, 1.0), 0.5, "data",
        "How much location matters to guests, and how alike neighbouring listings are in style.",
        names={0.0: "none", 0.5: "some", 1.0: "strong"},
    )  # fmt: skip
    hidden: float = knob(
        "Latent taste", (0.0, 0.5, 1.0), 0.5, "data",
        "Share of a guest's preference that no attribute holds: style, as photos show it.",
        names={0.0: "none", 0.5: "half", 1.0: "all"},
    )  # fmt: skip
    booking: float = knob(
        "Booking rate of sessions", (0.05, 0.2, 0.5), 0.5, "data",
        "Share of past sessions that end with a booking: the signal of the booking context.",
        names={0.05: "5 %", 0.2: "20 %", 0.5: "50 %"},
    )  # fmt: skip
    free: float = knob(
        "Availability", (0.03, 0.1, 0.3, 1.0), 0.3, "data",
        "Share of listings free on the dates of the request: the selectivity of the filter.",
        names={0.03: "3 %", 0.1: "10 %", 0.3: "30 %", 1.0: "all"},
    )  # fmt: skip
    turnover: float = knob(
        "New listings per day", (0.0, 0.005, 0.02), 0.005, "data",
        "Share of listings new each day; as many are renovated, which changes their style.",
        names={0.0: "none", 0.005: "0.5 %", 0.02: "2 %"},
    )  # fmt: skip
    model: str = knob(
        "Embedding", MODELS, "skipgram", "model",
        "What makes two listings similar: their attributes, co-click counts, or embeddings of sessions.",
        names={name: option.label for name, option in MODELS.items()}, main=True,
    )  # fmt: skip
    learnt_from: float = knob(
        "Training set size", (0.1, 0.25, 0.5, 1.0), 1.0, "model",
        "A uniform sample of the sessions of the last 60 days: fewer train faster, and leave more listings cold.",
        active=from_sessions, names={0.1: "10 %", 0.25: "25 %", 0.5: "50 %", 1.0: "100 %"},
    )  # fmt: skip
    window: int = knob(
        "Context window", (1, 2, 4), 4, "model",
        "Clicks to either side that count as context in a session: more pairs to train on, less alike.",
        active=trained,
    )  # fmt: skip
    booked_context: str = knob(
        "Booking as global context", ("yes", "no"), "yes", "model",
        "Every click also predicts the listing booked in the end, however far away in the session.",
        active=trained,
    )  # fmt: skip
    market_negatives: int = knob(
        "Same-market negatives", (0, 1, 3), 3, "model",
        "Negatives from the listing's own market, besides three random ones of the whole city.",
        active=trained, names={0: "none"},
    )  # fmt: skip
    cold_start: str = knob(
        "Cold-start embedding", COLD_STARTS, "near", "model",
        "The embedding of a listing with fewer than three clicks.",
        active=from_sessions, names={name: option.label for name, option in COLD_STARTS.items()},
    )  # fmt: skip
    dim: int = knob(
        "Embedding size", (4, 8, 16, 32, 64, 128), 32, "representation",
        "Dimensions per listing: training time, memory and search time grow linearly, quality flattens.",
        active=trained, main=True,
    )  # fmt: skip
    serving: str = knob(
        "Serving", ("online", "batch", "hybrid"), "online", "serving",
        "Search per request, look up precomputed neighbours, or look up and re-rank now.",
        main=True,
    )  # fmt: skip
    retrain_days: int = knob(
        "Retraining and refresh interval", (1, 7, 28), 1, "serving",
        "How often the model is trained and the neighbours recomputed; in between both age.",
        names={1: "day", 7: "week", 28: "4 weeks"},
    )  # fmt: skip
    context: int = knob(
        "Session length used", (1, 3, 14), 14, "serving",
        "The last listings clicked, whose mean is the query; precomputed neighbours know only the current one.",
        active=lambda d: d.serving != "batch", names={1: "last click", 3: "last 3 clicks", 14: "all clicks"}, main=True,
    )  # fmt: skip
    filter: str = knob(
        "Filtering", FILTERS, "market", "lookup",
        "Where market and dates are checked: before the search, after it, or by the partition of the index.",
        active=searches, names={name: option.label for name, option in FILTERS.items()}, main=True,
    )  # fmt: skip
    effort: int = knob(
        "nprobe", (1, 2, 4, 8), 4, "lookup",
        "Inverted lists probed: more distances, higher recall.",
        active=lambda d: searches(d) and FILTERS[d.filter].has_effort, main=True,
    )  # fmt: skip
    fetch: int = knob(
        "Candidates before filtering (over-fetch)", (12, 48, 96), 48, "lookup",
        "Neighbours fetched or precomputed before dates are checked: too few leave slots empty.",
        active=lambda d: d.serving != "online" or (searches(d) and d.filter == "post"),
    )  # fmt: skip
