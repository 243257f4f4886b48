"""A message that a visitor types, on its way through a design: the same functions that serve the others."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from core.cases.harmful_content.data import POST_COLUMNS, Post, Posts
from core.cases.harmful_content.design import HarmfulContent, two_passes
from core.cases.harmful_content.evaluate.walk import Facts, Limits, Walk, excerpt, tell
from core.cases.harmful_content.model.calibration import Calibration
from core.cases.harmful_content.model.chosen import Model, first_model, main_models
from core.cases.harmful_content.pipeline import stages
from core.cases.harmful_content.serve.matching import match_one
from core.cases.harmful_content.serve.requests import numbers
from core.contract.case import SEED
from core.datasets import mail_text as mt
from core.datasets.mails import Mails
from core.runtime.memo import Step

MOST_SUBJECT = 300  # characters of a subject that are read
NOTHING = (
    "There is nothing to read in this message: no letter and no sign is left once control characters are taken out. "
    "Type a few words."
)
ANSWERS = re.compile(r"^\s*(?:re|aw|sv|fwd?)\s*:", re.IGNORECASE)
A_TAG = re.compile(r"<[a-z!/][^<>]{0,2000}>", re.IGNORECASE)


def walk_typed(design: HarmfulContent, subject: str, body: str, seed: int = SEED) -> Walk:
    """What happens to a typed message. Raises ValueError when nothing in it can be read, DataError for bad files."""
    s = stages(design, seed)
    mails: Mails = s["mails"].value
    post = read_typed(mails, subject, body, usual_route(s["posts"].value))
    limits = Limits(
        design.serving,
        design.similarity,
        design.remove_at,
        design.review_at,
        design.reviewers,
        design.delay_min,
        design.refresh_h,
    )
    cut = f" Only the first {mt.MOST_CHARACTERS:,} characters were read." if len(body) > mt.MOST_CHARACTERS else ""
    way = tell(_facts(design, s, post, seed), limits)
    return Walk(
        "Your message",
        excerpt(mails, post.subject),
        excerpt(mails, post.body),
        way,
        "nobody knows; its route is taken to be a usual one." + cut,
    )


def read_typed(mails: Mails, subject: str, body: str, usual: np.ndarray) -> Post:
    """A typed message as models meet it; its route, which nobody typed, is `usual` (40,). ValueError if it is empty."""
    at = {word: i for i, word in enumerate(mails.vocabulary)}
    subject, body = mt.clean(subject[:MOST_SUBJECT]), mt.clean(body)
    seen, markup, targets = mt.readable(body, bool(A_TAG.search(body)))
    subject_words, body_words = (mt.known(mt.tokens(text), at) for text in (subject, seen))
    if not subject_words and not body_words:  # nothing but markup: then the markup is the text
        body_words = mt.known(mt.tokens(body), at)
    if not subject_words and not body_words:
        raise ValueError(NOTHING)
    columns = usual.copy()
    facts = mt.style(subject, bool(ANSWERS.match(subject)), body_words, seen)
    for name, value in {**mt.link_counts(targets, seen), **markup, **facts}.items():
        columns[POST_COLUMNS.index(name)] = min(float(value), 1000.0)
    return Post(
        numbers(subject_words[: mt.MOST_SUBJECT_WORDS], at),
        numbers(body_words[: mt.MOST_WORDS], at),
        columns,
    )


def usual_route(posts: Posts) -> np.ndarray:
    """The middle value (40,) of each column among the posts that training knows."""
    return np.median(posts.columns[posts.train], axis=0).astype(np.float32)


def _facts(design: HarmfulContent, s: dict[str, Step], post: Post, seed: int) -> Facts:
    """What each stage of the design says of one post."""
    likeness = match_one(post.body, s["bank"].value, design.match)[0] if design.match != "none" else None
    first, handed = None, True
    if two_passes(design):
        first = _probability([first_model(design, seed)], s["first_calibration"].value, post)
        handed = first >= s["threshold"].value
    classes = s["heads"].value.scorer(s["head_slots"].value)(post) if design.heads != "none" else ()
    main = _probability(main_models(design, seed), s["calibration"].value, post)
    return Facts(likeness, first, handed, main, tuple(float(p) for p in classes))


def _probability(models: Sequence[Model], calibration: Calibration, post: Post) -> float:
    """The calibrated probability of one post under some models."""
    return float(calibration.probability(np.array([[model.scorer()(post) for model in models]]))[0])
