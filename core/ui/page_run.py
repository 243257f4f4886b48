"""The subject of a page: the visitor's design, measured, with the baseline and the previous design."""

from __future__ import annotations

from dataclasses import dataclass, replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.analysis.tradeoff_table import TradeoffRow, recorded_rows, roles, tradeoff_rows
from core.contract.case import Case, Measurement
from core.contract.design import Design, data_dials, describe, with_data_of
from core.runtime.calls import by
from core.runtime.channel import Cancelled
from core.runtime.recorded import Recorded, recorded_designs, speed_factor, speed_text
from core.runtime.results import RESULTS
from core.serving.evaluate import Evaluated, evaluate
from core.serving.scenario import Scenario
from core.ui import moves, waiting
from core.ui.errors import READER_ERRORS
from core.ui.markup import plain

MOST_MOVES = 6  # drawn on the chart


@dataclass(frozen=True)
class PageRun:
    """The input of a page's sections."""

    case: Case
    scenario: Scenario
    present: Evaluated
    baseline: Evaluated
    trail: tuple[Evaluated, ...] = ()  # the last designs of the session before the present one, in their order
    kept_from: str = ""  # where and when the figures were recorded, where they were not measured here
    left: bool = False  # the visitor has moved on from this design, and the one moved to is still to be measured

    @property
    def last(self) -> Evaluated | None:
        """The previous design of the session; None at first."""
        return self.trail[-1] if self.trail else None

    def known(self) -> dict[Design, Measurement]:
        """Every measured design on the present design's data."""
        return RESULTS.rows(self.case, self.present.seed, self.present.design)

    def recorded(self) -> list[tuple[Evaluated, str]]:
        """Designs on the present design's data that were measured elsewhere and not here yet, with where and when."""
        known = self.known()
        return [
            (self.present.beside(one.design, one.measured), one.origin)
            for one in self._kept()
            if one.design not in known
        ]

    def _kept(self) -> list[Recorded]:
        """The record on the present design's data: same seed and same data knobs."""
        seed, data = self.present.seed, data_dials(self.present.design)
        return [one for one in on_record(self.case) if one.seed == seed and data_dials(one.design) == data]

    def provenance(self) -> str:
        """Where the hollow marks were recorded and how this machine compares with that one; empty without a record."""
        known, kept = self.known(), self._kept()
        origins = dict.fromkeys(one.origin for one in kept if one.design not in known)
        both = ((one.measured, known[one.design]) for one in kept if one.design in known)
        return f"Hollow marks: {'; '.join(origins)}. {speed_text(speed_factor(both))}".strip() if origins else ""

    def evaluated(self) -> list[Evaluated]:
        """Every measured design under the page's scenario."""
        return [self.present.beside(design, measured) for design, measured in self.known().items()]


def rows(run: PageRun, at_asked: bool) -> list[TradeoffRow]:
    """Every design on the present design's data, those recorded elsewhere first, with its role on a chart.

    `at_asked` says whether at the items that the requirements ask for, or at those that were measured.
    """
    present, trail = run.present.design, [one.design for one in run.trail]
    parts = roles(present, run.baseline.design, trail)
    if run.left:
        parts[present], trail = "trail", [*trail, present]
    here = [one if at_asked else one.as_measured for one in run.evaluated()]
    elsewhere = [(one if at_asked else one.as_measured, where) for one, where in run.recorded()]
    kept = recorded_rows(elsewhere, present)
    if run.kept_from:  # until the page's own designs are measured here, their recorded marks stand for them
        kept = [replace(row, role=parts.get(row.evaluated.design, row.role)) for row in kept]
    return kept + tradeoff_rows(here, parts, present, trail)


