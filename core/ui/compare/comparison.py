"""The comparison: designs side by side, paired tests, charts and findings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

import pandas as pd
import streamlit as st

from core.analysis.compare import (
    Lettered,
    compared_figures,
    delta,
    dominance,
    knob_rows,
    largest_difference,
    paired_tests,
)
from core.analysis.figures import Figure, cost_figures, quality_figures, requirement_lines
from core.analysis.tradeoff_table import TradeoffRow, tradeoff_rows, with_front
from core.charts import Axis, compared_summary
from core.charts import compared as compared_chart
from core.charts.looks import axis_title
from core.contract.case import Case
from core.contract.comparison_link import LETTERS, Pin
from core.contract.design import Design, from_query
from core.export.tables import as_csv
from core.runtime.results import RESULTS
from core.runtime.timing import BUSY
from core.serving.evaluate import Evaluated
from core.ui.compare import contents
from core.ui.compare.table import Cell, Row, table
from core.ui.figures import choose_figure, config
from core.ui.markup import html, prose


def side_by_side(case: Case, compared: Sequence[Lettered], reference: int) -> None:
    """Every figure with its delta to the reference, then the knobs that differ."""
    designs, letters = [lettered.evaluated for lettered in compared], [lettered.letter for lettered in compared]
    differ, same = knob_rows(designs)
    rows = [Row(label, [Cell(text) for text in texts]) for label, texts in differ]
    figures = compared_figures(*designs)
    qualities = [_row(figure, designs, reference) for figure in figures if figure.quality]
    costs = [_row(figure, designs, reference) for figure in figures if not figure.quality]
    parts = [("Quality", qualities), ("Time, memory and cost", costs), ("Knobs that differ", rows)]
    html(table(letters, reference, parts))
    st.caption(f"Changes vs {letters[reference].upper()}; without “better” or “worse”: not distinguishable from noise.")
    disturbed = [lettered.letter.upper() for lettered in compared if lettered.evaluated.measured.noise > BUSY]
    if disturbed:
        busy = f"The machine was busy while {', '.join(disturbed)} ran"
        st.caption(f":material/warning: {busy}: interrupted calls count with their CPU time.")
    if same:
        st.caption(prose("Same in all: " + ", ".join(f"{label} {text}" for label, text in same) + "."))
    st.download_button(
        "This table as CSV",
        as_csv(_plain(compared)),
        f"kneepoint-{case.slug}-compared.csv",
        "text/csv",
        key="compare.csv",
        on_click="ignore",
        icon=":material/download:",
    )


def _row(figure: Figure, designs: Sequence[Evaluated], reference: int) -> Row:
    cells = []
    for at, design in enumerate(designs):
        change = None if at == reference else delta(figure, designs[reference], design)
        words = ("", "", False) if change is None else (change.text, change.side, change.after > change.before)
        cells.append(Cell(figure.text(design), figure.interval_text(design), *words))
    return Row(figure.label, cells, figure.badge_of(*designs), figure.help)


def _plain(compared: Sequence[Lettered]) -> list[dict[str, Any]]:
    """The comparison as rows of a CSV: figures, then knobs, one column per letter."""
    designs = [lettered.evaluated for lettered in compared]
    differ, same = knob_rows(designs)
    knobs = [{"what": label, "kind": "knob", **dict(zip(LETTERS, texts, strict=False))} for label, texts in differ]
    knobs += [
        {"what": label, "kind": "knob", **{lettered.letter: text for lettered in compared}} for label, text in same
    ]
    figures = [
        {
            "what": axis_title(figure.axis, None),
            "kind": figure.badge_of(*designs),
            **{lettered.letter: figure.read(lettered.evaluated) for lettered in compared},
        }
        for figure in compared_figures(*designs)
    ]
    return figures + knobs


def finding(compared: Sequence[Lettered]) -> None:
    """The dominating design, or who leads on what, in one sentence."""
    st.markdown(prose(dominance(compared)))


def largest(compared: Sequence[Lettered], reference: int) -> None:
    """The sentence that explains the largest difference."""
    st.markdown(prose(largest_difference(compared[reference], _others(compared, reference))))


def _others(compared: Sequence[Lettered], reference: int) -> list[Lettered]:
    return [lettered for at, lettered in enumerate(compared) if at != reference]


def tests(compared: Sequence[Lettered], reference: int) -> None:
    """The paired test of each quality against the reference."""
    base, others = compared[reference], _others(compared, reference)
    rows = [
        {
            "quality": t.label,
            "design": f"{t.letter.upper()} − {base.letter.upper()}",
            "mean difference": f"{t.mean:+.4f}",
            "95 % interval": f"{t.low:+.4f} to {t.high:+.4f}",
            "queries": f"{t.n_queries:,}",
            "verdict": t.words,
        }
        for t in paired_tests(base, others)
    ]
    if rows:
        st.table(pd.DataFrame(rows).set_index("quality"))
    apart = [lettered.letter.upper() for lettered in others if not base.evaluated.same_world(lettered.evaluated)]
    if apart:
        st.caption(
            f"{', '.join(apart)} ran on other data or another seed than {base.letter.upper()}, so no query can be "
            "paired; such qualities count as different only when their intervals do not touch."
        )


def charts(case: Case, compared: Sequence[Lettered], reference: int) -> None:
    """Two tradeoff charts: the compared designs by letter, other designs on the same data as ghosts."""
    base = compared[reference].evaluated
    designs = {d: base.beside(d, measured) for d, measured in RESULTS.rows(case, base.seed, base.design).items()}
    designs |= {lettered.evaluated.design: lettered.evaluated for lettered in compared}
    rows = tradeoff_rows(designs.values(), {}, base.design)
    letters = {lettered.evaluated.design: lettered.letter for lettered in compared}
    quality = choose_figure("Quality", "compare.axis.y", quality_figures(case, base), 0, base)
    costs = cost_figures(base.scenario, indexed=base.measured.index_build_s > 0)
    for column, name, first in zip(st.columns(2, gap="medium"), ("x1", "x2"), (0, 3), strict=True):
        with column:
            cost = choose_figure("Against", f"compare.axis.{name}", costs, first, base)
            _chart(base, rows, letters, cost.axis, quality.axis, name)


def _chart(
    base: Evaluated, rows: Sequence[TradeoffRow], letters: Mapping[Design, str], x: Axis, y: Axis, name: str
) -> None:
    case, key = base.case, f"compare.chart.{name}"
    marks = [
        {**mark, "letter": letters.get(row.evaluated.design, "")}
        for row, mark in zip(rows, with_front(rows, x, y), strict=True)
    ]
    words = compared_summary(marks, x, y)
    st.plotly_chart(
        compared_chart(marks, x, y, lines=requirement_lines(case, base.scenario, x, y)),
        key=key,
        on_select=lambda: _save_point(case, key),
        selection_mode="points",
        alt=words,
        config=config(case, f"compared-{x.column}"),
    )


def _save_point(case: Case, key: str) -> None:
    points = st.session_state[key]["selection"]["points"]
    link = points[0].get("customdata") if points else None
    if link:
        text = link[0] if isinstance(link, (list, tuple)) else link
        contents.save(case, Pin(*from_query(case.Design, dict(parse_qsl(text)))[:2]))
