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
    "popular": "Highest degree",
    "fof": "Friends of friends",
    "ann": "ANN over embeddings",
    "fof_ann": "Friends of friends + ANN",
}
SERVING = {
    "online": "Online",
    "batch": "Batch, all users",
    "active": "Batch, active users",
    "lazy": "Batch active, others lazily",
}
NO_CAP = 1_000_000
NEGATIVES = {"random": "random", "two_hop": "two-hop"}
LESSONS = {0.1: "10 %", 0.25: "25 %", 0.5: "50 %", 1.0: "100 %"}


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
        "PGP key signatures with their days; co-authorship at three dates; or a generated graph.",
        names=GRAPHS,
    )  # fmt: skip
    split: str = knob(
        "Held-out links", ("time", "random"), "time", "data",
        "Evaluated on the links of the following year, or on a random sample of links of all years.",
        names={"time": "following year (time split)", "random": "random split"},
    )  # fmt: skip
    rewired: float = knob(
        "Rewired edges", (0.0, 0.5, 1.0), 0.0, "data",
        "Share of edges rewired with all degrees kept: common neighbours lose their meaning.",
        names={0.0: "none", 0.5: "half", 1.0: "all"},
    )  # fmt: skip
    homophily: float = knob(
        "Homophily", (1.0, 0.5, 0.0), 1.0, "data",
        "Share of people who keep their own e-mail domain; the others get a random, uninformative one.",
        active=lambda d: d.graph != "coauthors", names={1.0: "as found", 0.5: "half", 0.0: "none"},
    )  # fmt: skip
    hubs: float = knob(
        "Hubs", (0.0, 0.03), 0.03, "data",
        "Share of generated people with 200 random links; without them degrees are about equal.",
        active=lambda d: d.graph == "drawn", names={0.0: "none", 0.03: "3 % of people"},
    )  # fmt: skip
    candidates: str = knob(
        "Candidate generation", CANDIDATES, "fof", "lookup",
        "Who is scored at all: the highest degrees for everybody, friends of friends, or nearest embeddings.",
        names=CANDIDATES, main=True,
    )  # fmt: skip
    scorer: str = knob(
        "Scorer", SCORERS, "gbdt", "model",
        "Orders the candidates: neighbourhood heuristics, embedding similarity, or GBDT over all features.",
        names={name: scorer.label for name, scorer in SCORERS.items()}, main=True,
    )  # fmt: skip
    hub_cap: int = knob(
        "Hub degree cap", (20, 50, 100, 300, NO_CAP), 100, "lookup",
        "Friends with a higher degree introduce nobody: far fewer candidates, slightly lower recall.",
        active=walked, names={NO_CAP: "none"}, main=True,
    )  # fmt: skip
    half_life: int = knob(
        "Edge recency half-life", (0, 1461, 365, 180), 365, "representation",
        "How fast an old edge loses weight: a recent friend introduces more people than an old one.",
        active=fading,
        names={0: "never", 1461: "4 years", 365: "1 year", 180: "half a year"}, main=True,
    )  # fmt: skip
    embedding: str = knob(
        "Node embeddings", EMBEDDINGS, "lightgcn", "model",
        "How a person becomes a vector: spectral, random walks, or a graph network.",
        active=embedded, names={name: embedding.label for name, embedding in EMBEDDINGS.items()},
    )  # fmt: skip
    layers: int = knob(
        "GNN layers", (1, 2, 3, 4, 8, 16), 3, "model",
        "Hops that an embedding aggregates: too few miss structure, too many over-smooth.",
        active=convolved, barred=lambda d: (4, 8, 16) if d.embedding == "lightgcn" else (),
    )  # fmt: skip
    negatives: str = knob(
        "Negative sampling, embedding", NEGATIVES, "random", "model",
        "Negatives of the graph network: random people, which is easy, or friends of friends who stayed unlinked.",
        active=trained_network, names=NEGATIVES,
    )  # fmt: skip
    tree_negatives: str = knob(
        "Negative sampling, GBDT", NEGATIVES, "two_hop", "model",
        "Negatives of the GBDT: friends of friends, which it will rank, or random people, which is easy.",
        active=lambda d: d.scorer == "gbdt", names=NEGATIVES, split_from="negatives", main=True,
    )  # fmt: skip
    learnt_from: float = knob(
        "Training set size", LESSONS, 1.0, "model",
        "A uniform sample of the training pairs: links and negatives for the GBDT, links alone for the network; the "
        "graph that is walked stays whole.", active=taught, names=LESSONS,
    )  # fmt: skip
    dim: int = knob(
        "Embedding size", (8, 16, 32), 32, "representation",
        "Dimensions per person: memory and search time grow linearly, quality flattens.", active=embedded,
    )  # fmt: skip
    profile: float = knob(
        "Profile feature weight", (0.0, 0.1, 0.3, 1.0), 0.1, "representation",
        "Weight of a shared e-mail domain or country beside common neighbours; above 0 it adds candidates too.",
        active=lambda d: d.graph != "coauthors", names={0.0: "none"},
    )  # fmt: skip
    index: str = knob(
        "ANN index", ("flat", "ivf_flat", "ivf_sq8"), "ivf_flat", "lookup",
        "How the nearest embeddings are found: exact scan or inverted lists.",
        active=searched, names={name: kind.label for name, kind in INDEXES.items()},
    )  # fmt: skip
    effort: int = knob(
        "nprobe", EFFORTS, 8, "lookup",
        "Inverted lists probed: recall for latency.", active=lambda d: searched(d) and d.index != "flat",
    )  # fmt: skip
    serving: str = knob(
        "Serving", SERVING, "online", "serving",
        "Compute per request, precompute for all users, or precompute for active users only.",
        names=SERVING, barred=barred_serving, main=True,
    )  # fmt: skip
    refresh_days: int = knob(
        "Refresh interval", (7, 30, 180, 365, 730), 30, "serving",
        "How often suggestions are recomputed; between refreshes they miss new links.",
        active=lambda d: d.serving != "online" and d.graph != "coauthors",
        names={7: "week", 30: "month", 180: "half-year", 365: "year", 730: "two years"},
    )  # fmt: skip
    active_share: float = knob(
        "Active users", (0.1, 0.25, 0.5), 0.25, "serving",
        "Share of users, by their latest link, whose suggestions are precomputed.",
        active=lambda d: d.serving in ("active", "lazy"), names={0.1: "10 %", 0.25: "25 %", 0.5: "50 %"},
    )  # fmt: skip
