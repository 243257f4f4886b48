"""What an interviewer asks about a personalised news feed at each of the seven steps, and rows of its log."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from core.cases.news_feed.design import NewsFeed
from core.cases.news_feed.features import roles
from core.cases.news_feed.run import stages
from core.cases.news_feed.sources import FACEBOOK, MMOE, SECOND_HAND, TRUST, YOUTUBE
from core.cases.news_feed.world import BINARY, DAYS, NOW, SLOTS, WINDOW_H, World
from core.contract.design import canonical
from core.contract.interview_spec import Claim, Column, Framing, Interview, InterviewStep, Sample

SHOWN = 500
STOPS = {
    "clarify": InterviewStep(
        questions=(
            "What is the feed for: time spent, conversations, or something else that the company can name?",
            "What is one share worth in clicks, and who decides that?",
            "How often does a person open the feed, and what has changed since the last time?",
            "How many of the readers never like or comment?",
            "How old may a post be and still be worth the first place?",
        ),
        decision="Which actions count, and what is each of them worth?",
        knobs=("comment", "share", "hide", "dwell"),
        remarks=(
            Claim("Shares worth more bring more shares and fewer clicks: there is no free lunch.", "F3"),
            Claim("Facebook describes more than 1,000 candidate posts a person and a lightweight model first.",
                   FACEBOOK.title),
        ),
        pitfalls=(
            "Clicks as the only goal: hides and silence stay unseen.",
            "Values of actions fixed inside the model, so that every change needs a training.",
            "Passive readers ranked by signals that only active ones give.",
        ),
    ),
    "frame": InterviewStep(
        questions=(
            "One model for “value”, or one output for each action and a sum?",
            "What would you have to do again when the value of a comment changes?",
            "When do tasks help each other on one network, and when do they fight?",
            "Is the feed ordered post by post, or as a whole?",
        ),
        decision="A network for each action, one shared bottom, or experts behind gates?",
        knobs=("model", "experts", "heads", "agreement"),
        remarks=(
            Claim("Seven separate networks multiply seven times as much in their bottoms as one shared bottom.", "F1"),
            Claim("When tasks disagree, experts come nearer to the truth than a shared bottom of as many units.",
                   "F2"),
            Claim("When tasks agree, experts are no better than a shared bottom.", "F2F"),
        ),
        pitfalls=(
            "One target mixed from all actions: nobody can say why a post is first.",
            "Experts without a test of how far the tasks disagree.",
            "A head for a rare action that learns nothing but its base rate.",
        ),
    ),
    "data": InterviewStep(
        questions=(
            "A post in the tenth place was not clicked: was it bad, or not seen?",
            "What do readers say who never press a button?",
            "Which counters of a post exist in its first minutes?",
            "How do you split a log of eight days?",
            "The log holds only what the old feed chose to show: what follows from that?",
        ),
        decision="Which signals are labels, and how is the place in the feed taken out of them?",
        knobs=("heads", "position", "position_bias", "split"),
        remarks=(
            Claim("Dwell and skip help passive readers, and more than they help active ones.", "F5"),
            Claim("Without position bias the tower changes nothing.", "F6F"),
            Claim("The links are those of the PGP web of trust; each counts as both following the other.",
                   TRUST.title),
        ),
        pitfalls=(
            "The place of a post as a feature at serving time, when it is not known yet.",
            "Counters of a post read at the end of the log and not at the moment it was shown.",
            "Long dwell read as interest when the reader left the telephone.",
            "A post that was shown twice, once on each side of the split.",
        ),
    ),
    "model": InterviewStep(
        questions=(
            "What does the light model see, and what may only the heavy one see?",
            "How do you keep the place of a post out of what the model says of the post?",
            "What is a good vector for a post nobody has met yet?",
            "How do rare actions get a usable probability?",
        ),
        decision="Which ranker, how wide, and what handles place and rare actions?",
        knobs=("model", "width", "dim", "position", "rare", "format"),
        remarks=(
            Claim("A position tower looks worse on the biased log and makes better feeds.", "F6"),
            Claim("In 8 bits the network is smaller and the feeds are as good.", "F10"),
            Claim("Gates that choose experts for each task come from Ma et al.", MMOE.title),
        ),
        pitfalls=(
            "Weights on rare actions that raise their probability and are not taken out again.",
            "A text vector so long that the store of posts no longer fits a replica.",
            "A tower for position kept at serving time.",
        ),
    ),
    "training": InterviewStep(
        questions=(
            "Offline AUC falls and the live test wins: how can both be true?",
            "Why must each head be calibrated before you add them up?",
            "How do you measure the feed and not just each head?",
            "Which reader groups do you report apart?",
            "Twice as much log: which ranker gains from it, and what does its training cost?",
        ),
        decision="Which offline figure stands for the feed, and which head must be calibrated?",
        knobs=("learnt_from", "rare", "position", "split", "width"),
        remarks=(
            Claim("More impressions, in as many passes, make better feeds, and the last doubling still pays.",
                   "F11"),
            Claim("A weighted sum of calibrated heads beats one of uncalibrated heads, though every AUC is the same.",
                   "F9"),
            Claim("YouTube's ranker of experts with a position tower improved engagement and satisfaction live.",
                   YOUTUBE.title),
        ),
        pitfalls=(
            "AUC on a log whose order the old feed made.",
            "The mean over heads: a common action hides a rare one.",
            "Values of actions tuned on the test day.",
        ),
    ),
    "serving": InterviewStep(
        questions=(
            "Who writes to whose inbox when somebody with a million followers posts?",
            "How many candidates reach the heavy ranker?",
            "What is computed ahead, and what when the feed is opened?",
            "How long may an opened feed be kept?",
            "Which part of the 200 ms does gathering the posts take?",
        ),
        decision="Push, pull or both; and how many posts reach the heavy ranker?",
        knobs=("fanout", "threshold", "cap", "prerank", "cut", "serving", "cache_min"),
        remarks=(
            Claim("With real followers, hybrid fan-out takes less work than push or pull.", "F8"),
            Claim("When everybody has as many followers, hybrid fan-out saves nothing.", "F8F"),
            Claim("A tighter cut ranks fewer posts and loses more of what the ranker would have chosen.", "F4"),
        ),
        pitfalls=(
            "Push for everybody: one celebrity fills the write queue.",
            "A cut by age that drops the best post of yesterday.",
            "A cached feed that shows what was hidden a minute ago.",
        ),
    ),
    "monitoring": InterviewStep(
        questions=(
            "Clicks rise and hides rise: do you ship it?",
            "How do you notice that one author fills the feed?",
            "Late counters: which posts suffer, and what would you see?",
            "Who is asked whether they are content, and how often?",
        ),
        decision="Which harm to readers stops a launch that raises the value?",
        knobs=("hide", "most", "every_h", "serving"),
        remarks=(
            Claim("Late counters hurt new posts most.", "F7"),
            Claim("One post an author makes the ten more varied and costs little value.", "D1"),
            Claim("Calibration by action let Pinterest change weights within hours, quoted second-hand.",
                   SECOND_HAND.title),
        ),
        pitfalls=(
            "A rise in time spent that comes from readers who cannot find what they want.",
            "Hides counted over all readers, of whom few ever hide.",
            "A model that learns from the feed it made itself.",
        ),
    ),
}  # fmt: skip


def _framed(label: str, words: str, **choices: str) -> Framing:
    return Framing(label, words, lambda design: canonical(replace(design, **choices)))


FRAMINGS = (
    _framed(
        "One network for all actions",
        "In: reader and post. Out: a chance for each action and the seconds of dwell, from heads on one shared bottom; "
        "cross-entropy and squared error, added up.",
        model="shared",
    ),
    _framed(
        "One network an action",
        "The same input and outputs from a network of its own for each action: nothing shared, nothing disturbed, and "
        "the work once for each.",
        model="separate",
    ),
    _framed(
        "Experts and gates",
        "The same from several small bottoms that a gate mixes for each action; the losses are added up.",
        model="mmoe",
    ),
)  # fmt: skip
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
        + (f"Here the {DAYS} days are dealt out at random: later ones teach earlier ones." if design.split == "random"
           else f"The test is the last of {DAYS} days."),
        spoil=spoil,
    )  # fmt: skip


def _row(world: World, row: int) -> dict[str, Any]:
    log, posts = world.log, world.posts
    post = int(log.post[row])
    return {
        "impression": row, "hour": float(log.hour[row]), "reader": int(log.reader[row]), "place": int(log.place[row]),
        AGE: float(log.hour[row] - posts.hour[post]),
        FOLLOWERS: int(world.follows.followers[posts.author[post]]),
        "clicked": int(log.done[row, BINARY.index("click")]), DWELL: float(np.expm1(log.dwell_log[row])),
    }  # fmt: skip


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


INTERVIEW = Interview(STOPS, FRAMINGS, sample, guardrail="hides", curve_knob="learnt_from")
