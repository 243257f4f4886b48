"""The ablation waterfall: the quality lost by each saving of the present design."""

from __future__ import annotations

import streamlit as st

from core.analysis import ablation as w
from core.charts import waterfall, waterfall_summary
from core.ui import tasks
from core.ui.figures import chart
from core.ui.page_run import PageRun


def section(run: PageRun) -> None:
    """An expander that draws only once opened."""
    tasks.panel(run, "ceiling", "Quality loss by stage (waterfall)", _panel)


def _panel(run: PageRun) -> None:
    """The waterfall, or a button while designs on the path are not measured."""
    case = run.case
    if run.case.qualities[0].key not in run.present.measured.quality:
        st.info(f"This design does not report {case.qualities[0].label}, so there is nothing to take apart.")
        return
    known = run.known()
    absent = w.missing(case, run.present.design, known)
    if absent:
        st.markdown(
            f"Start from a design without any of the savings ({w.ideal_words(case, run.present.design)}), give them "
            f"back one after the other, and measure each time. {_designs(len(absent))} on that way still to be run."
        )
        tasks.button(run, "ceiling", "Run them", tasks.runs(run, absent))
    else:
        _drawn(run, w.waterfall(case, run.present.design, known, run.present.seed))
    for rung in w.left_out(case):
        st.caption(f"No step “{rung.label}” here: {rung.why_not}.")


def _designs(n: int) -> str:
    return "1 design" if n == 1 else f"{n} designs"


def _drawn(run: PageRun, breakdown: w.Waterfall | None) -> None:
    import pandas as pd

    if breakdown is None:
        st.info("Not every design on the way reports this quality, so it cannot be taken apart.")
        return
    axis = run.case.qualities[0]
    table = pd.DataFrame(_rows(breakdown, axis.better))
    words = f"{axis.label}. {waterfall_summary(table)}"
    caption = f":gray-badge[{axis.badge}] {words} The changes add up exactly; bars have the paired 95 % interval."
    chart(run.case, "ceiling", waterfall(table, axis.label), words, caption=caption)
    shown = [
        {
            "step": fall.label,
            "given up": fall.given_up or "nothing: as at the ceiling",
            f"change ({axis.badge})": _signed(fall.change),
            "95 % interval": "" if fall.low is None or fall.same else f"{_signed(fall.low)} to {_signed(fall.high)}",
            "told from noise": "" if fall.same else "yes" if fall.distinguishable else "no",
        }
        for fall in breakdown.falls
    ]
    st.table(shown)
    st.caption(_order_words(run))


def _signed(value: float) -> str:
    text = f"{value:+.4f}"
    return text if float(text) else "0"


def _rows(breakdown: w.Waterfall, better: str) -> list[dict[str, object]]:
    nothing = float("nan")
    ends = dict(low=nothing, high=nothing, total=True, same=False, detail="", better=better)
    falls = [
        dict(
            label=fall.label, value=fall.change, total=False, same=fall.same, detail=fall.given_up, better=better,
            low=nothing if fall.low is None else fall.low, high=nothing if fall.high is None else fall.high,
        )
        for fall in breakdown.falls
    ]  # fmt: skip
    top, bottom = (
        dict(label="ceiling", value=breakdown.ceiling, **ends),
        dict(label="this design", value=breakdown.final, **ends),
    )
    return [top, *falls, bottom]


def _order_words(run: PageRun) -> str:
    top = w.ideal_words(run.case, run.present.design)
    return (
        f"The ceiling has {top}. Savings act on each other: given back in another order, the steps would share "
        "the same total differently. A step may also gain, where the ideal of a knob is not the best for these data."
    )
