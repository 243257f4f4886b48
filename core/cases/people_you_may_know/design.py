"""The knobs of people you may know, in the order of its pipeline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.cases.people_you_may_know.data.people import GRAPHS
from core.cases.people_you_may_know.model.scorers import SCORERS
from core.cases.people_you_may_know.model.vectors import EMBEDDINGS
from core.contract.design import knob
from core.stages.index import EFFORTS, INDEXES

CANDIDATES = {
    "popular": "The best connected",
    "fof": "Friends of friends",
    "ann": "Nearest vectors",
    "fof_ann": "Both of these",
}
SERVING = {
    "online": "Online",
    "batch": "Batch for everybody",
    "active": "Batch for the active",
    "lazy": "Active ahead, others lazily",
}
NO_CAP = 1_000_000
NEGATIVES = {"random": "random strangers", "two_hop": "friends of friends"}
LESSONS = {0.1: "10 %", 0.25: "25 %", 0.5: "50 %", 1.0: "all"}


def embedded(design: PeopleYouMayKnow) -> bool:
    """True when people have vectors: to be found by them or to be ranked by them."""
    return design.scorer == "embedding" or design.candidates in ("ann", "fof_ann")


def searched(design: PeopleYouMayKnow) -> bool:
    """True when candidates are looked up in an index of vectors."""
    return design.candidates in ("ann", "fof_ann")


def walked(design: PeopleYouMayKnow) -> bool:
    """True when links are walked, to find candidates or to count shared friends."""
    return design.candidates in ("fof", "fof_ann") or design.scorer not in ("popularity", "embedding")


def fading(design: PeopleYouMayKnow) -> bool:
    """True when the age of a link counts: it is known to the day, and the scorer is one that adds up links."""
    return design.graph == "trust" and design.scorer in ("common", "jaccard", "adamic_adar", "resource")


def convolved(design: PeopleYouMayKnow) -> bool:
    """True when the embedding is a graph network with layers."""
    return embedded(design) and design.embedding in ("sgc", "lightgcn")


def trained_network(design: PeopleYouMayKnow) -> bool:
    """True when the embedding learns from pairs of people."""
    return embedded(design) and design.embedding == "lightgcn"


def taught(design: PeopleYouMayKnow) -> bool:
    """True when something learns from pairs of people: the trees or the graph network that is trained."""
    return design.scorer == "gbdt" or trained_network(design)


def barred_serving(design: PeopleYouMayKnow) -> tuple[str, ...]:
    """Trees have no past to learn from among co-authors, and over all candidates twice they take too long to watch."""
    if design.scorer != "gbdt":
        return ()
    if design.graph == "coauthors":
        return ("batch", "active", "lazy")
    return ("lazy",) if design.candidates == "fof_ann" else ()


@dataclass(frozen=True)
class PeopleYouMayKnow:
    """One way to suggest people. Defaults are a design that a sensible team would start with."""

    FORMER_DEFAULTS: ClassVar = {mark: {"scorer": "adamic_adar", "profile": 0.0} for mark in ("fcc7b95e", "1c08d824")}

    graph: str = knob(
        "Graph", GRAPHS, "trust", "data",
        "Who signed whose key, with the day; who wrote papers with whom, counted three times; or drawn people.",
        names=GRAPHS,
    )  # fmt: skip
    split: str = knob(
        "Links held back", ("time", "random"), "time", "data",
        "Graded on the links of the year that follows, or on links drawn at random from all years.",
        names={"time": "the following year's", "random": "random ones"},
    )  # fmt: skip
    rewired: float = knob(
        "Rewired links", (0.0, 0.5, 1.0), 0.0, "data",
        "Share of links whose ends are swapped: everyone keeps the number of links, shared friends lose their meaning.",
        names={0.0: "none", 0.5: "half", 1.0: "all"},
    )  # fmt: skip
    homophily: float = knob(
        "Homophily", (1.0, 0.5, 0.0), 1.0, "data",
        "Share of people who keep their own e-mail domain; the others get one at random, which says nothing.",
        active=lambda d: d.graph != "coauthors", names={1.0: "as found", 0.5: "half", 0.0: "none"},
    )  # fmt: skip
    hubs: float = knob(
        "Hubs", (0.0, 0.03), 0.03, "data",
        "Share of drawn people who know 200 others from anywhere; without them all have about equally many links.",
        active=lambda d: d.graph == "drawn", names={0.0: "none", 0.03: "3 % of people"},
    )  # fmt: skip
    candidates: str = knob(
        "Candidates", CANDIDATES, "fof", "lookup",
        "Who is considered at all: the same list for everybody, friends of friends, or people with a similar vector.",
        names=CANDIDATES, main=True,
    )  # fmt: skip
    scorer: str = knob(
        "Scorer", SCORERS, "gbdt", "model",
        "What puts the candidates in order: a count, a count that trusts hubs less, vectors, or trained trees.",
        names={name: scorer.label for name, scorer in SCORERS.items()}, main=True,
    )  # fmt: skip
    hub_cap: int = knob(
        "Hub cap", (20, 50, 100, 300, NO_CAP), 100, "lookup",
        "Friends with more links than this introduce nobody: far fewer candidates, a little less found.",
        active=walked, names={NO_CAP: "none"}, main=True,
    )  # fmt: skip
    half_life: int = knob(
        "Links fade by half in", (0, 1461, 365, 180), 365, "representation",
        "How fast an old link stops counting: a friend made last month introduces more people than an old one.",
        active=fading,
        names={0: "never", 1461: "4 years", 365: "1 year", 180: "half a year"}, main=True,
    )  # fmt: skip
    embedding: str = knob(
        "Vectors from", EMBEDDINGS, "lightgcn", "model",
        "How a person becomes a vector: the graph's main directions, random walks, or a graph network.",
        active=embedded, names={name: embedding.label for name, embedding in EMBEDDINGS.items()},
    )  # fmt: skip
    layers: int = knob(
        "Network layers", (1, 2, 3, 4, 8, 16), 3, "model",
        "How many links away a person's vector listens: too few is deaf, too many and everybody sounds alike.",
        active=convolved, barred=lambda d: (4, 8, 16) if d.embedding == "lightgcn" else (),
    )  # fmt: skip
    negatives: str = knob(
        "Negative sampling, embedding", NEGATIVES, "random", "model",
        "Whom the graph network learns to keep away: anybody, which is easy, or a friend of a friend who stayed one.",
        active=trained_network, names=NEGATIVES,
    )  # fmt: skip
    tree_negatives: str = knob(
        "Negative sampling, trees", NEGATIVES, "two_hop", "model",
        "Whom trees learn to tell from links: friends of friends, whom they will rank, or anybody, which is easy.",
        active=lambda d: d.scorer == "gbdt", names=NEGATIVES, split_from="negatives", main=True,
    )  # fmt: skip
    learnt_from: float = knob(
        "Pairs learnt from", LESSONS, 1.0, "model",
        "A uniform sample of the training pairs: links and strangers for trees, links alone for the network. Less to "
        "learn from; the graph that is walked stays whole.", active=taught, names=LESSONS,
    )  # fmt: skip
    dim: int = knob(
        "Vector size", (8, 16, 32), 32, "representation",
        "Numbers a person: memory and search time grow in step, quality flattens.", active=embedded,
    )  # fmt: skip
    profile: float = knob(
        "Weight of the profile", (0.0, 0.1, 0.3, 1.0), 0.1, "representation",
        "What a shared e-mail domain or country counts beside shared friends; above 0 it brings candidates too.",
        active=lambda d: d.graph != "coauthors", names={0.0: "none"},
    )  # fmt: skip
    index: str = knob(
        "Index", ("flat", "ivf_flat", "ivf_sq8"), "ivf_flat", "lookup",
        "How near vectors are found: by comparing with everybody's, or with those in some lists.",
        active=searched, names={name: kind.label for name, kind in INDEXES.items()},
    )  # fmt: skip
    effort: int = knob(
        "nprobe", EFFORTS, 8, "lookup",
        "Lists of vectors looked into: recall for time.", active=lambda d: searched(d) and d.index != "flat",
    )  # fmt: skip
    serving: str = knob(
        "Serving", SERVING, "online", "serving",
        "When the work is done: at each request, ahead for everybody, or ahead for the active and a list for the rest.",
        names=SERVING, barred=barred_serving, main=True,
    )  # fmt: skip
    refresh_days: int = knob(
        "Refresh every", (7, 30, 180, 365, 730), 30, "serving",
        "How often the store is computed again; between refreshes it misses the links made meanwhile.",
        active=lambda d: d.serving != "online" and d.graph != "coauthors",
        names={7: "week", 30: "month", 180: "half-year", 365: "year", 730: "two years"},
    )  # fmt: skip
    active_share: float = knob(
        "Active share", (0.1, 0.25, 0.5), 0.25, "serving",
        "Share of people, by their latest link, whose suggestions are computed ahead.",
        active=lambda d: d.serving in ("active", "lazy"), names={0.1: "10 %", 0.25: "25 %", 0.5: "50 %"},
    )  # fmt: skip
