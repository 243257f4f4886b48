"""Panels of ad click prediction: the calibration curve, the auction, one request, and all options of a knob."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from core.analysis.explain import paired
from core.charts import Axis, bars, bars_summary, line_with_band, line_with_band_summary
from core.contract.case import Measurement, QualityAxis
from core.contract.design import Knob, canonical, knobs
from core.formatting import bytes_text, ms_text
from core.metrics import PairedDifference, percentile
from core.runtime.results import RESULTS
from core.ui import cards, state, tasks
from core.ui.figures import chart, listed
from core.ui.markup import html
from core.ui.page_run import PageRun
from core.ui.panels.request_rows import RequestRow, ranked

if TYPE_CHECKING:
    from core.cases.ad_click.evaluate.metrics import Curve
    from core.cases.ad_click.evaluate.shown import OneAuction, Scored, Shown

OPTIONS = "options"  # the job that runs every option of a knob
LEAST = 1e-4  # the lowest share that a logarithmic axis shows
COMPARED = (
    "model", "calibrator", "negatives", "retrain_days", "features_from", "refresh_days", "features", "trees",
    "buckets", "dim", "compression", "share", "candidates", "serving",
)  # fmt: skip
COSTS = ("request, p99", "replica", "model", "made in")


def one_request(run: PageRun) -> None:
    """One auction: the highest bidders, what the model says of each, and which one wins at what price."""
    html(auction_list(run.present.measured.shown.auction))


def auction_list(auction: OneAuction) -> str:
    """An auction as markup: each bid is predicted CTR × bid, ✓ an ad that was clicked."""
    rows = [
        RequestRow(
            "★" if at == 0 and auction.sold else "", bid.what.split(", campaign")[0],
            f"{bid.chance:.1%} × {bid.bid:.1f} = {bid.chance * bid.bid:.3f}",
            *(("✓", "clicked") if bid.clicked else ("", "")), right=bid.clicked,
        )
        for at, bid in enumerate(auction.bids)
    ]  # fmt: skip
    won = f"★ wins and pays {auction.price:.2f} mean bids per click (second price)."
    foot = won if auction.sold else "No ad beats the competing bid."
    return ranked(f"{auction.n_bids} candidates scored; pCTR × bid ranks them", rows, f"{foot} ✓ clicked.")


def calibration(run: PageRun) -> None:
    """Predicted against observed clicks in ten groups, as served and before recalibration."""
    shown: Shown = run.present.measured.shown
    table = curve_table(shown)
    x, y = Axis("said", "predicted CTR", "%", "higher", log=True), Axis("seen", "clicked", "%", "higher", log=True)
    figure = line_with_band(table, x, y, group="curve")
    figure.for_each_annotation(lambda note: note.update(text="clicked (%)") if note.name == "y title" else None)
    words = calibration_words(shown)
    chart(run.case, "calibration", figure, words, table)


def curve_table(shown: Shown) -> pd.DataFrame:
    """The points of the curves in per cent; a group without clicks has no point on a logarithmic axis."""
    moved = bool((shown.served.predicted != shown.raw.predicted).any())
    curves = {"as served": shown.served, **({"before recalibration": shown.raw} if moved else {})}
    points = [_points(name, curve) for name, curve in curves.items()]
    ends = [max(LEAST, float(shown.served.predicted.min())), float(shown.served.predicted.max())]
    right = pd.DataFrame({"curve": "predicted = clicked", "said": ends, "seen": ends, "seen_low": None})
    table = pd.concat([*points, right.assign(seen_high=None)], ignore_index=True)
    columns = ["said", "seen", "seen_low", "seen_high"]
    return table.assign(**{name: 100 * table[name].astype(float) for name in columns})


def _points(name: str, curve: Curve) -> pd.DataFrame:
    table = pd.DataFrame(
        {"curve": name, "said": curve.predicted, "seen": curve.observed, "seen_low": curve.low, "seen_high": curve.high}
    )
    table["seen_low"] = table["seen_low"].clip(lower=LEAST)
    return table[(table["seen"] > 0) & (table["said"] > 0)]


def calibration_words(shown: Shown) -> str:
    """The calibration curve in sentences."""
    curve = shown.served
    inside = int(((curve.low <= curve.predicted) & (curve.predicted <= curve.high)).sum())
    ratio = shown.ratio
    side = "too many" if ratio > 1.05 else "too few" if ratio < 0.95 else "about right"
    return (
        f"{ratio:.2f} clicks predicted for each that came: {side}. In {inside} of {len(curve.n)} groups of "
        f"{int(curve.n[0]):,} exposures the predicted CTR lies within the interval of what was clicked; the highest "
        f"group is given {curve.predicted[-1]:.1%} and clicked {curve.observed[-1]:.1%}."
    )


def auction(run: PageRun) -> None:
    """Auction revenue: earned, believed by the model, and under the true probabilities."""
    shown: Shown = run.present.measured.shown
    earned = run.present.measured.quality["earned"]
    figures = [
        cards.Figure("revenue per auction", f"{shown.earned:.2f}", "modelled", f"{earned.low:.2f} to {earned.high:.2f}",
                     help="Bids are simulated; clicks are observed, or their true probabilities where known."),
        cards.Figure("predicted revenue", f"{shown.believed:.2f}", "modelled", help="If predicted CTRs were right."),
        cards.Figure("slots sold to our ads", f"{shown.sold:.0%}", "modelled", help="Competing bids took the rest."),
    ]  # fmt: skip
    if shown.at_truth is not None:
        lost = 1 - shown.earned / shown.at_truth
        figures.append(
            cards.Figure("revenue at true probabilities", f"{shown.at_truth:.2f}", "modelled", f"regret {lost:.0%}",
                         help="The same auctions by the true probabilities.")
        )  # fmt: skip
    html(cards.figures(figures))
    st.caption(
        "One unit is what an average exposure is worth: the mean bid times the click rate. The house predicts "
        f"{shown.believed / shown.earned:.2f} × the revenue that it gets."
    )


def request(run: PageRun) -> None:
    """One request's best ads by the served chance, as a table."""
    shown: Shown = run.present.measured.shown
    at = st.selectbox(
        "Request",
        range(len(shown.requests)),
        format_func=lambda i: f"Request {i + 1}, {sum(ad.clicked for ad in shown.requests[i])} clicked among the best",
        key=state.key(run.case, "request"),
        help="The first requests of the test in which something was clicked; most have no click at all.",
    )
    chosen = shown.requests[at if at is not None and at < len(shown.requests) else 0]
    words = request_words(chosen)
    listed(request_table(chosen), words, {"predicted CTR": "measured"})
    st.caption(words)


