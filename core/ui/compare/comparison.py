"""The comparison itself: designs side by side, tested in pairs, drawn and told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl

import pandas as pd
import streamlit as st

from core.analysis.compare import (
    Contender,
    Fact,
    delta,
    dominance,
    facts,
    knob_rows,
    largest_difference,
    paired_tests,
)
from core.analysis.tradeoff_table import badge_of, cost_axes, quality_axes, tradeoff_rows, with_front
from core.charts import Axis, compared, compared_summary
from core.contract.case import Case
from core.contract.comparison_link import LETTERS, Pin
from core.contract.design import from_query
from core.export.figures import asked_lines
from core.export.tables import as_csv
from core.formatting import ms_text
from core.runtime.results import RESULTS
from core.runtime.timing import BUSY
from core.ui.case import comparison_bar
from core.ui.compare.table import Cell, Row, table
from core.ui.figures import config
from core.ui.markup import html, prose


def side_by_side(case: Case, contenders: Sequence[Contender], reference: int) -> None:
    """Knobs that differ first, then every figure with its delta to the reference."""
    differ, same = knob_rows(contenders)
    rows = [Row(label, [Cell(text) for text in texts]) for label, texts in differ]
    shown = facts(case, contenders)
    qualities = [_row(fact, contenders, reference) for fact in shown if fact.axis]
    costs = [_row(fact, contenders, reference) for fact in shown if not fact.axis]
    parts = [("Knobs that differ", rows), ("Quality", qualities), ("Time, memory and cost", costs)]
    html(table([c.letter for c in contenders], reference, parts))
    st.caption(f"▲ better and ▼ worse than {contenders[reference].letter.upper()}; no mark: not told apart.")
    disturbed = [c.letter.upper() for c in contenders if c.measured.noise > BUSY]
    if disturbed:
        st.caption(f":material/warning: The machine was busy while {', '.join(disturbed)} ran: times are upper bounds.")
    if same:
        st.caption(prose("The same in all: " + ", ".join(f"{label} {text}" for label, text in same) + "."))
    st.download_button(
        "This table as CSV",
        as_csv(_plain(case, contenders)),
        f"kneepoint-{case.slug}-compared.csv",
        "text/csv",
        key="compare.csv",
        on_click="ignore",
        icon=":material/download:",
    )


def _row(fact: Fact, contenders: Sequence[Contender], reference: int) -> Row:
    cells = []
    for at, each in enumerate(contenders):
        found = None if at == reference else delta(fact, contenders[reference], each)
        said = ("", "") if found is None else (found.text, found.side)
        cells.append(Cell(fact.text(each), _interval(fact, each), *said))
    return Row(fact.label, cells, fact.badge, fact.axis.help if fact.axis else "")


def _interval(fact: Fact, each: Contender) -> str:
    if fact.axis is not None:
        e = each.measured.quality[fact.key]
        return f"{e.low:.3f} to {e.high:.3f}"
    found = each.measured.percentiles_ms.get(fact.key.removesuffix("_ms"))
    return "" if found is None else f"{ms_text(found.low)} to {ms_text(found.high)}"


def _plain(case: Case, contenders: Sequence[Contender]) -> list[dict[str, Any]]:
    differ, same = knob_rows(contenders)
    knobs = [{"what": label, "kind": "knob", **dict(zip(LETTERS, texts, strict=False))} for label, texts in differ]
    knobs += [{"what": label, "kind": "knob", **{c.letter: text for c in contenders}} for label, text in same]
    units = [(fact, f"{fact.label} ({fact.unit})" if fact.unit else fact.label) for fact in facts(case, contenders)]
    return knobs + [
        {"what": name, "kind": fact.badge, **{c.letter: fact.read(c) for c in contenders}} for fact, name in units
    ]


def told(case: Case, contenders: Sequence[Contender], reference: int) -> None:
    """Which design dominates, and the sentence that explains the largest difference."""
    st.markdown(prose(dominance(case, contenders)))
    others = [each for at, each in enumerate(contenders) if at != reference]
    st.markdown(prose(largest_difference(case, contenders[reference], others)))


def tests(case: Case, contenders: Sequence[Contender], reference: int) -> None:
    """The paired test of each quality against the reference."""
    base = contenders[reference]
    others = [each for at, each in enumerate(contenders) if at != reference]
    found = paired_tests(case, base, others)
    if found:
        rows = [
            {
                "quality": t.label,
                "design": f"{t.letter.upper()} − {base.letter.upper()}",
                "mean difference": f"{t.mean:+.4f}",
                "95 % interval": f"{t.low:+.4f} to {t.high:+.4f}",
                "queries": f"{t.n_queries:,}",
                "verdict": t.words,
            }
            for t in found
        ]
        st.table(pd.DataFrame(rows).set_index("quality"))
    apart = [each.letter.upper() for each in others if not base.same_world(each)]
    if apart:
        st.caption(
            f"{', '.join(apart)} ran on other data or another seed than {base.letter.upper()}, so no query can be "
            "paired; such qualities count as different only when their intervals do not touch."
        )


def charts(case: Case, contenders: Sequence[Contender], reference: int, asked: comparison_bar.Asked) -> None:
    """The two tradeoff charts, the pinned designs by letter and all others of the same data as ghosts."""
    base = contenders[reference]
    known = {**RESULTS.rows(case, base.seed, base.design), **{c.design: c.measured for c in contenders}}
    letters = {c.design: c.letter for c in contenders}
    rows = tradeoff_rows(case, known, base.seed, asked.needs, asked.prices, {}, base.design)
    rows = [{**row, "letter": letters.get(design, "")} for design, row in zip(known, rows, strict=True)]
    quality, costs = _choose(case, "y", "Quality", quality_axes(case, base.measured), 0), cost_axes(asked.needs)
    for column, name, first in zip(st.columns(2, gap="medium"), ("x1", "x2"), (0, 3), strict=True):
        with column:
            _chart(case, rows, _choose(case, name, "Against", costs, first), quality, name, asked)


def _choose(case: Case, name: str, label: str, axes: dict[str, Axis], first: int) -> Axis:
    key, keys = f"compare.axis.{name}", list(axes)
    if st.session_state.get(key) not in axes:
        st.session_state[key] = keys[min(first, len(keys) - 1)]
    return axes[st.selectbox(label, keys, key=key, format_func=lambda k: f"{axes[k].label} ({badge_of(case, k)})")]


def _chart(case: Case, rows: list[dict[str, Any]], x: Axis, y: Axis, name: str, asked: comparison_bar.Asked) -> None:
    drawn = with_front(rows, x, y)
    words, key = compared_summary(drawn, x, y), f"compare.chart.{name}"
    st.plotly_chart(
        compared(drawn, x, y, lines=asked_lines(case, asked.needs, x, y)),
        key=key,
        on_select=lambda: _pin_point(case, key),
        selection_mode="points",
        alt=words,
        config=config(case, f"compared-{x.column}"),
    )
    st.caption(prose(words))


def _pin_point(case: Case, key: str) -> None:
    points = st.session_state[key]["selection"]["points"]
    link = points[0].get("customdata") if points else None
    if link:
        text = link[0] if isinstance(link, (list, tuple)) else link
        comparison_bar.add(case, Pin(*from_query(case.Design, dict(parse_qsl(text)))[:2]))
