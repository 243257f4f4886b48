"""The panel of knobs: one widget per knob, built from its declaration; what does nothing now is not drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.contract.case import Case
from core.contract.design import Design, Knob, canonical, knobs
from core.serving.prices import dated
from core.serving.scenario import Scenario
from core.ui import slo_bar, state

FEW = 3  # up to so many options fit side by side as buttons
SHORT = 9  # letters of an option that fits beside two others in the panel
MOST_MAIN = 6


@dataclass(frozen=True)
class Panel:
    """What a visitor may turn; what is locked is shown, what is hidden is not, and both stay as they are."""

    locked: frozenset[str] = frozenset()  # names of knobs
    hidden: frozenset[str] = frozenset()
    fixed: bool = False  # requirements, seed, prices and assumptions are somebody else's choice
    must_predict: bool = False


FREE = Panel()


def panel(case: Case, beside: Mapping[str, str] | None = None) -> tuple[Design, int, Scenario]:
    """Open the link, draw every knob and the requirements in the sidebar; the design, the seed and the scenario.

    `beside` holds the page's own link parameters.
    """
    for note in state.open_link(case, beside or ()):
        st.warning(note, icon=":material/link_off:")
    with st.sidebar:
        if not _opened(case, "Requirements and SLO", "speed", lambda: slo_bar.fields(case, columns=1)):
            state.keep(case, "seed")
    return turned(case, beside)


def turned(case: Case, beside: Mapping[str, str] | None = None, panel: Panel = FREE) -> tuple[Design, int, Scenario]:
    """Draw the knobs in the sidebar, write the link, and return the design, the seed and the scenario."""
    present = _present(case)
    main, advanced, data = ([k for k in part if k.name not in panel.hidden] for part in _grouped(case, present))
    with st.sidebar:
        with st.container(key="knobs", gap="small"):
            _widgets(main, case, present, panel)
        for title, icon, members in (("Advanced", "tune", advanced), ("Data conditions", "database", data)):
            if members and _opened(case, title, icon, lambda: _widgets(members, case, present, panel)):  # noqa: B023
                continue
            state.keep(case, *(knob.name for knob in members))
        if panel.fixed or not _opened(case, "Prices and assumptions", "payments", lambda: _assumptions(case)):
            state.keep(case, *(f"assume.{name}" for name in state.our_assumptions(case)))
        st.session_state.setdefault(state.key(case, state.PREDICT), False)
        st.toggle(
            "Predict before each move",
            key=state.key(case, state.PREDICT),
            disabled=panel.must_predict,
            help="Say which way the figures will go, then see. Your score counts.",
        )
        st.button("Back to the baseline", on_click=state.load, args=(case, case.baseline, 0), width="stretch")
    drawn = {knob.name for knob in (*main, *advanced, *data)}
    state.keep(case, *(name for name in knobs(case.Design) if name not in drawn))
    design, seed = state.current(case)
    requirements = state.requirements(case)
    state.write_link(case, design, seed, requirements, beside)
    return design, seed, Scenario(requirements, state.prices(case))


def _present(case: Case) -> Design:
    """The design of the widgets; an option that the last choice ruled out gives way before anything is drawn."""
    chosen = {name: st.session_state[state.key(case, name)] for name in knobs(case.Design)}
    design = case.Design(**chosen)
    for name, knob in knobs(case.Design).items():
        if chosen[name] not in knob.offered(design):
            chosen[name] = st.session_state[state.key(case, name)] = knob.instead(design)
            design = case.Design(**chosen)
    return canonical(design)


def _grouped(case: Case, present: Design) -> tuple[list[Knob], list[Knob], list[Knob]]:
    """The knobs that do something now: the main ones, the further ones, and the data conditions."""
    active = [knob for knob in knobs(case.Design).values() if knob.active(present)]
    main = [knob for knob in active if knob.main][:MOST_MAIN]
    if not main:
        main = [knob for knob in active if knob.family != "data"][:MOST_MAIN]
    rest = [knob for knob in active if knob not in main]
    return main, [k for k in rest if k.family != "data"], [k for k in rest if k.family == "data"]


def _widgets(members: Iterable[Knob], case: Case, present: Design, panel: Panel) -> None:
    for knob in members:
        _widget(knob, state.key(case, knob.name), present, knob.name in panel.locked)


def _widget(knob: Knob, key: str, present: Design, locked: bool) -> None:
    options, label = knob.offered(present), knob.named(present)
    common: dict[str, Any] = dict(key=key, help=knob.help, format_func=knob.text, disabled=locked)
    if knob.ordered:
        st.select_slider(label, options, **common)
    elif len(knob.options) <= FEW and all(len(knob.text(option)) <= SHORT for option in knob.options):
        st.segmented_control(label, options, required=True, **common)
    else:
        st.selectbox(label, options, **common)


def _opened(case: Case, title: str, icon: str, draw: Callable[[], None]) -> bool:
    """A part of the panel, drawn once opened, since every widget slows each redraw.

    Its title never changes: the browser would take it for another part and close it.
    """
    key = state.key(case, f"{title}.open")
    part = st.expander(title, icon=f":material/{icon}:", key=key, on_change="rerun")
    if part.open:
        with part:
            draw()
    return bool(part.open)


def _assumptions(case: Case) -> None:
    """Every assumed number, to read and to edit."""
    st.caption("Modelled figures rest on these. Set them to yours: nothing is run again, and the link keeps them.")
    for name, dial in state.our_assumptions(case).items():
        assumed, key = dial.assumed, state.key(case, f"assume.{name}")
        st.session_state.setdefault(key, float(assumed.value))
        label = f"{dial.label} ({assumed.unit}){' :orange-badge[stale]' * assumed.stale}"
        help_text = f"{assumed.source} ({dated(assumed)}). Ours: {assumed.value:,.15g}."
        st.number_input(label, dial.low, dial.high, None, None, format="%g", key=key, help=help_text)
    st.button("Back to ours", on_click=state.forget_assumptions, args=(case,), width="stretch")
