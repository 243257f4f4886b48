"""What the page shows of a run: rates, the precision-recall curve, and single messages on their way to a verdict."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.cases.harmful_content.data import POST_COLUMNS, Audience, Posts
from core.cases.harmful_content.evaluate.quality import curve, precision_of_class, recalled
from core.cases.harmful_content.evaluate.rates import Rates, rates
from core.cases.harmful_content.evaluate.walk import (
    HIDDEN,
    MAIN,
    START_WORDS,
    Facts,
    Limits,
    Scored,
    Walk,
    excerpt,
    tell,
    truth,
)
from core.cases.harmful_content.serve.matching import Matched
from core.cases.harmful_content.serve.policy import Outcome, Verdicts, priority
from core.datasets.mails import CLASSES, Mails

QUEUE_SHOWN = 6
MASKED = 0.05  # share of words that an example may have masked
SPELLED = (12, 150)  # words of a message that is picked as an example: enough to read, not too many
SHORT = 60  # words of the one that stands in a narrow column


@dataclass(frozen=True)
class Kind:
    """How well one kind of harm is told: its judged posts, the average precision, recall at PRECISION."""

    name: str
    n_posts: int
    precision: float
    recall: float


@dataclass(frozen=True)
class Queued:
    """One post in the queue of a day: what a reviewer knows of it, how it was, and the share that is reached."""

    start: str
    probability: float
    reach: float  # views, 1 is an average post
    truth: str
    reached: float


@dataclass(frozen=True)
class Queue:
    """The longest queue of a day: how many judged posts wait, how many of them harm, and the first of them."""

    waiting: int
    harmful: int
    first: tuple[Queued, ...]


@dataclass(frozen=True)
class Shown:
    """Everything the page needs beside the figures."""

    rates: Rates
    kinds: tuple[Kind, ...]
    queue: Queue | None  # None where nobody reviews or nothing waits
    curve: tuple[tuple[float, float], ...]  # recall, precision
    prevalence: float
    walks: tuple[Walk, ...]
    one: Scored | None  # the same message under every design; None where no message can be read whole


def show(
    mails: Mails,
    posts: Posts,
    crowd: Audience,
    verdict: Verdicts,
    outcome: Outcome,
    suspected: np.ndarray,
    first: np.ndarray | None,
    match: Matched | None,
    classes: np.ndarray | None,
    prevalence: float,
    order: str,
    **limits: float,
) -> Shown:
    """Rates, the curve, one message of each fate and one of all designs; a stage that is not there is None."""
    main, limit = suspected[len(posts.valid) :], Limits(**limits)
    by_first = None if first is None else first[len(posts.valid) :]

    def walk(title: str, i: int) -> Walk:
        facts = Facts(
            None if match is None else float(match.likeness[i]),
            None if by_first is None else float(by_first[i]),
            bool(verdict.passed[i]),
            float(main[i]),
            () if classes is None else tuple(classes[i].tolist()),
        )
        row = posts.test[i]
        subject, body = mails.subjects.of(posts.source[row]), mails.bodies.of(posts.source[row])
        return Walk(title, excerpt(mails, subject), excerpt(mails, body), tell(facts, limit), truth(posts, row))

    def scored(i: int) -> Scored:
        way = walk("", i)
        reached = any(stage.stage == MAIN for stage in way.told)
        return Scored(
            way, float(main[i]) if reached else None, limit.remove_at, limit.review_at if limit.reviewers else None
        )

    examples = [walk(title, i) for title, i in _examples(mails, posts, verdict, outcome)]
    same = _readable_harm(mails, posts)
    return Shown(
        rates(outcome, verdict, posts, crowd),
        () if classes is None else kinds_of(classes, posts),
        queue_of(mails, posts, crowd, verdict, outcome, priority(verdict, classes, crowd, order)),
        curve(verdict, posts, crowd),
        prevalence,
        tuple(examples),
        None if same is None else scored(same),
    )


def kinds_of(classes: np.ndarray, posts: Posts) -> tuple[Kind, ...]:
    """Each kind of harm among the judged posts, every message counted once."""
    kinds = []
    for which, name in enumerate(CLASSES):
        own, score = posts.classes[posts.test, which], classes[:, which]
        precision = precision_of_class(classes, posts, which)
        recall = float(recalled(score, own, precision).mean())
        kinds.append(Kind(name, int(own.sum()), float(precision.mean()), recall))
    return tuple(kinds)


def queue_of(
    mails: Mails, posts: Posts, crowd: Audience, verdict: Verdicts, outcome: Outcome, first: np.ndarray
) -> Queue | None:
    """The queue of the day on which most posts wait, those with the greatest `first` at its head."""
    rows = np.flatnonzero(outcome.queued)
    if not len(rows):
        return None
    day = (posts.hour[posts.test[rows]] // 24).astype(np.int64)
    rows = rows[day == np.bincount(day).argmax()]
    rows = rows[np.argsort(-first[rows], kind="stable")]
    return Queue(
        len(rows),
        int(posts.harmful[posts.test[rows]].sum()),
        tuple(
            Queued(
                _start(mails, posts, i),
                float(verdict.probability[i]),
                float(crowd.views[i]),
                truth(posts, posts.test[i]),
                float(outcome.reviewed[i]),
            )
            for i in rows[:QUEUE_SHOWN].tolist()
        ),
    )


def _start(mails: Mails, posts: Posts, i: int) -> str:
    row = posts.source[posts.test[i]]
    words = np.concatenate([mails.subjects.of(row), mails.bodies.of(row)])
    return excerpt(mails, words, START_WORDS)


def _readable(mails: Mails, posts: Posts, most: int = SPELLED[1]) -> np.ndarray:
    """Which judged messages (n_test,) have enough words to read and at most `most`."""
    lengths = np.diff(mails.bodies.ends)[posts.source[posts.test]]
    return (lengths >= SPELLED[0]) & (lengths <= most)


def _readable_harm(mails: Mails, posts: Posts) -> int | None:
    """The first harmful message that is short, has a subject without a mask and hides no explicit word."""
    for i in np.flatnonzero(posts.harmful[posts.test] & _readable(mails, posts, SHORT)).tolist():
        row = posts.source[posts.test[i]]
        subject, body = (excerpt(mails, words.of(row)) for words in (mails.subjects, mails.bodies))
        if subject and "[" not in subject and HIDDEN not in subject + body:
            return i
    return None


def _examples(mails: Mails, posts: Posts, verdict: Verdicts, outcome: Outcome) -> list[tuple[str, int]]:
    """The first readable message of each fate, if there is one that little of is masked."""
    harmful = posts.harmful[posts.test]
    readable = _readable(mails, posts)
    machine = outcome.removed & ~verdict.matched
    fates = {
        "Harmful, removed by the machine": harmful & machine,
        "Harmful, known from before": harmful & verdict.matched,
        "Harmful, queued for a reviewer": harmful & outcome.queued,
        "Harmful, missed": harmful & ~outcome.removed & ~outcome.queued,
        "Harmless, left alone": ~harmful & ~outcome.removed & ~outcome.queued,
        "Harmless, queued for a reviewer": ~harmful & outcome.queued,
        "Harmless, wrongly removed": ~harmful & outcome.removed,
        "Harmful only with its picture": harmful & posts.planted[posts.test],
    }
    plain = posts.columns[posts.test, POST_COLUMNS.index("share of masked words")] <= MASKED
    picked = {
        title: np.flatnonzero(fate & readable & (plain if (fate & readable & plain).any() else True))
        for title, fate in fates.items()
    }
    return [(title, int(rows[0])) for title, rows in picked.items() if len(rows)]
