"""The SLO verdict: requirements against the design's values, and three measured alternatives."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.analysis.explain import move
from core.analysis.figures import FIGURES, figures_of
from core.contract.case import Estimate
from core.contract.design import Design
from core.formatting import count_text, ms_text, usd_text
from core.serving.evaluate import Evaluated
from core.serving.offers import Offer, offers
from core.serving.slo import NOT_JUDGED, TOO_NOISY, Constraint
from core.ui import cards, state
from core.ui.live import follow_sweep
from core.ui.markup import html, slot
from core.ui.page_run import PageRun

TITLES = {
    "cheapest": "Cheapest that meets the SLO",
    "fastest": "Fastest that meets the SLO",
    "best": "Best quality that meets the SLO",
    "closest": "Closest to meeting the SLO",
    "fewest": "Misses the fewest requirements",
    "cheapest of few": "Cheapest that misses as few",
}


def section(run: PageRun) -> None:
    """The verdict on the present design, the binding constraint, and alternatives among measured designs."""
    st.subheader("Meets the SLO?", anchor=False)
    verdict(run)
    follow_sweep(run.case, lambda: _offered(run))


def _offered(run: PageRun) -> None:
    measured = run.evaluated()
    with slot():
        _offers(run, offers(measured), len(measured))


def verdict(run: PageRun) -> int:
    """Draw the constraints and the verdict; returns the number of constraints."""
    constraints = run.present.constraints
    html(cards.constraints([_shown(constraint) for constraint in constraints]))
    st.markdown(_verdict(run.present))
    return len(constraints)


def _shown(constraint: Constraint) -> cards.ConstraintShown:
    limit = "at most" if constraint.better == "lower" else "at least"
    target = f"{limit} {amount(constraint, constraint.asked)}"
    return cards.ConstraintShown(constraint.label, given(constraint), target, constraint.verdict, constraint.badge)


def _verdict(present: Evaluated) -> str:
    tight, failed = present.binding, [limit for limit in present.constraints if limit.verdict == "misses"]
    if present.verdict == "cannot say":
        return _unsure(present)
    if not failed:
        return f"**Yes.** Binding constraint: {tight.label}, {_used(tight)}."
    others = f", and {len(failed) - 1} more" if len(failed) > 1 else ""
    return f"**No.** Misses {tight.label}{others}: {_missed(tight)}."


def _unsure(present: Evaluated) -> str:
    """Why no verdict can be given: a busy machine, no law for this size, or an interval on both sides of the limit."""
    noisy = [limit.label for limit in present.constraints if limit.noisy]
    if noisy:
        return (
            f"**Too noisy to say.** Other processes had the machine while this design was timed (wall ÷ CPU "
            f"{present.measured.noise:.1f}), so {' and '.join(noisy)} cannot be judged. “Time again” times it anew."
        )
    unjudged = [limit for limit in present.constraints if limit.unsure == NOT_JUDGED]
    if unjudged:
        names, why = " and ".join(limit.label for limit in unjudged), "; ".join(limit.unjudged for limit in unjudged)
        return f"**Cannot say at {count_text(present.sized.n_items)}.** {_capital(names)}: {NOT_JUDGED}, as {why}."
    wide = [limit for limit in present.constraints if limit.verdict == "cannot say"]
    told = "; ".join(f"{limit.label} {_span(limit)} around {amount(limit, limit.asked)}" for limit in wide)
    return f"**Cannot say.** The interval lies on both sides of the limit: {told}."


def _span(limit: Constraint) -> str:
    return " to ".join(amount(limit, end) for end in limit.band or (limit.got, limit.got))


def _used(constraint: Constraint) -> str:
    if constraint.better == "higher":
        return f"{amount(constraint, constraint.got)}, the SLO is {amount(constraint, constraint.asked)}"
    share = constraint.got / constraint.asked if constraint.asked else 0.0
    return f"{1 - share:.0%} below the SLO" if share < 0.995 else "all of what the SLO allows"


def _missed(constraint: Constraint) -> str:
    return f"{given(constraint)} vs {amount(constraint, constraint.asked)}"


def _offers(run: PageRun, suggestions: Sequence[Offer], n_known: int) -> None:
    """One card per alternative design with a button to use it; offers for the same design share a card."""
    by_design: dict[Design, list[Offer]] = {}
    for offer in suggestions:
        by_design.setdefault(offer.evaluated.design, []).append(offer)
    if not by_design:
        return
    for column, same in zip(st.columns(len(by_design)), by_design.values(), strict=True):
        with column.container(border=True):
            _offer(run, same)
    st.caption(f"Of the {n_known} designs measured on this server with these data; a sweep finds more.")


def _offer(run: PageRun, same: Sequence[Offer]) -> None:
    first = same[0]
    offered, present = first.evaluated, run.present
    st.markdown(" · ".join(f"**{TITLES[offer.title]}**" for offer in same))
    quality = figures_of(run.case, offered).get(run.case.qualities[0].key)
    figures = [f"{quality.label} {quality.text(offered)} ({quality.badge_of(offered)})"] if quality else []
    p99, usd = FIGURES["load_p99_ms"], FIGURES["usd"]
    figures += [f"p99 {p99.text(offered)} and {usd.text(offered)} ({usd.badge_of(offered)})"]
    st.markdown(", ".join(figures))
    held_out = next((offer.held_out for offer in same if offer.held_out is not None), None)
    if held_out is not None:
        st.markdown(_held_out(run, held_out))
    for limit in first.gives_up:
        st.markdown(_given_up(limit))
    if offered.design == present.design:
        st.caption("This is the present design.")
        return
    st.caption(_capital(move(present.design, offered.design)))
    key, load = state.key(run.case, f"take.{first.title}"), (run.case, offered.design, present.seed)
    st.button("Use this design", key=key, on_click=state.load_from_part, args=load, width="stretch")


def _given_up(limit: Constraint) -> str:
    """What is missed, or what cannot be said of this design."""
    if limit.verdict == "misses":
        return f"Misses {limit.label}: {_missed(limit)}."
    return f"Cannot be said: {limit.label} ({limit.unsure}), {given(limit)} vs {amount(limit, limit.asked)}."


def _held_out(run: PageRun, held_out: Estimate) -> str:
    """What the best design gives where it was not chosen."""
    return (
        f"Chosen on half of the {held_out.unit}. On the other half: {run.case.qualities[0].label} "
        f"{held_out.value:.3f} ({held_out.low:.3f} to {held_out.high:.3f})."
    )


def given(constraint: Constraint) -> str:
    """What the design gives, with its unit and its band, or that the machine was too busy to say."""
    if constraint.noisy:
        return TOO_NOISY
    low, high = constraint.band or (constraint.got, constraint.got)
    value = amount(constraint, constraint.got)
    return value if low == high else f"{value} ({_span(constraint)})"


def amount(constraint: Constraint, value: float) -> str:
    """A figure of a constraint with its unit."""
    if constraint.unit == "ms":
        return ms_text(value)
    if constraint.unit == "$/month":
        return f"{usd_text(value)} per month"
    return f"{value:.3f}" if not constraint.unit else f"{value:,.6g} {constraint.unit}"


def _capital(text: str) -> str:
    return text if text[1:2].isupper() else text[:1].upper() + text[1:]  # nDCG stays nDCG
