"""One post at a time, as it is served: the functions that a request runs through, and their clocks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.cases.harmful_content.features import FLAG_COLUMNS, Slots, damped
from core.cases.harmful_content.heads import Heads
from core.cases.harmful_content.matching import Bank, match_one
from core.cases.harmful_content.models import BIN_WEIGHT, CROSS_WEIGHT, Joint, Linear, Trees
from core.cases.harmful_content.policy import Verdicts
from core.cases.harmful_content.world import Audience, Posts
from core.datasets.mail_text import EXPLICIT, clean, known, spoken, tokens
from core.datasets.mails import ENCODED_PIECES, Mails
from core.datasets.minilm import CLOSE, OPEN, MiniLM
from core.runtime.timing import Timing, time_each
from core.stages.store import SnapshotReader

N_TIMED = 1_000  # single requests timed: the fewest that carry a p99
N_LATER = 25  # requests on which the mean time of a model is taken that runs later
STANDS_FOR = {  # what a mark was before it was masked, so that reading a post has its work to do
    "[link]": "http://www.example.com/offer", "[email]": "someone@example.com", "[money]": "$1,000", "[percent]": "5%",
    "[phone]": "+1 555 123 4567", "[number]": "2002", "[foreign]": "\u4f60\u597d", "[name]": "Dear Jo",
    "[word]": "zyzzyva",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Post:
    """What arrives: words (numbers into the vocabulary) of subject and body, and columns (40,)."""

    subject: np.ndarray
    body: np.ndarray
    columns: np.ndarray


def asked(mails: Mails, posts: Posts, crowd: Audience) -> list[Post]:
    """The posts of the timed requests."""
    rows = posts.test[crowd.asked]
    return [post_of(mails, posts, row) for row in rows]


def post_of(mails: Mails, posts: Posts, row: int) -> Post:
    """One post of the world."""
    return Post(mails.subjects.of(posts.source[row]), mails.bodies.of(posts.source[row]), posts.columns[row])


def text_of(mails: Mails, post: Post) -> str:
    """The words of a post as a text to read, with something in each mark's place; explicit words left out."""
    words = (mails.vocabulary[i] for i in (*post.subject.tolist(), *post.body.tolist()))
    return " ".join(STANDS_FOR.get(word, word) for word in words if not word.startswith(EXPLICIT))


def numbers(words: list[str], at: dict[str, int]) -> np.ndarray:
    """Known words as numbers into the vocabulary."""
    return np.array([at[word] for word in words], np.uint16)


# Scores of one post. Each of these makes a function from a post to a number.

Score = Callable[[Post], float]


def counted_scorer(model: Linear, slots: Slots) -> Score:
    """A linear model over hashed words."""
    weights, idf = model.floats, model.idf

    def score(post: Post) -> float:
        places, values = weighted_one(post, slots, idf)
        return float(values @ weights[places]) + model.bias

    return score


