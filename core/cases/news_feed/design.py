"""The knobs of the news feed, in the order of its pipeline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.cases.news_feed.model.compression import FORMATS
from core.cases.news_feed.model.heads import MODELS, NETWORKS, RARE
from core.cases.news_feed.serve.fanout import FANOUTS
from core.cases.news_feed.serve.funnel import PRERANKERS
from core.contract.design import knob


def learns(design: NewsFeed) -> bool:
    """True when the feed is ranked by a model."""
    return design.model != "newest"


def network(design: NewsFeed) -> bool:
    """True when a network serves."""
    return design.model in NETWORKS


@dataclass(frozen=True)
class NewsFeed:
    """One way to build a news feed. Defaults are a design that a sensible team would start with."""

    FORMER_DEFAULTS: ClassVar = {"50aaef1c": {"model": "shared"}}

    degrees: str = knob(
        "Follower distribution", ("real", "uniform"), "real", "data",
        "As many as in the web of trust, where a few have most of them, or the same number for everybody.",
        names={"real": "real (heavy-tailed)", "uniform": "uniform"},
    )  # fmt: skip
    agreement: float = knob(
        "Task correlation", (0.0, 0.7, 1.0), 0.7, "data",
        "How much the styles that make readers click, like, comment, share, hide and stay are the same ones.",
        names={0.0: "none", 0.7: "half", 1.0: "full"},
    )  # fmt: skip
    position_bias: float = knob(
        "Position bias", (0.0, 0.5, 1.0), 0.5, "data",
        "The post at place r of the old feed was looked at with probability 1 / r to this power.",
        names={0.0: "none", 0.5: "some", 1.0: "strong"},
    )  # fmt: skip
    passive: float = knob(
        "Passive readers", (0.1, 0.5, 0.9), 0.5, "data",
        "Share of readers who read as long as others but hardly ever click, like, comment, share or hide.",
        names={0.1: "10 %", 0.5: "50 %", 0.9: "90 %"},
    )  # fmt: skip
    half_life_h: float = knob(
        "Post half-life", (0, 6, 24), 24, "data",
        "Hours in which the odds of any action on a post halve.", names={0: "never", 6: "6 h", 24: "24 h"},
    )  # fmt: skip
    drift: float = knob(
        "Preference drift", (0.0, 0.5, 1.0), 0.5, "data",
        "How far tastes turn and topics come and go within the eight days.",
        names={0.0: "none", 0.5: "some", 1.0: "strong"},
    )  # fmt: skip
    split: str = knob(
        "Train/test split", ("time", "random"), "time", "data",
        "History, training and test rows by time, or at random over all days.",
        names={"time": "by time"},
    )  # fmt: skip
    model: str = knob(
        "Ranker", MODELS, "mmoe", "model",
        "What predicts every action: one model per task, or one network for all tasks.", names=MODELS, main=True,
    )  # fmt: skip
    experts: int = knob(
        "Experts", (2, 4, 8), 4, "model",
        "Experts that each task's gate mixes: room for tasks that disagree, and more to compute.",
        active=lambda d: d.model == "mmoe",
    )  # fmt: skip
    heads: str = knob(
        "Task heads", ("all", "explicit"), "all", "model",
        "With or without dwell and skip, the only signals of passive readers.", active=learns,
        names={"all": "actions, dwell and skip", "explicit": "actions only"},
    )  # fmt: skip
    position: str = knob(
        "Position debiasing", ("tower", "ignored"), "tower", "model",
        "The position in the logged feed as a shallow tower that is dropped when serving, or ignored.",
        active=learns, names={"tower": "position tower", "ignored": "none"},
    )  # fmt: skip
    rare: str = knob(
        "Rare-action weighting", RARE, "plain", "model",
        "No weighting, positives up-weighted to balance the negatives, or that and calibrated again.",
        active=learns, names=RARE,
    )  # fmt: skip
    learnt_from: float = knob(
        "Training set size", (0.1, 0.25, 0.5, 1.0), 1.0, "model",
        "A uniform sample of the training impressions, for the ranker: fewer train faster and hold few rare actions. "
        "The light pre-ranker keeps all.",
        active=learns, names={0.1: "10 %", 0.25: "25 %", 0.5: "50 %", 1.0: "all"},
    )  # fmt: skip
    comment: float = knob(
        "Value weight: comment", (0, 6, 24), 6, "model", "In clicks, in the sum that orders the feed. A like is 2.",
        active=learns,
    )  # fmt: skip
    share: float = knob(
        "Value weight: share", (0, 8, 32, 128), 8, "model",
        "In clicks, in the sum that orders the feed.", active=learns, main=True,
    )  # fmt: skip
    hide: float = knob(
        "Value weight: hide (subtracted)", (0, 10, 40), 10, "model",
        "In clicks, in the sum that orders the feed.", active=learns, main=True,
    )  # fmt: skip
    dwell: float = knob(
        "Value weight: 10 s of dwell", (0, 1, 4), 1, "model", "In clicks, in the sum that orders the feed.",
        active=lambda d: learns(d) and d.heads == "all",
    )  # fmt: skip
    dim: int = knob(
        "Text embedding size", (2, 4, 8, 16), 8, "representation",
        "Dimensions of the text embeddings of posts and of each reader's history.", active=learns,
    )  # fmt: skip
    width: int = knob(
        "Shared-bottom width", (8, 16, 32, 64), 32, "representation",
        "Width of the layer that a network's tasks share, or of each expert: eight experts have at most 32.",
        active=network, barred=lambda d: (64,) if d.model == "mmoe" and d.experts == 8 else (),
    )  # fmt: skip
    format: str = knob(
        "Weight precision", FORMATS, "fp32", "representation",
        "How the network is served; quality, size and latency are measured again.", active=network, names=FORMATS,
    )  # fmt: skip
    fanout: str = knob(
        "Fan-out", FANOUTS, "hybrid", "lookup",
        "Posts go into followers' inboxes when written, are fetched when a feed is read, or both by author.",
        names=FANOUTS, main=True,
    )  # fmt: skip
    threshold: int = knob(
        "Celebrity threshold (followers)", (50, 100, 300, 1000), 100, "lookup",
        "Authors with more followers are not pushed: their lists are read at each visit.",
        active=lambda d: d.fanout == "hybrid",
    )  # fmt: skip
    cap: int = knob(
        "Candidates retrieved (N)", (25, 50, 100, 200), 200, "lookup",
        "At most so many posts, the newest, enter the funnel.",
    )  # fmt: skip
    prerank: str = knob(
        "Pre-ranker", PRERANKERS, "light", "lookup",
        "What cuts the candidates before the ranker: nothing, their age, or a linear model of six features.",
        active=learns, names=PRERANKERS,
    )  # fmt: skip
    cut: int = knob(
        "Pre-ranker output size", (15, 30, 60), 60, "lookup",
        "Posts that reach the ranker: fewer are faster, and the best may be cut.",
        active=lambda d: learns(d) and d.prerank != "none", main=True,
    )  # fmt: skip
    most: int = knob(
        "Max posts per author", (0, 1, 2), 2, "lookup",
        "At most so many of one author in the top ten.", names={0: "no limit"},
    )  # fmt: skip
    serving: str = knob(
        "Serving", ("online", "nearline", "batch"), "online", "serving",
        "All online; post counters refreshed late; or whole feeds precomputed and stored.",
        names={"nearline": "near-line features"}, main=True,
    )  # fmt: skip
    every_h: int = knob(
        "Feature refresh interval", (1, 6, 24), 6, "serving",
        "Hours between updates; what is served is half as old on average.",
        active=lambda d: d.serving != "online", names={1: "hour", 6: "6 h", 24: "24 h"},
    )  # fmt: skip
    cache_min: int = knob(
        "Feed cache TTL", (0, 15, 60, 240), 0, "serving",
        "A feed made less than so many minutes ago is shown again: no work, and nothing new.",
        active=lambda d: d.serving != "batch", names={0: "none", 15: "15 min", 60: "1 h", 240: "4 h"},
    )  # fmt: skip
