"""Lessons, submissions and stores made by hand."""

from __future__ import annotations

from core.catalog import BY_SLUG
from core.classroom.lesson import Lesson
from core.classroom.store import Store
from core.classroom.submissions import Entry, Prediction, Submission
from core.contract.design import to_query
from core.serving.requirement_text import LIMITS

CASE = BY_SLUG["visual_search"]
KEY = CASE.qualities[0].key


def lesson(design=None, seed=0, requirements=None, **parts):
    """A lesson of visual search that asks for the highest first quality."""
    asked = {name: getattr(CASE.requirements, name) for name in LIMITS} | (requirements or {})
    told = dict(case=CASE.slug, start=to_query(design or CASE.Design(), seed), requirements=asked, goal=KEY)
    return Lesson(**(told | parts))


def submission(quality=0.5, p99_ms=2.0, usd=100.0, verdict="meets", design="a=1", said=(), **parts):
    """A submission with these figures; `said` are (said, measured) pairs."""
    figures = {KEY: quality, "load_p99_ms": p99_ms, "usd": usd}
    predictions = tuple(Prediction(figure="x", said=one, measured=other) for one, other in said)
    told = dict(design=design, differs="", figures=figures, verdict=verdict, noisy=False, mode="online", mode_at=0)
    missed = "" if verdict == "meets" else "cost"
    return Submission(**(told | dict(missed=missed, predictions=predictions) | parts))


def entry(number, student, content, nickname=None, hidden=False):
    """An entry of the wall."""
    return Entry(number, student, nickname or f"s{student}", float(number), content, hidden)


class Clock:
    """A clock that a test moves."""

    def __init__(self, now_s=1_000_000.0):
        self.now_s = now_s

    def __call__(self):
        return self.now_s


def store(folder, clock=None, **more):
    """A store in a folder of its own."""
    return Store(folder / "classes.sqlite", now_s=clock or Clock(), **more)
