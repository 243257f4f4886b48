"""The sections of the checks page: every check of every case, its verdict here or as recorded, and runs on request."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import groupby

import streamlit as st

from core.catalog import CASES
from core.checks.results import (
    COULD_NOT_RUN,
    FAILS,
    FAILS_AS_KNOWN,
    HOLDS,
    NOT_RUN,
    CheckResult,
    as_csv,
    as_json,
    check_results,
    chosen,
    counts,
    direction,
    headline,
    kinds_text,
)
from core.checks.results import beside as claims_beside
from core.contract.case import Case, Published
from core.runtime.timing import environment
from core.ui import cards, pages
from core.ui.case import check_list
from core.ui.checks import filters, run_button
from core.ui.checks.filters import Selection
from core.ui.markup import html

OPEN_UP_TO = 45  # up to so many checks, all groups are expanded
STYLE = (
    "<style>.kp-beside{list-style:none;margin:0;padding:0;border-top:1px solid var(--line)}"
    ".kp-beside li{margin:0;padding:.55rem 0;border-bottom:1px solid var(--line);font-size:.9375rem}"
    ".kp-beside small{display:block;color:var(--quiet);font-size:.8125rem}</style>"
)


def first() -> None:
    """The check named by the link, if any, above everything else."""
    address, seed = filters.named()
    if address:
        run_button.followed(lambda: _named_check(address, seed))


def section(selection: Selection) -> None:
    """The headline, the run button and the list, redrawn while checks run."""
    run_button.followed(lambda: _live(selection))


def _live(selection: Selection) -> None:
    results = check_results(CASES, selection.seed)
    _headline(results)
    shown = chosen(results, selection.case, selection.kind, selection.state)
    run_button.here([result for result in shown if result.waiting], filters.key)
    _list(shown, selection)
    _downloads(shown)


def _headline(results: Sequence[CheckResult]) -> None:
    by_state = counts(results)
    if by_state[NOT_RUN] == len(results):
        st.markdown(f"**{headline(results)}**")
        return
    kind = "recorded" if any(result.origin for result in results) else "measured"
    names = {HOLDS: "pass", FAILS: "fail", FAILS_AS_KNOWN: "fail as known", COULD_NOT_RUN: "could not run"}
    shown = [cards.Figure(name, f"{by_state[state]}", kind) for state, name in names.items()]
    html(cards.figures([*shown, cards.Figure("not run yet", f"{by_state[NOT_RUN]}", kind, f"of {len(results)}")]))
    st.markdown(headline(results))
    st.caption(kinds_text(results))


def _named_check(address: str, seed: int) -> None:
    idle = run_button.idle()
    for claim in [claim for claim in check_results(CASES, seed) if claim.address == address]:
        with st.container(border=True):
            st.markdown(check_list.paragraphs([claim]), unsafe_allow_html=True)
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                if claim.waiting and idle and st.button("Run this check", key=filters.key("one"), type="primary"):
                    run_button.start([claim])
                st.page_link(pages.of(claim.case), label=claim.case.title, icon=":material/arrow_forward:")
                if st.button("Close", key=filters.key("close"), type="tertiary"):
                    filters.close()
                    st.rerun()


def _list(shown: Sequence[CheckResult], selection: Selection) -> None:
    if not shown:
        st.info("No check is of this case, kind and state.")
    opened = len(shown) <= OPEN_UP_TO
    for slug, group in groupby(shown, key=lambda result: result.case.slug):
        same = list(group)
        with st.expander(f"**{same[0].case.title}**: {check_list.summary(same)}", expanded=opened):
            check_list_of(same, filters.key(f"all.{slug}"))


def check_list_of(same: Sequence[CheckResult], key: str) -> None:
    """Ten checks of a case, those that fail first, and a button for all; `key` is where the press is remembered."""
    pressed = f"{key}.pressed"
    whole = st.session_state.get(pressed, False) or len(same) <= check_list.AT_FIRST
    st.markdown(check_list.paragraphs(same if whole else check_list.at_first(same)), unsafe_allow_html=True)
    if not whole:
        st.button(f"Show all {len(same)}", key=key, on_click=_remember, args=(pressed,), icon=":material/expand_more:")


def _remember(pressed: str) -> None:
    st.session_state[pressed] = True


def _downloads(shown: Sequence[CheckResult]) -> None:
    with st.container(horizontal=True, gap="small"):
        for name, mime, data in (
            ("CSV", "text/csv", as_csv(shown)),
            ("JSON", "application/json", as_json(shown, environment())),
        ):
            file, key = f"checks.{name.lower()}", filters.key(name)
            st.download_button(
                f"These as {name}", data, file, mime, key=key, on_click="ignore", icon=":material/download:"
            )


def published_figures(selection: Selection) -> None:
    """Published figures of the selected cases, each with its source and our checks of its direction."""
    for case in selection.cases:
        if case.published:
            body = "".join(_published(case, figure, selection.seed) for figure in case.published)
            with st.expander(f"**{case.title}**, {len(case.published)} published", expanded=bool(selection.case)):
                html(f'<div class="kp">{cards.STYLE}{STYLE}<ul class="kp-beside">{body}</ul></div>')


def _published(case: Case, figure: Published, seed: int) -> str:
    related = claims_beside(case, figure, seed)
    title = escape(figure.source.title)
    source = f'<a href="{escape(figure.source.url)}" target="_blank">{title}</a>' if figure.source.url else title
    lines = [
        f"Source: {source}",
        f"Ours: {escape(figure.ours)}",
        f"Direction: {direction(related)}",
        *map(_ours, related),
    ]
    details = "".join(f"<small>{line}</small>" for line in lines)
    return f"<li>{escape(figure.what)}: <b>{escape(figure.figure)}</b> {cards.badge('published')}{details}</li>"


def _ours(claim: CheckResult) -> str:
    """The result of our check of a published figure, with its numbers."""
    badge = cards.badge("recorded" if claim.origin else "measured")
    numbers = f" ({escape(claim.verdict.numbers)}) {badge}" if claim.verdict else ""
    return f"{escape(claim.check.id)}: “{escape(claim.check.sentence)}” {claim.state}{numbers}"
