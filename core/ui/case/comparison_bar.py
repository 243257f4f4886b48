"""Pins and attempts of this session: designs kept to be compared, and every design that was opened on the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.analysis.explain import beside
from core.analysis.tradeoff_table import assessment
from core.contract.case import Case, Measurement, Requirements
from core.contract.comparison_link import LETTERS, Pin
from core.formatting import ms_text, usd_text
from core.runtime.results import RESULTS
from core.serving.prices import Prices
from core.ui import pages, state
from core.ui.markup import prose
from core.ui.page_run import PageRun

MOST_LISTED = 12  # attempts on the page of a case; the compare page has all that are kept


@dataclass(frozen=True)
class Asked:
    """What designs are assessed with."""

    needs: Requirements
    prices: Prices


def bar(study: PageRun) -> None:
    """The pin of the present design, the attempts of this session, and the way to the comparison."""
    case, here = study.case, Pin(study.design, study.seed)
    ask(case, Asked(study.needs, study.prices))
    pinned = of(case)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=state.key(case, "pins.bar")):
        if here in pinned:
            at, said = LETTERS[pinned.index(here)].upper(), "On the compare page under this letter. Press to unpin it."
            icon = ":material/keep:"
            st.button(
                f"Pinned as {at}",
                key=state.key(case, "unpin"),
                icon=icon,
                on_click=remove,
                args=(case, here),
                help=said,
            )
        else:
            full = len(pinned) >= len(LETTERS)
            said = f"{len(LETTERS)} are pinned; unpin one first." if full else "Keep it, to lay it beside others."
            st.button("Pin this design", key=state.key(case, "pin"), icon=":material/keep:", on_click=add,
                      args=(case, here), help=said, disabled=full)  # fmt: skip
        _attempts(study)
        label = f"Compare the {len(pinned)} pinned" if len(pinned) > 1 else "Compare designs"
        st.page_link(pages.compare(), label=label, icon=":material/compare_arrows:")


def of(case: Case) -> list[Pin]:
    """The pinned designs of a case, in the order of their letters."""
    return st.session_state.setdefault(state.key(case, "pins"), [])


def add(case: Case, pin: Pin) -> None:
    """Pin a design unless it is pinned or no letter is left."""
    pinned = of(case)
    if pin not in pinned and len(pinned) < len(LETTERS):
        pinned.append(pin)


def remove(case: Case, pin: Pin) -> None:
    """Unpin a design; those after it move up a letter."""
    if pin in of(case):
        of(case).remove(pin)


def replace(case: Case, pins: list[Pin]) -> None:
    """Pin these designs and no others."""
    of(case)[:] = pins[: len(LETTERS)]


def attempts(case: Case) -> list[Pin]:
    """Every design that was opened in this session, the latest first, each once; the trail behind them is bounded."""
    trail = st.session_state.get(state.key(case, "trail"), [])
    return list(dict.fromkeys(Pin(design, seed) for design, seed in reversed(trail)))


def asked_of(case: Case) -> Asked:
    """What was asked and assumed on the case's page in this session; the case's own before it was opened."""
    return st.session_state.get(state.key(case, "assessed with"), Asked(case.requirements, Prices()))


def ask(case: Case, asked: Asked) -> None:
    """Remember it for the compare page."""
    st.session_state[state.key(case, "assessed with")] = asked


def _attempts(study: PageRun) -> None:
    kept = [each for each in attempts(study.case) if each != Pin(study.design, study.seed)]
    if not kept:
        return
    opened = st.popover(
        f"{len(kept)} earlier attempt{'s' * (len(kept) > 1)}",
        key=state.key(study.case, "attempts"),
        icon=":material/history:",
        on_change="rerun",
    )
    if not opened.open:
        return
    with opened:
        st.caption("Designs you opened on this page, the latest first. Press one to load it again.")
        asked = Asked(study.needs, study.prices)
        for at, each in enumerate(kept[:MOST_LISTED]):
            name = beside(study.design, each.design)
            seed = "" if each.seed == study.seed else f", seed {each.seed}"
            st.button(
                prose(f"{name[:1].upper()}{name[1:]}{seed}: {told(study.case, each, asked)}"),
                key=state.key(study.case, f"attempt.{at}"),
                on_click=state.load,
                args=(study.case, each.design, each.seed),
                width="stretch",
            )
        if len(kept) > MOST_LISTED:
            st.caption(f"{len(kept) - MOST_LISTED} earlier ones are on the compare page.")


def told(case: Case, pin: Pin, asked: Asked) -> str:
    """The figures of an attempt in one line; says so where the server no longer has them."""
    measured = RESULTS.known(case, pin.design, pin.seed)
    if measured is None:
        return "figures no longer kept, it would be measured again"
    figures = row(case, pin, measured, asked)
    axis = case.qualities[0]
    quality = f"{axis.label} {figures[axis.label]:.3f}, " if axis.label in figures else ""
    return f"{quality}p99 {ms_text(figures['p99 at the load (ms)'])}, {usd_text(figures['cost ($/month)'])} a month"


def row(case: Case, pin: Pin, measured: Measurement, asked: Asked) -> dict[str, Any]:
    """The headline figures of a design by name, for a table of attempts."""
    taken = assessment(measured, pin.seed, asked.needs, asked.prices)
    quality = {q.label: measured.quality[q.key].value for q in case.qualities if q.key in measured.quality}
    return {
        **quality,
        "p50 (ms)": measured.percentiles_ms["p50"].value,
        "p99 at the load (ms)": taken.p99_ms,
        "memory (MB)": measured.memory_bytes / 1e6,
        "cost ($/month)": taken.total_usd,
    }
