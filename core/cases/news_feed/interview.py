"""How a personalised news feed can be framed, and rows of its log; the words are in interview.toml."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from core.cases.news_feed.data.world import BINARY, DAYS, NOW, SLOTS, WINDOW_H, World
from core.cases.news_feed.design import NewsFeed
from core.cases.news_feed.features import roles
from core.cases.news_feed.pipeline import stages
from core.contract.design import canonical
from core.contract.interview_spec import Column, Sample
from core.contract.words import load_interview, load_sources

SHOWN = 500
FRAMINGS = {
    "shared": lambda design: canonical(replace(design, model="shared")),
    "separate": lambda design: canonical(replace(design, model="separate")),
    "experts": lambda design: canonical(replace(design, model="mmoe")),
}
AGE, FOLLOWERS, DWELL = "age of the post (h)", "followers of the author", "dwell (s)"


def sample(design: NewsFeed, seed: int) -> Sample:
    """Impressions of the log, at most 500 over its days, in order of time."""
    world, learnt = (stages(design, seed)[name].value for name in ("world", "learnt"))
    chosen = np.linspace(0, len(world.log.hour) - 1, SHOWN).astype(int)
    past, _, test = np.bincount(roles(world.log, design.split, seed), minlength=3).tolist()
    return Sample(
        rows=tuple(_row(world, row) for row in chosen.tolist()),
        columns=(
            Column("impression", "int", 0, unique=True),
            Column("hour", "float", 0.0, NOW),
            Column("reader", "int", 0, world.n_readers - 1),
            Column("place", "int", 0, SLOTS - 1),
            Column(AGE, "float", 0.0, WINDOW_H),
            Column(FOLLOWERS, "int", 1, len(world.follows.followers)),
            Column("clicked", "int", 0, 1),
            Column(DWELL, "float", 0.0, 600.0),
        ),
        split={"readers' past": past, "training": len(learnt.train.x), "test": test},
        labels="What the simulated reader did with a post that was shown: click, like, comment, share, hide, skip and "
        "seconds of dwell. A post that was not looked at counts as skipped.",
        leakage="Counters and readers' past are read as they were when the post was shown. "
        + (
            f"Here the {DAYS} days are dealt out at random: later ones teach earlier ones."
            if design.split == "random"
            else f"The test is the last of {DAYS} days."
        ),
        spoil=spoil,
    )


def _row(world: World, row: int) -> dict[str, Any]:
    log, posts = world.log, world.posts
    post = int(log.post[row])
    return {
        "impression": row,
        "hour": float(log.hour[row]),
        "reader": int(log.reader[row]),
        "place": int(log.place[row]),
        AGE: float(log.hour[row] - posts.hour[post]),
        FOLLOWERS: int(world.follows.followers[posts.author[post]]),
        "clicked": int(log.done[row, BINARY.index("click")]),
        DWELL: float(np.expm1(log.dwell_log[row])),
    }


def spoil(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows as a broken feed would bring them: dwell in milliseconds, posts from the future, no place, doubles."""
    spoilt = [dict(row) for row in rows]
    for row in spoilt[::6]:
        row[DWELL] = 1_000 * (row[DWELL] + 1)
    for row in spoilt[1::6]:
        row[AGE] = -row[AGE] - 1
    for row in spoilt[2::6]:
        row["place"] = None
    for row in spoilt[3::6]:
        row["hour"] += NOW
    for before, row in zip(spoilt[3::6], spoilt[4::6], strict=False):
        row["impression"] = before["impression"]
    return spoilt


SOURCES, PUBLISHED = load_sources(__file__)
INTERVIEW = load_interview(__file__, NewsFeed, SOURCES, FRAMINGS, sample)