def request_table(ads: tuple[Scored, ...]) -> pd.DataFrame:
    """The ads as rows, best first."""
    return pd.DataFrame(
        [
            {
                "rank": rank,
                "predicted CTR": f"{ad.chance:.2%}",
                "clicked": "✓" if ad.clicked else "",
                "ad": ad.what,
                "counted before": ad.counted,
            }
            for rank, ad in enumerate(ads, start=1)
        ]
    )


def request_words(ads: tuple[Scored, ...]) -> str:
    """The table of a request in one sentence."""
    hit = [rank for rank, ad in enumerate(ads, start=1) if ad.clicked]
    clicked = f"clicked: rank {', '.join(map(str, hit))}" if hit else "none of them was clicked"
    chances = f"from {ads[0].chance:.1%} to {ads[-1].chance:.1%}"
    return f"The {len(ads)} ads of 40 with the highest predicted CTR, {chances}; {clicked}."


def compare(run: PageRun) -> None:
    """Every option of one knob with the other knobs fixed: run on request, as a table and a paired chart."""
    tasks.followed(run, OPTIONS, lambda: _options(run))


def _options(run: PageRun) -> None:
    able = {name: knob for name, knob in knobs(type(run.present.design)).items() if name in COMPARED}
    able = {name: able[name] for name in COMPARED if able[name].active(run.present.design)}
    left, right = st.columns(2)
    name = left.selectbox("Every option of", list(able), format_func=lambda n: able[n].label,
                          key=state.key(run.case, "compared"))  # fmt: skip
    axes = {axis.key: axis for axis in run.case.qualities}
    key = right.selectbox("Judged by", list(axes), format_func=lambda k: axes[k].label,
                          key=state.key(run.case, "judged"))  # fmt: skip
    knob = able[name]
    designs = {
        option: canonical(replace(run.present.design, **{name: option})) for option in knob.offered(run.present.design)
    }
    missing = [design for design in designs.values() if RESULTS.known(run.case, design, run.present.seed) is None]
    if missing:
        tasks.button(run, OPTIONS, f"Run the {len(missing)} that are missing", tasks.runs(run, missing))
    measured = {option: RESULTS.known(run.case, design, run.present.seed) for option, design in designs.items()}
    _compared(run, knob, axes[key], {option: m for option, m in measured.items() if m is not None})


