"""The clocks: each times the same 1,000 requests in the same order."""

from __future__ import annotations

import numpy as np

from core.cases.harmful_content.data import Audience, Posts
from core.cases.harmful_content.features import Reader, Slots
from core.cases.harmful_content.model.chosen import Fitted
from core.cases.harmful_content.model.heads import Heads
from core.cases.harmful_content.serve.matching import Bank, match_one
from core.cases.harmful_content.serve.policy import Verdicts
from core.cases.harmful_content.serve.requests import numbers, text_of, timed_posts
from core.datasets.mail_text import clean, known, tokens
from core.datasets.mails import Mails
from core.runtime.timing import Timing, time_each
from core.stages.store import SnapshotReader

N_TIMED = 1_000  # single requests timed: the fewest that carry a p99
N_LATER = 25  # requests on which the mean time of a model is taken that runs later


def time_reading(mails: Mails, posts: Posts, crowd: Audience) -> Timing:
    """From text to masked, known words."""
    at = {word: i for i, word in enumerate(mails.vocabulary)}
    texts = [text_of(mails, post) for post in timed_posts(mails, posts, crowd)]
    return time_each(lambda i: numbers(known(tokens(clean(texts[i])), at), at), N_TIMED)


def time_matching(mails: Mails, posts: Posts, crowd: Audience, bank: Bank, kind: str) -> Timing:
    """The look-up among known harm."""
    texts = [post.body for post in timed_posts(mails, posts, crowd)]
    return time_each(lambda i: match_one(texts[i], bank, kind), N_TIMED)


def time_scoring(mails: Mails, posts: Posts, crowd: Audience, model: Fitted, reader: Reader | None) -> Timing:
    """A model on every request."""
    requests, score = timed_posts(mails, posts, crowd), model.scorer(reader)
    return time_each(lambda i: score(requests[i]), N_TIMED)


def time_passed(
    mails: Mails, posts: Posts, crowd: Audience, model: Fitted, reader: Reader | None, verdict: Verdicts
) -> Timing:
    """A model on the requests that are passed to it; the others take no time."""
    passed = np.flatnonzero(verdict.passed[crowd.timed])
    wall_ms = np.zeros(N_TIMED)
    if not len(passed):
        return Timing(wall_ms, 0.0, 1.0, 1)
    requests, score = timed_posts(mails, posts, crowd), model.scorer(reader)
    timed = time_each(lambda i: score(requests[passed[i]]), len(passed), warmup=5)
    wall_ms[passed] = timed.wall_ms
    return Timing(wall_ms, timed.cpu_ms, timed.noise, timed.attempts)


def time_later(mails: Mails, posts: Posts, crowd: Audience, model: Fitted, reader: Reader | None) -> Timing:
    """A model that no request waits for, on a few of them: only its mean is used."""
    requests, score = timed_posts(mails, posts, crowd), model.scorer(reader)
    return time_each(lambda i: score(requests[i]), N_LATER, warmup=3)


def time_classes(mails: Mails, posts: Posts, crowd: Audience, heads: Heads, slots: Slots) -> Timing:
    """The heads on every request."""
    requests, score = timed_posts(mails, posts, crowd), heads.scorer(slots)
    return time_each(lambda i: score(requests[i]), N_TIMED)


def time_look_up(reader: SnapshotReader) -> Timing:
    """One request's look-up in the store."""
    return time_each(lambda i: reader.get(i % reader.rows), N_TIMED)
