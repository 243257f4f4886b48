"""Paths into the app for different purposes: a few steps each, only to existing pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

import streamlit as st

from core.ui import pages

STEPS = 3
A_ROW = 2


@dataclass(frozen=True)
class Step:
    """One step: a thing to do, and the page with its link parameters."""

    words: str
    address: str
    query: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Path:
    """An audience, its purpose, and ordered steps; more than three, since a page may be missing."""

    who: str
    why: str
    steps: tuple[Step, ...]


def show(paths: Sequence[Path]) -> None:
    """A card per path with its first three steps to existing pages."""
    for start in range(0, len(paths), A_ROW):  # row by row, so that a phone and a screen reader keep the order
        row = st.columns(A_ROW, gap="medium")
        for column, path in zip(row, paths[start : start + A_ROW], strict=False):
            with column.container(border=True, height="stretch"):
                _card(path)


def _card(path: Path) -> None:
    st.markdown(f"**{path.who}.** {path.why}")
    for number, (step, page) in enumerate(there(path), start=1):
        label, query = f"{number}. {step.words}", dict(step.query)
        st.page_link(page, label=label, query_params=query, icon=":material/arrow_forward:", icon_position="right")


def there(path: Path) -> list[tuple[Step, st.Page]]:
    """The first three steps whose pages are in the menu, each with its page."""
    candidates = ((step, pages.find(step.address)) for step in path.steps)
    return list(islice(((step, page) for step, page in candidates if page is not None), STEPS))