def weighted_one(post: Post, slots: Slots, idf: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The places of one post's words and their weights, of unit length."""
    places, counts = np.unique(np.concatenate([slots.subject[post.subject], slots.body[post.body]]), return_counts=True)
    values = damped(counts) * idf[places]
    return places, values / max(float(np.sqrt(values @ values)), 1e-9)


def vector_scorer(model: Linear, vector: Callable[[Post], np.ndarray]) -> Score:
    """A linear model over a vector of the text."""
    weights = model.floats
    return lambda post: float(vector(post) @ weights) + model.bias


def sentence_vector(mails: Mails, encoder: MiniLM, rotation: np.ndarray) -> Callable[[Post], np.ndarray]:
    """MiniLM's vector of a post, turned and cut by `rotation` (384, dim), of unit length."""

    def vector(post: Post) -> np.ndarray:
        subject, body = ([mails.vocabulary[i] for i in part.tolist()] for part in (post.subject, post.body))
        pieces = [OPEN, *encoder.split(spoken([*subject, ".", *body]))[: ENCODED_PIECES - 2], CLOSE]
        full = encoder.session.run(None, {"ids": np.array([pieces])})[0][0]
        turned = full @ rotation
        return turned / max(float(np.linalg.norm(turned)), 1e-9)

    return vector


def average_vector(table: np.ndarray) -> Callable[[Post], np.ndarray]:
    """The direction of the sum of a post's word vectors."""

    def vector(post: Post) -> np.ndarray:
        total = table[post.subject].sum(axis=0) + table[post.body].sum(axis=0)
        return total / max(float(np.sqrt(total @ total)), 1e-9)

    return vector


def column_scorer(trees: Trees) -> Score:
    """The trees over a post's columns."""
    return lambda post: trees.score_one(post.columns)


def joint_scorer(model: Joint, text: Callable[[Post], tuple[np.ndarray, np.ndarray] | np.ndarray]) -> Score:
    """One model over words or a vector, binned columns and crosses; a flag that is set adds its own table."""
    words, bins, crosses = model.parts
    tables = np.concatenate([words[None], CROSS_WEIGHT * crosses])

    def score(post: Post) -> float:
        read = text(post)
        on = tables[np.concatenate([[True], post.columns[FLAG_COLUMNS] > 0])].sum(axis=0)
        of_text = read[1] @ on[read[0]] if isinstance(read, tuple) else read @ on
        return float(of_text + BIN_WEIGHT * bins[model.bins.of(post.columns)].sum()) + model.bias

    return score


def class_scorer(heads: Heads, slots: Slots) -> Callable[[Post], np.ndarray]:
    """Probabilities (n_classes,) of a post."""

    def score(post: Post) -> np.ndarray:
        places, values = weighted_one(post, slots, heads.idf)
        hidden = np.tanh(values @ heads.into[places] + heads.bias)
        return 1 / (1 + np.exp(-(hidden @ heads.out + heads.shift)))

    return score


def scorer(kind: str, mails: Mails, parts: tuple[Any, ...]) -> Score:
    """The function of a part of the main model, from what was fitted for it and what it reads with."""
    model, *rest = parts
    if kind == "columns":
        return column_scorer(model)
    if kind.startswith("joint"):
        return joint_scorer(model, _reader(kind.removeprefix("joint "), mails, rest, model.text.idf))
    if kind in ("minilm", "pieces"):
        return vector_scorer(model, _reader(kind, mails, rest, model.idf))
    return counted_scorer(model, rest[0])


def _reader(kind: str, mails: Mails, rest: list[Any], idf: np.ndarray) -> Callable[[Post], Any]:
    if kind == "minilm":
        return sentence_vector(mails, rest[0], rest[1])
    if kind == "pieces":
        return average_vector(rest[0])
    return lambda post: weighted_one(post, rest[0], idf)


# Clocks. Each times the same 1,000 requests in the same order.


def time_reading(mails: Mails, posts: Posts, crowd: Audience) -> Timing:
    """From text to masked, known words."""
    at = {word: i for i, word in enumerate(mails.vocabulary)}
    texts = [text_of(mails, post) for post in asked(mails, posts, crowd)]
    return time_each(lambda i: numbers(known(tokens(clean(texts[i])), at), at), N_TIMED)


def time_matching(mails: Mails, posts: Posts, crowd: Audience, bank: Bank, kind: str) -> Timing:
    """The look-up among known harm."""
    texts = [post.body for post in asked(mails, posts, crowd)]
    return time_each(lambda i: match_one(texts[i], bank, kind), N_TIMED)


def time_scoring(mails: Mails, posts: Posts, crowd: Audience, *parts: Any, kind: str) -> Timing:
    """A model on every request."""
    requests, score = asked(mails, posts, crowd), scorer(kind, mails, parts)
    return time_each(lambda i: score(requests[i]), N_TIMED)


def time_passed(mails: Mails, posts: Posts, crowd: Audience, verdict: Verdicts, *parts: Any, kind: str) -> Timing:
    """A model on the requests that are passed to it; the others take no time."""
    passed = np.flatnonzero(verdict.passed[crowd.asked])
    wall_ms = np.zeros(N_TIMED)
    if not len(passed):
        return Timing(wall_ms, 0.0, 1.0, 1)
    requests, score = asked(mails, posts, crowd), scorer(kind, mails, parts)
    timed = time_each(lambda i: score(requests[passed[i]]), len(passed), warmup=5)
    wall_ms[passed] = timed.wall_ms
    return Timing(wall_ms, timed.cpu_ms, timed.noise, timed.attempts)


def time_later(mails: Mails, posts: Posts, crowd: Audience, *parts: Any, kind: str) -> Timing:
    """A model that no request waits for, on a few of them: only its mean is used."""
    requests, score = asked(mails, posts, crowd), scorer(kind, mails, parts)
    return time_each(lambda i: score(requests[i]), N_LATER, warmup=3)


def time_classes(mails: Mails, posts: Posts, crowd: Audience, heads: Heads, slots: Slots) -> Timing:
    """The heads on every request."""
    requests, score = asked(mails, posts, crowd), class_scorer(heads, slots)
    return time_each(lambda i: score(requests[i]), N_TIMED)


def time_look_up(reader: SnapshotReader) -> Timing:
    """One request's look-up in the store."""
    return time_each(lambda i: reader.get(i % reader.rows), N_TIMED)
