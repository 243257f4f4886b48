"""Saved designs and attempts of the session: designs kept for comparison, and every opened design."""

from __future__ import annotations

import streamlit as st

from core.analysis.explain import beside
from core.analysis.figures import FIGURES, figures_of, quality_figures
from core.charts.looks import axis_title
from core.contract.case import Case
from core.contract.comparison_link import LETTERS, Pin
from core.runtime.results import RESULTS
from core.serving.evaluate import Evaluated, evaluate
from core.serving.scenario import Scenario
from core.ui import moves, pages, state
from core.ui.markup import prose
from core.ui.page_run import PageRun

IN_A_ROW = ("p50_ms", "load_p99_ms", "memory_mb", "usd")
VISITED = "compare.visited"  # the session key of the case that was visited last
MOST_LISTED = 12  # attempts on a case page; the compare page lists all


def save(run: PageRun) -> None:
    """A button that saves the present design to the comparison, or takes it out again."""
    case, here = run.case, Pin(run.present.design, run.present.seed)
    keep_scenario(case, run.scenario)
    saved = of(case)
    if here in saved:
        label, key, act = "Saved", "unpin", remove
        help = "On the compare page. Press to remove it."
    else:
        label, key, act = "Save", "pin", add
        help = "Save to comparison, beside other designs."
    full = here not in saved and len(saved) >= len(LETTERS)
    st.button(
        label, key=state.key(case, key), icon=":material/bookmark:", type="tertiary", on_click=act, args=(case, here),
        help=f"{len(LETTERS)} are saved; remove one first." if full else help, disabled=full,
    )  # fmt: skip


def history(run: PageRun) -> None:
    """The session's attempts, and a link to the comparison."""
    saved = of(run.case)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=state.key(run.case, "pins.bar")):
        _attempts(run)
        label = f"Compare the {len(saved)} saved" if len(saved) > 1 else "Compare designs"
        st.page_link(pages.compare(), label=label, icon=":material/compare_arrows:")


def of(case: Case) -> list[Pin]:
    """The saved designs of a case, in the order of their letters."""
    return st.session_state.setdefault(state.key(case, "pins"), [])


def add(case: Case, pin: Pin) -> None:
    """Save a design unless it is saved already or no letter is left."""
    pinned = of(case)
    if pin not in pinned and len(pinned) < len(LETTERS):
        pinned.append(pin)


def remove(case: Case, pin: Pin) -> None:
    """Remove a saved design; later ones move up a letter."""
    if pin in of(case):
        of(case).remove(pin)


def replace(case: Case, pins: list[Pin]) -> None:
    """Save these designs and no others."""
    of(case)[:] = pins[: len(LETTERS)]


def attempts(case: Case) -> list[Pin]:
    """Every design opened in this session, latest first, without duplicates; the trail is bounded."""
    return list(dict.fromkeys(Pin(design, seed) for design, seed in reversed(moves.opened(case))))


def scenario_of(case: Case) -> Scenario:
    """The scenario of the case's page in this session; the case's default before its first visit."""
    return st.session_state.get(state.key(case, "assessed with"), Scenario(case.requirements))


def keep_scenario(case: Case, scenario: Scenario) -> None:
    """Keep the scenario for the compare page, which opens with the case that was visited last."""
    st.session_state[state.key(case, "assessed with")] = scenario
    st.session_state[VISITED] = case.slug


def _attempts(run: PageRun) -> None:
    kept = [pin for pin in attempts(run.case) if pin != Pin(run.present.design, run.present.seed)]
    if not kept:
        return
    opened = st.popover(
        f"{len(kept)} earlier attempt{'s' * (len(kept) > 1)}",
        key=state.key(run.case, "attempts"),
        icon=":material/history:",
        on_change="rerun",
    )
    if not opened.open:
        return
    with opened:
        st.caption("Designs you opened on this page, the latest first. Press one to load it again.")
        for at, pin in enumerate(kept[:MOST_LISTED]):
            name = beside(run.present.design, pin.design)
            seed = "" if pin.seed == run.present.seed else f", seed {pin.seed}"
            st.button(
                prose(f"{name[:1].upper()}{name[1:]}{seed}: {figures_line(run.case, pin, run.scenario)}"),
                key=state.key(run.case, f"attempt.{at}"),
                on_click=state.load,
                args=(run.case, pin.design, pin.seed),
                width="stretch",
            )
        if len(kept) > MOST_LISTED:
            st.caption(f"{len(kept) - MOST_LISTED} earlier ones are on the compare page.")


def figures_line(case: Case, pin: Pin, scenario: Scenario) -> str:
    """The figures of an attempt in one line; says so where the server has dropped them."""
    measured = RESULTS.known(case, pin.design, pin.seed)
    if measured is None:
        return "figures no longer kept, it would be measured again"
    evaluated = evaluate(case, pin.design, measured, scenario, pin.seed)
    quality = figures_of(case, evaluated).get(case.qualities[0].key)
    first = f"{quality.label} {quality.text(evaluated)}, " if quality else ""
    return f"{first}p99 {FIGURES['load_p99_ms'].text(evaluated)}, {FIGURES['usd'].text(evaluated)}"


def row(evaluated: Evaluated) -> dict[str, float]:
    """The headline figures of a design by name, for the table of attempts."""
    figures = figures_of(evaluated.case, evaluated)
    keys = (*quality_figures(evaluated.case, evaluated), *IN_A_ROW)
    return {axis_title(figures[key].axis, None): figures[key].read(evaluated) for key in keys}
