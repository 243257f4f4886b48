"""One message on its way through the stages, in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.cases.harmful_content.data import PICTURES, POST_COLUMNS, Posts
from core.datasets.mail_text import EXPLICIT
from core.datasets.mails import CLASSES, Mails

EXCERPT_WORDS, START_WORDS = 40, 12
HIDDEN = "▒▒▒▒"
MAIN = "Main model"  # the stage whose probability the thresholds apply to


@dataclass(frozen=True)
class Told:
    """One stage of a message's way: its name, what it said, and whether the way ended there."""

    stage: str
    said: str
    ended: bool = False


@dataclass(frozen=True)
class Walk:
    """One message on its way: why it is shown, the start of its text, each stage, and how it really was."""

    title: str
    subject: str
    excerpt: str
    told: tuple[Told, ...]
    truth: str


@dataclass(frozen=True)
class Scored:
    """One message with P(harm) of the main model, None where the way ended before it, and the thresholds on it."""

    walk: Walk
    probability: float | None
    remove_at: float
    review_at: float | None  # None without reviewers


@dataclass(frozen=True)
class Facts:
    """What the stages found about one message; None where a stage does not exist."""

    likeness: float | None
    first: float | None
    handed: bool
    main: float
    classes: tuple[float, ...]


@dataclass(frozen=True)
class Limits:
    """The knobs that turn what was found into what is done."""

    serving: str
    similarity: float
    remove_at: float
    review_at: float
    reviewers: int
    delay_min: int
    refresh_h: int


def tell(facts: Facts, limits: Limits) -> tuple[Told, ...]:
    """The way of one message through the stages, in words, up to the one that ends it."""
    way = []
    if facts.likeness is not None:
        known = facts.likeness >= limits.similarity
        way.append(Told("Known-content match", _likeness(facts.likeness, known), known))
        if known:
            return (*way, _done("removed as known harm", limits, at_once=limits.serving != "batch"))
    if facts.first is not None:
        said = f"{percent(facts.first)} likely to be harmful: {'passed on' if facts.handed else 'left alone'}"
        way.append(Told("Cascade first stage", said, not facts.handed))
        if not facts.handed:
            return (*way, Told("Decision", "stays up; the main model never sees it", True))
    way.append(Told(MAIN, f"{percent(facts.main)} likely to be harmful"))
    if facts.classes:
        way.append(
            Told("Harm category", ", ".join(f"{n} {percent(p)}" for n, p in zip(CLASSES, facts.classes, strict=True)))
        )
    return (*way, _decision(facts.main, limits))


def _decision(main: float, limits: Limits) -> Told:
    if main >= limits.remove_at:
        return _done(f"removed: at or above {limits.remove_at:g}", limits)
    if limits.reviewers and main >= limits.review_at:
        said = f"queued for a reviewer: from {limits.review_at:g} to {limits.remove_at:g}; seen until one has read it"
        return Told("Decision", said, True)
    return Told("Decision", f"stays up: below {limits.review_at if limits.reviewers else limits.remove_at:g}", True)


def _done(what: str, limits: Limits, at_once: bool = False) -> Told:
    late = {
        "hybrid": f"{limits.delay_min} min after it was shown",
        "batch": f"at the next run (every {limits.refresh_h} h)",
    }
    when = "" if at_once else late.get(limits.serving, "")
    return Told("Decision", what + (f", {when}" if when else ", before anybody sees it"), True)


def _likeness(value: float, known: bool) -> str:
    if not value:
        return "nothing like it among known harm"
    return f"{percent(value)} like a known harmful one" + ("" if known else ", not enough")


def percent(share: float) -> str:
    """A share as a reader likes it, without claiming certainty."""
    if share >= 0.9995 or 0 < share < 0.0005:
        return "over 99.9 %" if share > 0.5 else "under 0.1 %"
    return f"{100 * share:.3g} %"


def excerpt(mails: Mails, words: np.ndarray, most: int = EXCERPT_WORDS) -> str:
    """The first words as plain text; explicit ones are hidden."""
    shown = " ".join(
        HIDDEN if mails.vocabulary[i].startswith(EXPLICIT) else mails.vocabulary[i] for i in words.tolist()[:most]
    )
    for mark in ".,:;!?":
        shown = shown.replace(f" {mark}", mark)
    return shown + (" …" if len(words) > most else "")


def truth(posts: Posts, row: int) -> str:
    """How a message really was, with its picture where it got one."""
    kinds = [name for name, on in zip(CLASSES, posts.classes[row], strict=True) if on]
    said = "harmless" if not posts.harmful[row] else f"harmful ({', '.join(kinds)})" if kinds else "harmful"
    pictures = [name for name in PICTURES if posts.columns[row, POST_COLUMNS.index(name)]]
    return f"{said}, with a {pictures[0]}" if pictures else said
