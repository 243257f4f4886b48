"""Queries with their answers, exact and served, right ones marked."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import streamlit as st

from core.contract.answer import Answer, Item
from core.runtime.identity import ById
from core.ui import cards
from core.ui.markup import html
from core.ui.page_run import PageRun


def section(run: PageRun) -> None:
    """Two rows of pictures per query: the exact neighbours, and the answers of this design."""
    html(_markup(ById(run.present.measured.shown)))
    st.caption(_summary(run.present.measured.shown))


@lru_cache(maxsize=32)
def _markup(shown: ById) -> str:
    """The pictures as markup, cached because encoding PNG dominates the cost."""
    groups = (
        cards.PictureGroup(
            _query(answer), (("exact", _pictures(answer.exact)), ("this design", _pictures(answer.served)))
        )
        for answer in shown.value
    )
    return cards.picture_groups(groups)


def _query(answer: Answer) -> cards.Picture:
    return cards.Picture(cards.png(answer.query.pixels), f"query: {answer.query.name}")


def _pictures(items: Sequence[Item | None]) -> tuple[cards.Picture, ...]:
    return tuple(
        cards.Picture(
            cards.png(item.pixels) if item else b"", item.name if item else "nothing", bool(item and item.right)
        )
        for item in items
    )


def _summary(shown: Sequence[Answer]) -> str:
    exact = sum(bool(item and item.right) for answer in shown for item in answer.exact)
    served = sum(bool(item and item.right) for answer in shown for item in answer.served)
    total = sum(len(answer.exact) for answer in shown)
    return f"✓ marks a right answer: {exact} of {total} for the exact neighbours, {served} of {total} for this design."
