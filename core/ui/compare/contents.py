"""The contents of the compare page: its link, the case, saved designs, attempts and designs from files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd
import streamlit as st

from core.analysis.compare import Lettered
from core.analysis.explain import beside
from core.catalog import BY_SLUG, CASES
from core.contract.case import SEED, Case
from core.contract.comparison_link import LETTERS, Opened, Pin, from_link, to_link
from core.contract.design import Design, without_punctuation
from core.export.tables import Loaded, read_json
from core.runtime.calls import by
from core.runtime.results import RESULTS
from core.serving.evaluate import evaluate
from core.serving.prices import EDITABLE, YOURS, Prices, dials, reassumed, repriced
from core.serving.requirement_text import LIMITS, MUST, NOTHING, read_number, text_of
from core.serving.scenario import Scenario
from core.ui import pages, state, waiting
from core.ui.case import comparison_bar
from core.ui.compare.table import SIGNS
from core.ui.errors import READER_ERRORS
from core.ui.markup import plain, told

CASE, KEPT, NEXT, WRITTEN = "compare.case", "compare.kept case", "compare.next case", "compare.written"
OPEN, REFER, REMOVE, SAVE = "Open its page", "Make it the reference", "Remove from comparison", "Save to comparison"


def opened() -> Case:
    """Load an incoming link into the saved designs, draw the choice of case, and return it."""
    for note in told(_open_link()):
        st.warning(note, icon=":material/link_off:")
    if visited := st.session_state.pop(comparison_bar.VISITED, None):
        st.session_state[CASE] = visited
    if NEXT in st.session_state:
        st.session_state[CASE] = st.session_state.pop(NEXT)
    slugs = [case.slug for case in CASES]
    if st.session_state.get(CASE) not in slugs:
        st.session_state[CASE] = st.session_state.get(KEPT, _first())
    slug = st.selectbox("Case", slugs, key=CASE, format_func=lambda slug: BY_SLUG[slug].title)
    st.session_state[KEPT] = slug
    return BY_SLUG[slug]


def _first() -> str:
    """The case with the most saved designs, else with the most attempts, else the first."""
    return max(CASES, key=lambda case: (len(comparison_bar.of(case)), len(comparison_bar.attempts(case)))).slug


def _open_link() -> Sequence[str]:
    incoming, doubled = state.incoming_link()
    if not incoming or (not doubled and incoming == st.session_state.get(WRITTEN)):
        return ()
    link = from_link(BY_SLUG, {name: text for name, text in incoming.items() if not _is_scenario_parameter(name)})
    if link.case is None:
        return (*doubled, *link.notes)
    st.session_state[CASE] = link.case.slug
    notes = _open_scenario(link.case, incoming)
    if link.pins:
        _take(link)
    return (*doubled, *link.notes, *notes)


def _is_scenario_parameter(name: str) -> bool:
    """True for link parameters besides the designs, for any case, since the case is read later."""
    return any(state.is_scenario_parameter(case, name) for case in CASES)


def _take(link: Opened) -> None:
    comparison_bar.replace(link.case, list(link.pins))
    st.session_state[state.key(link.case, "reference")] = link.pins[link.reference]


def _open_scenario(case: Case, incoming: dict[str, str]) -> list[str]:
    """Load the link's requirements and assumptions within their limits; others stay."""
    limits, notes = _within(incoming, "", LIMITS, optional=True)
    bounds = {name: (dial.low, dial.high) for name, dial in state.our_assumptions(case).items()}
    assumed, more = _within(incoming, state.ASSUMED, bounds, optional=False)
    if limits or assumed:
        requirements = replace(reassumed(case.requirements, **assumed), **limits)
        prices = repriced(Prices(), **{name: value for name, value in assumed.items() if name in EDITABLE})
        comparison_bar.keep_scenario(case, Scenario(requirements, prices))
    return notes + more


def _within(
    incoming: dict[str, str], prefix: str, limits: Mapping[str, tuple[float, float]], optional: bool
) -> tuple[dict[str, float | None], list[str]]:
    """The numbers of a link within their limits, and a sentence for each other one."""
    values: dict[str, float | None] = {}
    notes = []
    for name, (low, high) in limits.items():
        text = incoming.get(prefix + name)
        if text is None:
            continue
        if without_punctuation(text) == NOTHING and optional and name not in MUST:
            values[name] = None
            continue
        value, said = read_number(name.replace("_", " "), text, (low, high), None, "the usual")
        notes += said
        if value is not None:
            values[name] = value
    return values, notes


def shown(case: Case) -> list[Pin]:
    """The saved designs; while fewer than two are, the baseline and the opening design fill the comparison."""
    saved, stand_ins = list(comparison_bar.of(case)), [Pin(case.baseline), Pin(case.Design())]
    if len(saved) > 1:
        return saved
    return list(dict.fromkeys([stand_ins[0], *saved, *stand_ins]))[:2]


def save(case: Case, pin: Pin) -> None:
    """Save a design together with those that are shown, so that none of them leaves the comparison."""
    for one in (*shown(case), pin):
        comparison_bar.add(case, one)


def measured(case: Case) -> tuple[list[Lettered], int]:
    """Every design of the comparison, evaluated (measured now if necessary), and the index of the reference."""
    scenario, compared = comparison_bar.scenario_of(case), []
    for letter, pin in zip(LETTERS, shown(case), strict=False):
        try:
            known = RESULTS.known(case, pin.design, pin.seed)
            if known is None:
                with by(waiting.here(f"Measuring {letter.upper()}")):
                    known = RESULTS.measure(case, pin.design, pin.seed)
        except READER_ERRORS as error:
            st.error(f"**{letter.upper()} could not be run.** {plain(str(error))}", icon=":material/error:")
            continue
        compared.append(Lettered(letter, evaluate(case, pin.design, known, scenario, pin.seed)))
    reference = st.session_state.get(state.key(case, "reference"))
    return compared, next((at for at, lettered in enumerate(compared) if _pin(lettered) == reference), 0)


