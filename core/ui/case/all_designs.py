"""All designs: every measured design as a line over its knobs and figures, against three costs, and as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from core.analysis.design_table import by_quality, design_table, varying_knobs
from core.analysis.figures import FIGURES, quality_figures
from core.analysis.tradeoff_table import TradeoffRow, as_table, with_front
from core.charts import Axis
from core.charts.multiples import multiples, multiples_summary
from core.charts.parallel import Scale, brushed, figure_scale, parallel, parallel_summary
from core.contract.case import Case
from core.contract.design import Knob
from core.export.tables import as_csv
from core.ui import state
from core.ui.case.tradeoff import load_link
from core.ui.figures import config
from core.ui.live import follow_sweep
from core.ui.page_run import PageRun, rows

AGAINST = ("load_p99_ms", "usd", "memory_mb")  # of the small multiples
MOST_KNOBS = 4  # among the axes at first; more fit on a wide screen only
LINES = 380  # pixels of the parallel coordinates


def section(run: PageRun, at_asked: bool = True) -> None:
    """Parallel coordinates to brush, small multiples and the table of what is left; a click loads a design.

    `at_asked` shows the designs at the items of the requirements, else at those that were measured.
    """
    follow_sweep(run.case, lambda: _live(run, at_asked))


def _live(run: PageRun, at_asked: bool) -> None:
    designs = by_quality(rows(run, at_asked))
    if len(designs) < 2:
        st.info("One design is measured so far. Press “Sweep” under the chart to measure more.", icon=":material/info:")
        return
    y = next(iter(quality_figures(run.case, run.present).values())).axis
    scales = _scales(run, designs, y)
    marks = with_front(designs, FIGURES[AGAINST[0]].axis, y)
    left = _brush(run.case, marks, scales, y)
    kept = [designs[at] for at in left]
    st.markdown(f"**{len(kept)} of {len(designs)} designs**")
    if where := run.provenance():
        st.caption(where)
    _multiples(run.case, kept, y)
    _table(run.case, kept)


def _scales(run: PageRun, designs: Sequence[TradeoffRow], y: Axis) -> list[Scale]:
    """The axes that the reader chose: knobs in which the designs differ, then figures."""
    found: dict[str, Knob | Axis] = {knob.label: knob for knob in varying_knobs(designs, run.present.design)}
    figures = {axis.label: axis for axis in (y, *(FIGURES[key].axis for key in AGAINST))}
    names = [*list(found)[:MOST_KNOBS], *list(figures)[:3]]
    chosen = st.multiselect("Axes", [*found, *figures], default=names, key=state.key(run.case, "axes"))
    marks = [row.columns for row in designs]
    return [_scale({**found, **figures}[name], marks) for name in chosen]


def _scale(what: Knob | Axis, marks: list[Mapping[str, Any]]) -> Scale:
    if isinstance(what, Axis):
        return figure_scale(what, marks)
    used = {mark[what.name] for mark in marks}
    options = tuple(option for option in what.options if option in used)
    return Scale(what.name, what.label, options, tuple(map(what.text, options)))


def _brush(case: Case, marks: list[dict[str, Any]], scales: list[Scale], y: Axis) -> list[int]:
    """The lines, and the places of the designs inside the boxes that were drawn over the axes."""
    key = state.key(case, "all designs.lines")
    words = parallel_summary(marks, scales)
    st.caption("Drag over an axis to keep the designs that pass there; double-click to clear. Click a mark to load it.")
    st.plotly_chart(
        parallel(marks, scales, FIGURES[AGAINST[0]].axis, y, height=LINES),
        key=key,
        on_select=lambda: _load_point(case, key),
        selection_mode=("points", "box"),
        alt=words,
        config=config(case, "all-designs"),
    )
    return brushed(marks, scales, _selection(key).get("box", ()))


def _multiples(case: Case, kept: Sequence[TradeoffRow], y: Axis) -> None:
    key = state.key(case, "all designs.multiples")
    tables = {axis: with_front(kept, axis, y) for axis in (FIGURES[name].axis for name in AGAINST)}
    st.plotly_chart(
        multiples(tables, y),
        key=key,
        on_select=lambda: _load_point(case, key),
        selection_mode="points",
        alt=multiples_summary(tables, y),
        config=config(case, "small-multiples"),
    )


def _table(case: Case, kept: Sequence[TradeoffRow]) -> None:
    key = state.key(case, "all designs.table")
    st.caption("Press a heading to sort. Select a row to load that design.")
    st.dataframe(
        design_table(kept),
        key=key,
        hide_index=True,
        on_select=lambda: _load_row(case, key, kept),
        selection_mode="single-row",
        alt=f"{len(kept)} measured designs, figures before knobs, the best quality on top",
    )
    st.download_button(
        "Download CSV",
        lambda: as_csv(as_table(kept).to_dict("records")),
        f"{case.slug}.csv",
        "text/csv",
        key=f"{key}.csv",
        on_click="ignore",
        icon=":material/download:",
    )


def _selection(key: str) -> Mapping[str, Any]:
    return (st.session_state.get(key) or {}).get("selection", {})


def _load_point(case: Case, key: str) -> None:
    """Load the design of a click; a drag only filters."""
    chosen = _selection(key)
    points = chosen.get("points", ())
    if points and not chosen.get("box"):
        link = points[0].get("customdata")
        load_link(case, link[0] if isinstance(link, (list, tuple)) else link)


def _load_row(case: Case, key: str, kept: Sequence[TradeoffRow]) -> None:
    chosen = _selection(key).get("rows", ())
    if chosen:
        load_link(case, kept[chosen[0]].link)
