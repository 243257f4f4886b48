"""The searchable glossary, with an anchor for each term."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.contract.design import without_punctuation
from core.interview.glossary import GROUPS, TERMS, Term, by_anchor, search
from core.ui.markup import plain

SEARCH, TERM = "glossary.search", "term"


def section() -> None:
    """The term named by the link, then all matches of the search, by group."""
    _named(without_punctuation(st.query_params.get(TERM, "")))
    text = st.text_input("Search", key=SEARCH, placeholder="a term, or a word of its meaning", max_chars=60)
    matches = search(text)
    none = f"No term has “{plain(text)}” in its name or its meaning."
    st.caption(f"{len(matches)} of {len(TERMS)} terms" if matches else none)
    for group in GROUPS:
        terms = [term for term in matches if term.group == group]
        if terms:
            st.subheader(group, anchor=group.lower())
            _terms(terms)


def _named(anchor: str) -> None:
    if not anchor:
        return
    term = by_anchor(anchor)
    if term is None:
        st.warning(f"“{plain(anchor[:40])}” is not a term of this glossary.", icon=":material/warning:")
        return
    with st.container(border=True):
        st.markdown(_entry(term))


def _terms(terms: Sequence[Term]) -> None:
    # One element per group, since a redraw sends and compares every element.
    st.markdown("\n\n".join(map(_entry, sorted(terms, key=lambda term: term.name.casefold()))))


def _entry(term: Term) -> str:
    also = f" :small[:gray[also: {', '.join(term.also)}]]" if term.also else ""
    return (
        f"[**{term.name}**](glossary?{TERM}={term.anchor}){also}  \n{term.meaning} :small[[{term.source}]({term.url})]"
    )
