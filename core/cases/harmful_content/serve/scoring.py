"""One post at a time, as it is served: functions from a post to a score."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from core.cases.harmful_content.features import FLAG_COLUMNS, Slots, damped
from core.cases.harmful_content.model.heads import Heads
from core.cases.harmful_content.model.joint import BIN_WEIGHT, CROSS_WEIGHT, Joint
from core.cases.harmful_content.model.linear import Linear
from core.cases.harmful_content.model.trees import Trees
from core.cases.harmful_content.serve.requests import Post
from core.datasets.mail_text import spoken
from core.datasets.mails import ENCODED_PIECES, Mails
from core.datasets.minilm import CLOSE, OPEN, MiniLM

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
