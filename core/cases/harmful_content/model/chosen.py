"""Which models a design judges by: of the text, of the columns, of both; and the light one of a first pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from core.cases.harmful_content import data, features
from core.cases.harmful_content.design import COUNTED, HarmfulContent
from core.cases.harmful_content.model import compression, joint, linear, trees
from core.contract.case import SEED
from core.datasets.mails import load_mail_vectors, load_mails
from core.datasets.minilm import load_minilm, load_word_pieces
from core.runtime.memo import Step, step
from core.stages.trees import load

if TYPE_CHECKING:
    from core.cases.harmful_content.features import Sparse

FIRST_BITS = 14  # of the words that the first pass reads, whatever the main model's
Fitted = linear.Linear | joint.Joint | trees.ColumnTrees
FITS = {"list": linear.fit_list, "bayes": linear.fit_bayes, "hashed": linear.fit_words}


@dataclass(frozen=True)
class Model:
    """One model of a verdict: what was fitted, what reads a post for it, and its scores."""

    part: str  # of a request
    fitted: Step  # → Linear, Joint or ColumnTrees
    reader: Step | None  # → a Reader; None where no text is read
    scores: Step  # → (n_valid + n_test,)
    encoder: Step | None = None  # the sentence encoder, where the reader runs one

    def timed(self, clock: Callable[..., Any], world: tuple[Step, ...], *more: Step) -> Step:
        """A clock on this model."""
        return step(clock, *world, self.fitted, self.reader, *more)

    def scorer(self) -> linear.Score:
        """What scores one post."""
        return self.fitted.value.scorer(None if self.reader is None else self.reader.value)


def messages(design: HarmfulContent, seed: int) -> tuple[Step, Step, Step]:
    """The messages, the posts made of them, and those that the models of harm learn from."""
    mails = step(load_mails)
    dials = dict(order=design.order, age_d=design.age_d, reports=design.reports, planted=design.planted)
    posts = step(data.make_posts, mails, **dials, seed=seed)
    return mails, posts, step(data.learn_from, posts, share=design.learnt_from, seed=seed)


def main_models(design: HarmfulContent, seed: int = SEED) -> tuple[Model, ...]:
    """The models of the main verdict: of the text, of the columns, of both apart, or of both at once."""
    mails, _, learnt = messages(design, seed)
    if design.fusion == "columns":
        return (_column_model(learnt, seed),)
    kinds = ("hashed", "minilm") if design.model == "both" else (design.model,)
    if design.fusion == "early":
        return (_text_model(design, kinds[0], mails, learnt, both=True),)
    texts = tuple(_text_model(design, kind, mails, learnt) for kind in kinds)
    return (*texts, _column_model(learnt, seed)) if design.fusion == "late" else texts


def first_model(design: HarmfulContent, seed: int = SEED) -> Model:
    """The light model of the first pass; its words are always hashed to FIRST_BITS."""
    mails, _, learnt = messages(design, seed)
    if design.first == "columns":
        return _column_model(learnt, seed)
    return _text_model(HarmfulContent(bits=FIRST_BITS), design.first, mails, learnt)


def _text_model(design: HarmfulContent, kind: str, mails: Step, posts: Step, both: bool = False) -> Model:
    """A model of the text, or with `both` one of the text and the columns."""
    rows, reader, encoder = _text_rows(design, kind, mails, posts)
    if both:
        fitted = step(joint.fit_joint, rows, posts, step(features.cut_columns, posts))
    else:
        fitted = step(FITS.get(kind, linear.fit_vectors), rows, posts)
    if design.weights == "int8":
        fitted = step(compression.quantised, fitted)
    part = "both parts" if both else "text" if encoder is None else "MiniLM"
    return Model(part, fitted, reader, step(score, fitted, rows, posts), encoder)


def _text_rows(design: HarmfulContent, kind: str, mails: Step, posts: Step) -> tuple[Step, Step, Step | None]:
    """What a model of the text reads: rows of all used posts, what reads one post, and the encoder behind it."""
    if kind in COUNTED:
        slots = step(features.hash_words, mails, bits=design.bits)
        return step(features.count_words, mails, posts, slots), slots, None
    if kind == "pieces":
        table = step(features.word_table, mails, step(load_word_pieces), dim=design.dim)
        return step(features.average_vectors, mails, posts, table), table, None
    vectors, encoder = step(load_mail_vectors), step(load_minilm)
    reader = step(features.sentence_reader, mails, encoder, vectors, dim=design.dim)
    return step(features.sentence_vectors, vectors, posts, dim=design.dim), reader, encoder


def _column_model(posts: Step, seed: int) -> Model:
    """The trees over the columns."""
    load()  # once a process, half a second: no part of what a training run takes
    fitted = step(trees.fit_columns, posts, seed=seed)
    return Model("metadata", fitted, None, step(score, fitted, None, posts))


def score(model: Fitted, rows: np.ndarray | Sparse | None, posts: data.Posts) -> np.ndarray:
    """Scores of the calibration and the judged posts (n_valid + n_test,); a model of columns alone has no rows."""
    start = len(posts.train)
    return model.score(None if rows is None else rows[start:], posts.columns[posts.used[start:]])
