"""The knobs of similar listings, in the order of its pipeline; serving stands before lookup, which depends on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.cases.similar_listings.model.cold_start import COLD_STARTS
from core.cases.similar_listings.model.similarity import MODELS
from core.cases.similar_listings.serve.filters import FILTERS
from core.contract.design import knob

CITY_NAMES = {"berlin": "Berlin, 2,203 rentals", "king": "King County, 21,436 homes"}


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
        "Rentals in ten quarters with 24 clicks a home, or homes in 70 ZIP codes with three.",
        names=CITY_NAMES,
    )  # fmt: skip
    geography: float = knob(
        "Geography", (0.0, 0.5, 1.0), 0.5, "data",
        "How much guests mind the place, and how much neighbouring homes are alike in style.",
        names={0.0: "none", 0.5: "some", 1.0: "strong"},
    )  # fmt: skip
    hidden: float = knob(
        "Taste no attribute tells", (0.0, 0.5, 1.0), 0.5, "data",
        "Share of a guest's taste that is about style, as photos show it, and not about price and type.",
        names={0.0: "none", 0.5: "half", 1.0: "all"},
    )  # fmt: skip
    booking: float = knob(
        "Sessions that book", (0.05, 0.2, 0.5), 0.5, "data",
        "Share of past sessions that end with a booking, the signal that the booked context needs.",
        names={0.05: "5 %", 0.2: "20 %", 0.5: "50 %"},
    )  # fmt: skip
    free: float = knob(
        "Free on the dates", (0.03, 0.1, 0.3, 1.0), 0.3, "data",
        "Share of homes that are free when the guest wants to come: how much the filter lets through.",
        names={0.03: "3 %", 0.1: "10 %", 0.3: "30 %", 1.0: "all"},
    )  # fmt: skip
    turnover: float = knob(
        "New homes a day", (0.0, 0.005, 0.02), 0.005, "data",
        "Share of homes listed in a day; as many are renovated, which changes their style.",
        names={0.0: "none", 0.005: "0.5 %", 0.02: "2 %"},
    )  # fmt: skip
    model: str = knob(
        "Similarity", MODELS, "skipgram", "model",
        "What makes two homes similar: what their listings say, or who looked at both.",
        names={name: option.label for name, option in MODELS.items()}, main=True,
    )  # fmt: skip
    learnt_from: float = knob(
        "Sessions learnt from", (0.1, 0.25, 0.5, 1.0), 1.0, "model",
        "A uniform sample of the sessions of the last 60 days: fewer train faster, and leave more homes with too few "
        "clicks to be told apart.",
        active=from_sessions, names={0.1: "10 %", 0.25: "25 %", 0.5: "50 %", 1.0: "100 %"},
    )  # fmt: skip
    window: int = knob(
        "Window", (1, 2, 4), 4, "model",
        "Clicks to either side that count as near in a session: more to learn from, less like this one.",
        active=trained,
    )  # fmt: skip
    booked_context: str = knob(
        "Booked home in every window", ("yes", "no"), "yes", "model",
        "Every click also predicts the home that was booked in the end, however far away in the session.",
        active=trained,
    )  # fmt: skip
    market_negatives: int = knob(
        "Same-market negatives", (0, 1, 3), 3, "model",
        "Homes of the same market that each click is told to move away from; three of the whole city come anyway.",
        active=trained, names={0: "none"},
    )  # fmt: skip
    cold_start: str = knob(
        "Homes with few clicks", COLD_STARTS, "near", "model",
        "What stands in for a home with fewer than three clicks.",
        active=from_sessions, names={name: option.label for name, option in COLD_STARTS.items()},
    )  # fmt: skip
    dim: int = knob(
        "Embedding size", (4, 8, 16, 32, 64, 128), 32, "representation",
        "Numbers a home: training, memory and search grow in step, quality flattens.", active=trained, main=True,
    )  # fmt: skip
    serving: str = knob(
        "Serving", ("online", "batch", "hybrid"), "online", "serving",
        "Search for each request, look up neighbours found last night, or look up and put them in order now.",
        main=True,
    )  # fmt: skip
    retrain_days: int = knob(
        "Train and refresh every", (1, 7, 28), 1, "serving",
        "How often the model is trained and the store written; in between, both age.",
        names={1: "day", 7: "week", 28: "4 weeks"},
    )  # fmt: skip
    context: int = knob(
        "Clicks of the session used", (1, 3, 14), 14, "serving",
        "The homes looked at last whose mean is the query; the store knows only the one on the screen.",
        active=lambda d: d.serving != "batch", names={1: "the last", 3: "last 3", 14: "all"}, main=True,
    )  # fmt: skip
    filter: str = knob(
        "Filter", FILTERS, "market", "lookup",
        "Where market and free dates are checked: before the search, after it, or by how the index is cut up.",
        active=searches, names={name: option.label for name, option in FILTERS.items()}, main=True,
    )  # fmt: skip
    effort: int = knob(
        "nprobe", (1, 2, 4, 8), 4, "lookup",
        "Inverted lists looked into: more of them, more distances and fewer homes missed.",
        active=lambda d: searches(d) and FILTERS[d.filter].has_effort, main=True,
    )  # fmt: skip
    fetch: int = knob(
        "Kept before the filter", (12, 48, 96), 48, "lookup",
        "Neighbours fetched or stored before dates are checked: too few, and places stay empty.",
        active=lambda d: d.serving != "online" or (searches(d) and d.filter == "post"),
    )  # fmt: skip
