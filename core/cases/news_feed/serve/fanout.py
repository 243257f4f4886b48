"""How posts reach readers: inboxes filled when a post is written, lists read at a visit, and what either costs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.cases.news_feed.data.follows import VISITS_A_DAY, posts_a_day
from core.cases.news_feed.data.world import NOW, WINDOW_H, World

FANOUTS = {"push": "push (on write)", "pull": "pull (on read)", "hybrid": "hybrid"}


@dataclass(frozen=True)
class FanOutCost:
    """Operations a day over all people of the graph, one key written or one list read each (modelled, exact counts)."""

    writes: float
    reads: float
    burst: float  # inbox writes that the most followed person's one post causes

    @property
    def total(self) -> float:
        """Writes and reads a day."""
        return self.writes + self.reads


def fan_out_cost(degree: np.ndarray, fanout: str, threshold: int, visits: float = VISITS_A_DAY) -> FanOutCost:
    """What a day of posts and visits costs everybody (n,) with `degree` followers and as many followees.

    On write every post goes into each follower's inbox and a visit reads one inbox; on read a visit reads the list of
    each followee; hybrid writes for authors with at most `threshold` followers and reads the others' lists.
    """
    if fanout not in FANOUTS:
        raise ValueError(f"no fan-out {fanout!r}: choose one of {', '.join(FANOUTS)}")
    rate = posts_a_day(degree)
    pushed = {"push": np.ones(len(degree), bool), "pull": np.zeros(len(degree), bool)}.get(fanout, degree <= threshold)
    writes = float((rate * degree)[pushed].sum())
    lists = float(degree[~pushed].sum())  # each link to an author who is not pushed is a list to read at every visit
    inboxes = len(degree) if pushed.any() else 0
    return FanOutCost(writes, visits * (inboxes + lists), float(degree[pushed].max(initial=0)))


OLDEST_H = 12.0  # a feed shown now may be so old: half of a day between refreshes


@dataclass(frozen=True)
class Shelves:
    """Where posts wait for readers.

    Inboxes (CSR by reader, newest first) hold what was pushed; `pulled` lists each reader's authors whose posts are
    read at the visit, from `timeline` (first and last post of each author, newest last). `seen` (CSR) are posts shown.
    """

    inbox_ptr: np.ndarray
    inbox: np.ndarray
    inbox_hour: np.ndarray
    pulled_ptr: np.ndarray
    pulled: np.ndarray
    timeline: np.ndarray  # (n_authors, 2)
    seen_ptr: np.ndarray
    seen: np.ndarray

    @property
    def inbox_bytes(self) -> int:
        """Bytes that inboxes take: post and hour."""
        return self.inbox.nbytes + self.inbox_hour.nbytes


def fan_out(world: World, fanout: str, threshold: int) -> Shelves:
    """Fill the inboxes and note whose lists each reader has to read."""
    follows, posts = world.follows, world.posts
    pushed = follows.followers <= threshold if fanout == "hybrid" else np.full(len(follows.followers), fanout == "push")
    first = np.searchsorted(posts.key, np.arange(len(pushed)) * 1e4 + NOW - WINDOW_H - OLDEST_H)
    last = np.searchsorted(posts.key, np.arange(len(pushed)) * 1e4 + NOW, side="right")
    n_readers = world.n_readers
    reader = np.repeat(np.arange(n_readers), np.diff(follows.ptr))
    into = pushed[follows.authors]
    owner, who = reader[into], follows.authors[into]
    length = last[who] - first[who]
    row = np.repeat(np.arange(len(who)), length)
    post = first[who][row] + np.arange(length.sum()) - np.repeat(length.cumsum() - length, length)
    order = np.lexsort((-posts.hour[post], owner[row]))
    inbox = post[order].astype(np.int32)
    log = world.log
    shown = np.lexsort((log.post, log.reader))
    return Shelves(
        _starts(owner[row], n_readers),
        inbox,
        posts.hour[inbox],
        _starts(reader[~into], n_readers),
        follows.authors[~into],
        np.column_stack([first, last]).astype(np.int32),
        _starts(log.reader, n_readers),
        log.post[shown],
    )


def _starts(owner: np.ndarray, n: int) -> np.ndarray:
    """Where each owner's entries begin (n + 1,) in a list sorted by owner."""
    return np.concatenate([[0], np.bincount(owner, minlength=n).cumsum()])
