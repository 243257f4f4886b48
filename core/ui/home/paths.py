"""Entrances into the app for different purposes: the page that each opens, and what one gets there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import streamlit as st

from core.ui import pages


@dataclass(frozen=True)
class Entrance:
    """An audience, what it gets, and the page with its link parameters."""

    who: str
    gets: str
    address: str
    query: Mapping[str, str] = field(default_factory=dict)


def show(entrances: Sequence[Entrance]) -> None:
    """A card per entrance whose page is in the menu, side by side."""
    there = [(entrance, page) for entrance in entrances if (page := pages.find(entrance.address)) is not None]
    for column, (entrance, page) in zip(st.columns(len(there) or 1, gap="small"), there, strict=False):
        with column.container(border=True, height="stretch"):
            st.page_link(
                page,
                label=f"**{entrance.who}**: {page.title}",
                query_params=dict(entrance.query),
                icon=":material/arrow_forward:",
                icon_position="right",
            )
            st.markdown(entrance.gets)
