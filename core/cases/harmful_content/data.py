"""The posts: real messages in their real order, what is known of them, and the part that is simulated.

Real are words, columns, times and labels. Simulated are how many people would see a post, and, where the dials ask for
it, wrong labels from user reports and pictures under harmless messages that make some of them harmful.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from core.datasets.mail_text import COLUMNS
from core.datasets.mails import Mails, Words

SPLIT_HOUR = 590 * 24.0  # 14 August 2002: what came before is learnt from, what came after is judged
WINDOW = 1_800  # messages learnt from, the newest known; about as many as the oldest model on offer has
VALID_SHARE = 0.2  # of them, the newest, to calibrate on
MISSED_BY_REPORTS, WRONGLY_REPORTED = 0.4, 0.1  # illustrative: harm nobody reports, harmless posts somebody does
SPREAD_OF_VIEWS = 1.5  # of the logarithm: a few posts have most of the views
TECHNICAL = (
    "linux", "unix", "perl", "python", "kernel", "server", "install", "installed", "package", "packages", "code",
    "script", "bug", "version", "patch", "file", "files", "directory", "compile", "source",
)  # fmt: skip
LEAST_TECHNICAL = 2  # such words in a technical text; an everyday text has none
PICTURES = ("picture of kind A", "picture of kind B")  # what a picture shows, planted: no real message comes with one
POST_COLUMNS = (*COLUMNS, *PICTURES)


@dataclass(frozen=True, eq=False)
class Posts:
    """The posts a design meets (n,), and the rows of them it learns from, calibrates on and is judged on."""

    source: np.ndarray  # (n,) row of the message the text is from
    columns: np.ndarray  # (n, 40) float32, as POST_COLUMNS names them
    harmful: np.ndarray  # (n,) the truth
    taught: np.ndarray  # (n,) the label that training sees
    planted: np.ndarray  # (n,) given a picture
    classes: np.ndarray  # (n, 3)
    hour: np.ndarray  # (n,)
    train: np.ndarray
    valid: np.ndarray
    test: np.ndarray

    @property
    def used(self) -> np.ndarray:
        """Every row that some stage reads, in this order: train, valid, test."""
        return np.concatenate([self.train, self.valid, self.test])


@dataclass(frozen=True, eq=False)
class Audience:
    """Who sees the judged posts: the weight that gives harm its prevalence, and the views each would have."""

    weight: np.ndarray  # (n_test,) mean 1: how many posts of the platform each stands for
    views: np.ndarray  # (n_test,) mean 1
    timed: np.ndarray  # (1,000,) places in the test rows of the requests that are timed


@dataclass(frozen=True, eq=False)
class Post:
    """What arrives: words (numbers into the vocabulary) of subject and body, and columns (40,)."""

    subject: np.ndarray
    body: np.ndarray
    columns: np.ndarray


def post_of(mails: Mails, posts: Posts, row: int) -> Post:
    """One post of the world."""
    return Post(mails.subjects.of(posts.source[row]), mails.bodies.of(posts.source[row]), posts.columns[row])


def n_judged(mails: Mails) -> int:
    """How many messages came after the split: what one run of a batch job judges."""
    return int((mails.hour >= SPLIT_HOUR).sum())


def make_posts(mails: Mails, order: str, age_d: int, reports: float, planted: float, seed: int) -> Posts:
    """The posts of one world; `age_d` days before the split the newest message was learnt from."""
    rng = np.random.default_rng(seed)
    n = len(mails.harmful)
    rank = np.arange(n) if order == "real" else rng.permutation(n)  # which message comes as the i-th
    pictures, harmful = _plant(mails.harmful[rank], technical(mails)[rank], planted, seed)
    known = np.flatnonzero(mails.hour < SPLIT_HOUR - 24 * age_d)[-WINDOW:]
    n_valid = round(VALID_SHARE * len(known))
    taught = _reported(harmful, reports, np.random.default_rng([seed, 2]))
    return Posts(
        rank,
        np.hstack([mails.columns[rank], pictures]),
        harmful,
        taught,
        pictures.any(axis=1),
        mails.classes[rank],
        mails.hour,
        known[:-n_valid],
        known[-n_valid:],
        np.flatnonzero(mails.hour >= SPLIT_HOUR),
    )


def learn_from(posts: Posts, share: float, seed: int) -> Posts:
    """The posts with a uniform sample of the training rows; smaller samples of a seed lie within larger ones.

    Raises ValueError when the sample is not of both kinds.
    """
    if share == 1:
        return posts
    order = np.random.default_rng([seed, 5]).permutation(posts.train)
    train = np.sort(order[: round(share * len(order))])
    n_harmful = int(posts.taught[train].sum())
    if n_harmful in (0, len(train)):
        raise ValueError(f"{len(train)} messages to learn from hold {n_harmful} harmful ones: keep more")
    return replace(posts, train=train)


def technical(mails: Mails) -> np.ndarray:
    """For each message 1 where its text is technical, 0 where it is not at all, -1 between."""
    words = np.isin(np.array(mails.vocabulary), TECHNICAL)
    counts = np.add.reduceat(np.append(words[mails.bodies.ids], 0), mails.bodies.ends[:-1])
    counts = np.where(np.diff(mails.bodies.ends) > 0, counts, 0)
    return np.where(counts >= LEAST_TECHNICAL, 1, np.where(counts == 0, 0, -1))


def _plant(harmful: np.ndarray, text: np.ndarray, share: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Give a share of the posts, all harmless, a picture of one of two kinds; columns (n, 2) and the labels then (n,).

    Harm is a technical text under a picture of kind A or any other under one of kind B (XOR): as many texts of either
    sort, each half under either kind, so that neither part says anything (benign confounders, Kiela et al. 2020).
    """
    rng = np.random.default_rng([seed, 1])
    halves = [rng.permutation(np.flatnonzero((text == kind) & ~harmful)) for kind in (0, 1)]
    n_kind = min(round(share * len(text) / 2), *map(len, halves))
    rows = np.concatenate([half[:n_kind] for half in halves])
    kind = np.arange(len(rows)) % 2
    pictures, harmful = np.zeros((len(text), 2), np.float32), harmful.copy()
    pictures[rows, kind] = 1
    harmful[rows] = (text[rows] == 1) == (kind == 0)
    return pictures, harmful


