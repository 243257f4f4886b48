"""The sections of the checks page: every check of every case, its result on this server, and runs on request."""

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
    all_claims = check_results(CASES, selection.seed)
    _headline(all_claims)
    shown = chosen(all_claims, selection.case, selection.kind, selection.state)
    waiting = [claim for claim in shown if claim.waiting]
    run_button.controls(waiting, f"Run the {len(waiting)} checks shown that have not run", filters.key)
    _list(shown, selection)
    _downloads(shown)


def _headline(all_claims: Sequence[CheckResult]) -> None:
    by_state = counts(all_claims)
    names = {HOLDS: "hold", FAILS: "fail", FAILS_AS_KNOWN: "fail as known", COULD_NOT_RUN: "could not run"}
    ran = sum(by_state[state] for state in (HOLDS, FAILS, FAILS_AS_KNOWN))
    st.markdown(f"**{headline(all_claims)}** {kinds_text(all_claims)}")
    if by_state[NOT_RUN] < len(all_claims):
        shown = [cards.Figure("have run", f"{ran}", "measured", f"of {len(all_claims)}")]
        shown += [cards.Figure(name, f"{by_state[state]}", "measured") for state, name in names.items()]
        html(cards.figures(shown))


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
    for _, group in groupby(shown, key=lambda claim: claim.case.slug):
        same = list(group)
        with st.expander(_title(same), expanded=opened):
            st.markdown(check_list.paragraphs(same), unsafe_allow_html=True)


def _title(same: Sequence[CheckResult]) -> str:
    by_state = {state: n for state, n in counts(same).items() if n}
    return f"**{same[0].case.title}**, {', '.join(f'{n} {state}' for state, n in by_state.items())}"


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
    numbers = f" ({escape(claim.verdict.numbers)}) {cards.badge('measured')}" if claim.verdict else ""
    return f"{escape(claim.check.id)}: “{escape(claim.check.sentence)}” {claim.state}{numbers}"