def measure(
    case: Case, design: Design, seed: int, scenario: Scenario, place: DeltaGenerator | None = None
) -> PageRun | None:
    """Measure the design and the baseline on the same data; on a failure, show the reason and return None.

    `place` is an empty one for what is told while this waits.
    """
    baseline = with_data_of(case.baseline, design)
    try:
        call = _call(case, design, seed)
        present = evaluate(case, design, _measured(case, design, seed, call, place), scenario, seed)
        beside = present.beside(baseline, _measured(case, baseline, seed, call, place))
    except Cancelled:
        _offer_to_go_on(_call(case, design, seed))
        return None
    except READER_ERRORS as error:
        st.error(f"**This design could not be run.** {plain(str(error))}", icon=":material/error:")
        with st.expander("The design"):
            st.table(describe(design))
        return None
    return PageRun(case, scenario, present, beside, _trail(case, present))


def recorded(case: Case, design: Design, seed: int, scenario: Scenario) -> PageRun | None:
    """The design with its baseline as recorded, for a page to show until both are measured here.

    None where they are measured already, or where one of them is not on record.
    """
    baseline = with_data_of(case.baseline, design)
    if RESULTS.known(case, design, seed) is not None:
        return None
    kept = {one.design: one for one in on_record(case) if one.seed == seed}
    if design not in kept or baseline not in kept:
        return None
    one = kept[design]
    present = evaluate(case, design, one.measured, scenario, seed)
    beside = present.beside(baseline, kept[baseline].measured)
    return PageRun(case, scenario, present, beside, (), one.origin)


def before(case: Case, design: Design, seed: int, scenario: Scenario) -> PageRun | None:
    """The run that the visitor has moved on from, for a page to show until the new design is measured.

    None where that one is measured already, or where no design of the session is on the same data.
    """
    baseline = with_data_of(case.baseline, design)
    was = moves.last(case)
    if RESULTS.whole(case, design, seed) is not None or was is None or was[1] != seed:
        return None
    known, at = RESULTS.known(case, *was), RESULTS.known(case, baseline, seed)
    if known is None or at is None or data_dials(was[0]) != data_dials(design):
        return None
    present = evaluate(case, was[0], known, scenario, seed)
    return PageRun(case, scenario, present, present.beside(baseline, at), _trail(case, present), left=True)


def on_record(case: Case) -> tuple[Recorded, ...]:
    """The recorded designs of a case; none where the record cannot be read."""
    try:
        return recorded_designs(case)
    except ValueError:
        return ()  # everything can be measured here, so a record that cannot be read takes nothing from the page


def time_again(run: PageRun) -> bool:
    """Time the present design once more and keep the quieter reading; on a failure, show the reason."""
    with by(waiting.here("Timing it again")):
        try:
            RESULTS.time_again(run.case, run.present.design, run.present.seed)
        except READER_ERRORS as error:
            st.error(f"**This design could not be timed again.** {plain(str(error))}", icon=":material/error:")
            return False
    return True


def _measured(
    case: Case, design: Design, seed: int, of: tuple[str, str, int], place: DeltaGenerator | None
) -> Measurement:
    with by(waiting.here("Running the pipeline and timing it", of, place)):
        return RESULTS.measure(case, design, seed)


def _call(case: Case, design: Design, seed: int) -> tuple[str, str, int]:
    """What a visitor cancels: the run of a page's design, with its baseline."""
    return case.slug, repr(design), seed


def _offer_to_go_on(call: tuple[str, str, int]) -> None:
    if waiting.given_up(call):
        st.markdown("**Cancelled.** This design was not measured here.")
        st.button(
            "Measure it", on_click=waiting.go_on, key="waiting.go_on", icon=":material/play_arrow:", type="tertiary"
        )


def _trail(case: Case, present: Evaluated) -> tuple[Evaluated, ...]:
    """The last designs of the session that are still known, on the present seed; also those of other data."""
    made = moves.follow(case, present.design, present.seed)[:-1][-MOST_MOVES:]
    known = ((design, RESULTS.known(case, design, seed)) for design, seed in made if seed == present.seed)
    return tuple(present.beside(design, measured) for design, measured in known if measured is not None)
