"""Can this ship? What was asked against what the design gives, and three measured designs to take instead."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.analysis.explain import move
from core.analysis.tradeoff_table import candidates
from core.formatting import ms_text, usd_text
from core.runtime.results import RESULTS
from core.serving.slo import Constraint, Offer, binding, judge, offers
from core.ui import cards, state
from core.ui.markup import html, slot
from core.ui.page_run import PageRun

TITLES = {
    "cheapest": "The cheapest that ships",
    "fastest": "The fastest that ships",
    "best": "The best that ships",
    "closest": "The closest to shipping",
}


def section(study: PageRun) -> None:
    """The verdict on the present design, what binds, and the offers from what was measured so far."""
    st.subheader("Can this ship?", anchor=False)
    verdict(study)
    known = RESULTS.rows(study.case, study.seed, study.design)
    ranked = candidates(study.case, known, study.seed, study.needs, study.prices)
    with slot():
        _offers(study, offers(ranked, study.case.qualities[0]), len(known))


def verdict(study: PageRun) -> int:
    """What was asked against what the design gives, and what binds; returns how many things were asked."""
    constraints = judge(study.measured, study.assessed, study.needs, study.prices, study.case.qualities[0])
    html(cards.constraints([_shown(each) for each in constraints]))
    st.markdown(_verdict(constraints))
    return len(constraints)


def _shown(each: Constraint) -> cards.ConstraintShown:
    limit = "at most" if each.better == "lower" else "at least"
    asked = f"{limit} {amount(each, each.asked)}"
    return cards.ConstraintShown(each.label, amount(each, each.got), asked, each.met, each.badge)


def _verdict(constraints: Sequence[Constraint]) -> str:
    tight, failed = binding(constraints), [each for each in constraints if not each.met]
    if not failed:
        return f"**It can.** What binds is {tight.label}: {_used(tight)}."
    others = f", and {len(failed) - 1} more" if len(failed) > 1 else ""
    return f"**It cannot.** {_capital(tight.label)} rules it out first{others}: {_missed(tight)}."


def _used(each: Constraint) -> str:
    if each.better == "higher":
        return f"{amount(each, each.got)} where {amount(each, each.asked)} was asked"
    share = each.got / each.asked if each.asked else 0.0
    return f"{share:.0%} of what is allowed is used"


def _missed(each: Constraint) -> str:
    return f"{amount(each, each.got)} instead of {amount(each, each.asked)}"


def _offers(study: PageRun, made: Sequence[Offer], n_known: int) -> None:
    """A card an offer, with a button that takes it; offers for the same design share a card."""
    by_design: dict[object, list[Offer]] = {}
    for offer in made:
        by_design.setdefault(offer.candidate.design, []).append(offer)
    if not by_design:
        return
    for column, (design, same) in zip(st.columns(len(by_design)), by_design.items(), strict=True):
        with column.container(border=True):
            _offer(study, design, same)
    st.caption(f"Out of the {n_known} designs measured on this server with these data; a sweep finds more.")


def _offer(study: PageRun, design: object, same: Sequence[Offer]) -> None:
    first = same[0]
    st.markdown(" · ".join(f"**{TITLES[offer.title]}**" for offer in same))
    taken = first.candidate.assessed
    axis = study.case.qualities[0]
    quality = first.candidate.measured.quality.get(axis.key)
    figures = [f"{axis.label} {quality.value:.3f} ({axis.badge})"] if quality else []
    figures += [f"p99 {ms_text(taken.p99_ms)} and {usd_text(taken.total_usd)} a month (modelled)"]
    st.markdown(", ".join(figures))
    for each in first.gives_up:
        st.markdown(f"You would give up {each.label}: {_missed(each)}.")
    if design == study.design:
        st.caption("This is the present design.")
        return
    st.caption(_capital(move(study.design, design)))
    key = state.key(study.case, f"take.{first.title}")
    st.button("Take it", key=key, on_click=state.load_from_part, args=(study.case, design, study.seed), width="stretch")


def amount(each: Constraint, value: float) -> str:
    """A figure of a constraint in its unit."""
    if each.unit == "ms":
        return ms_text(value)
    if each.unit == "$/month":
        return f"{usd_text(value)} a month"
    return f"{value:.3f}" if not each.unit else f"{value:g} {each.unit}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