def _reported(harmful: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """Labels (n,) of which a share comes from user reports, which miss harm and accuse the harmless."""
    by_report, luck = rng.random(len(harmful)) < share, rng.random(len(harmful))
    wrong = by_report & (luck < np.where(harmful, MISSED_BY_REPORTS, WRONGLY_REPORTED))
    return harmful ^ wrong


def audience(posts: Posts, prevalence: float, n_timed: int, seed: int) -> Audience:
    """Weights that make harm a `prevalence` share of what is posted, drawn views, and the requests to time."""
    rng = np.random.default_rng([seed, 3])
    harmful = posts.harmful[posts.test]
    share = harmful.mean()
    weight = np.where(harmful, prevalence / share, (1 - prevalence) / (1 - share))
    views = rng.lognormal(-(SPREAD_OF_VIEWS**2) / 2, SPREAD_OF_VIEWS, len(harmful))
    timed = rng.choice(len(harmful), n_timed, p=weight / weight.sum())
    return Audience(weight, views / views.mean(), timed)


def gathered(lists: Words, rows: np.ndarray) -> Words:
    """The lists of `rows`, in their order."""
    counts = lists.ends[rows + 1] - lists.ends[rows]
    ends = np.concatenate([[0], np.cumsum(counts)])
    at = np.arange(ends[-1]) + np.repeat(lists.ends[rows] - ends[:-1], counts)
    return Words(lists.ids[at], ends)