def _compared(run: PageRun, knob: Knob, axis: QualityAxis, measured: dict[Any, Measurement]) -> None:
    words = f"{knob.label}: every option measured so far, with intervals, the time of a request and the bytes it takes"
    kinds = {q.label: q.badge for q in run.case.qualities} | dict.fromkeys(COSTS, "measured")
    listed(compare_table(run, knob, measured), words, kinds)
    others = {option: m for option, m in measured.items() if option != getattr(run.present.design, knob.name)}
    if not others:
        return
    if knob.name == "model" and len(others) > 1:
        others.pop("base", None)  # so far off that the other bars would be invisible
    if knob.ordered:
        figure, words = _curve(knob, axis, measured)
    else:
        now, seed = run.present.measured, run.present.seed
        differences = {option: d for option, m in others.items() if (d := paired(axis, now, m, seed))}
        if not differences:
            st.caption(
                f"{axis.label} has no pairs to compare: {now.quality[axis.key].unit}. The table has its intervals."
            )
            return
        figure, words = _bars(knob, axis, differences)
    chart(run.case, "options", figure, words)


def compare_table(run: PageRun, knob: Knob, measured: dict[Any, Measurement]) -> pd.DataFrame:
    """One row per option: each quality with its interval, request latency, memory and training."""
    rows = []
    for option, m in measured.items():
        mark = " (this design)" if option == getattr(run.present.design, knob.name) else ""
        row = {knob.label: knob.text(option) + mark}
        for axis in run.case.qualities:
            if axis.key in m.quality:
                q = m.quality[axis.key]
                row[axis.label] = f"{q.value:.4g} ({q.low:.4g} to {q.high:.4g})"
        p99 = percentile(m.service_ms, 0.99).value
        costs = (ms_text(p99), bytes_text(m.memory_bytes), bytes_text(m.counts["model bytes"]), f"{m.build_s:.2f} s")
        rows.append(row | dict(zip(COSTS, costs, strict=True)))
    return pd.DataFrame(rows)


def _curve(knob: Knob, axis: QualityAxis, measured: dict[Any, Measurement]) -> tuple[Any, str]:
    table = pd.DataFrame(
        [
            {"option": option, axis.key: q.value, f"{axis.key}_low": q.low, f"{axis.key}_high": q.high}
            for option, m in measured.items()
            for q in [m.quality[axis.key]]
        ]
    )
    spread = max(table["option"]) / max(min(table["option"]), 1e-9)
    x, y = Axis("option", knob.label, "", "higher", log=spread > 20), Axis(axis.key, axis.label, "", axis.better)
    return line_with_band(table, x, y), line_with_band_summary(table, x, y)


def _bars(knob: Knob, axis: QualityAxis, differences: dict[Any, PairedDifference]) -> tuple[Any, str]:
    table = pd.DataFrame(
        [
            {"option": knob.text(option), "difference": d.mean, "low": d.low, "high": d.high}
            for option, d in differences.items()
        ]
    )
    figure = bars(table, "option", "difference", "low", "high")
    left_out = " The base rate is only in the table." if knob.name == "model" else ""
    caption = f"{axis.label} against this design, over the same exposures; {axis.better} is better.{left_out}"
    return figure, f"{caption} {bars_summary(table, 'option', 'difference')}"