def _pin(lettered: Lettered) -> Pin:
    return Pin(lettered.evaluated.design, lettered.evaluated.seed)


def write_link(case: Case) -> None:
    """Write the designs, the reference and the requirements into the address bar."""
    pinned, scenario = shown(case), comparison_bar.scenario_of(case)
    reference = st.session_state.get(state.key(case, "reference"))
    at = pinned.index(reference) if reference in pinned else 0
    values = {name: getattr(scenario.requirements, name) for name in LIMITS}
    assumed = {name: dial.assumed for name, dial in dials(scenario.prices, scenario.requirements).items()}
    values |= {
        state.ASSUMED + name: assumption.value for name, assumption in assumed.items() if assumption.source == YOURS
    }
    texts = {name: text_of(value) for name, value in values.items()}
    link = {**to_link(case, pinned, at), **texts}
    state.write_address(link)
    st.session_state[WRITTEN] = link


def chips(case: Case, compared: Sequence[Lettered], reference: int) -> None:
    """A button with a small menu for each design."""
    base, saved = compared[reference].evaluated.design, comparison_bar.of(case)
    with st.container(horizontal=True, gap="small"):
        for at, lettered in enumerate(compared):
            words = _short(case, base, lettered.evaluated.design) + (" (reference)" if at == reference else "")
            label = f"{SIGNS[at]} **{lettered.letter.upper()}** {words}"
            actions = (OPEN, REFER, REMOVE if _pin(lettered) in saved else SAVE)
            chosen = st.menu_button(label, actions, key=f"compare.{case.slug}.{lettered.letter}")
            if chosen:
                _act(case, _pin(lettered), chosen)


def _short(case: Case, base: Design, design: Design) -> str:
    """The name of a design: the baseline, the opening design, or what it has other than the reference."""
    named = {case.Design(): "opening design", case.baseline: "baseline"}
    return named.get(design) or beside(base, design)


def _act(case: Case, pin: Pin, action: str) -> None:
    if action == OPEN:
        state.load(case, pin.design, pin.seed)
        st.switch_page(pages.of(case))
    if action == REFER:
        st.session_state[state.key(case, "reference")] = pin
    if action == REMOVE:
        comparison_bar.remove(case, pin)
    if action == SAVE:
        comparison_bar.add(case, pin)
    st.rerun()


def attempts(case: Case) -> None:
    """Every design of this session with its figures, to save or to open."""
    kept = comparison_bar.attempts(case)
    box = st.expander(
        f"History of this session: {len(kept)} designs", key="compare.attempts", icon=":material/history:"
    )
    with box:
        if not kept:
            st.caption("Every design that you open on the page of this case is listed here, the last 50 at most.")
            return
        names = [f"{n}. {_name(case, pin)}" for n, pin in enumerate(kept, start=1)]
        _attempt_table(case, kept, names)
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            at = st.selectbox(
                "Design", range(len(kept)), key=f"compare.attempt.{case.slug}", format_func=names.__getitem__
            )
            pin = kept[at or 0]
            full = len(comparison_bar.of(case)) >= len(LETTERS)
            st.button(
                "Save to comparison",
                key="compare.attempt.pin",
                on_click=comparison_bar.add,
                args=(case, pin),
                disabled=full,
            )
            if st.button("Open it", key="compare.attempt.open"):
                _act(case, pin, OPEN)


def _name(case: Case, pin: Pin) -> str:
    name = "the baseline" if pin.design == case.baseline else beside(case.baseline, pin.design)
    return name if pin.seed == SEED else f"{name}, seed {pin.seed}"


def _attempt_table(case: Case, kept: list[Pin], names: list[str]) -> None:
    scenario = comparison_bar.scenario_of(case)
    rows = [
        {"design": name, **comparison_bar.row(evaluate(case, pin.design, known, scenario, pin.seed))}
        for name, pin in zip(names, kept, strict=True)
        if (known := RESULTS.known(case, pin.design, pin.seed)) is not None
    ]
    if rows:
        st.dataframe(
            pd.DataFrame(rows),
            hide_index=True,
            alt=f"{len(rows)} designs of this session with their figures, the latest first",
        )
    st.caption(
        "Named by what each has other than the baseline. Cost and p99 under load are modelled, the rest is measured."
    )


def from_file() -> None:
    """Load a design from a JSON export and save it."""
    with st.expander("Load a design from a file", key="compare.file.box", icon=":material/upload_file:"):
        st.caption("The JSON file that “Export” on the page of a case saves. It is measured again here.")
        file = st.file_uploader("JSON file", type="json", key="compare.file", max_upload_size=5)
        if file is None:
            return
        try:
            loaded = read_json(BY_SLUG, file.getvalue())
        except ValueError as error:
            st.error(plain(str(error)), icon=":material/error:")
            return
        _take_file(loaded, file.file_id)
        st.caption(f"Saved under {loaded.case.title}. " + " ".join(told(loaded.notes)))


def _take_file(loaded: Loaded, file_id: str) -> None:
    """Save the design of a file once, and select its case."""
    if st.session_state.get("compare.file.read") == file_id:
        return
    st.session_state["compare.file.read"] = file_id
    comparison_bar.add(loaded.case, Pin(loaded.design, loaded.seed))
    st.session_state[NEXT] = loaded.case.slug
    st.rerun()
