"""The figures hold what the table says, read without colour and never fail on missing numbers."""

import math
import re

import pandas as pd
import plotly.graph_objects as go
import pytest

from core import charts
from core.charts import MARKS, Axis, Line, tradeoff_svg

LATENCY = Axis("p99_ms", "p99", "ms", "lower", log=True)
RECALL = Axis("recall", "recall@10", "", "higher")


def table() -> pd.DataFrame:
    rows = [
        # p99_ms, recall, role, on_front, design
        (1.0, 0.50, "baseline", True, "flat<br>32 d"),
        (8.0, 0.95, "sweep", True, "IVF<br>nprobe 16"),
        (2.0, 0.90, "sweep", True, "IVF<br>nprobe 4"),
        (9.0, 0.93, "present", False, "IVF<br>nprobe 8"),
        (9.5, 0.60, "last", False, "IVF<br>nprobe 1"),
        (30.0, 0.97, "neighbour", True, "HNSW"),
        (5.0, 0.70, "neighbour", False, "PQ"),
        (4.0, 0.80, "sweep", False, "IVF<br>nprobe 2"),
    ]
    frame = pd.DataFrame(rows, columns=["p99_ms", "recall", "role", "on_front", "design"])
    return frame.assign(
        link=frame["design"] + "?", recall_low=frame["recall"] - 0.02, recall_high=frame["recall"] + 0.01
    )


def traces(figure: go.Figure, meta: str) -> list[go.Scatter]:
    return [trace for trace in figure.data if trace.meta == meta]


def test_plotly_knows_everything_in_the_chart_that_is_handed_over_unchecked() -> None:
    lines = [Line(20.0, "x", "p99 ≤ 20 ms"), Line(0.4, "y", "recall ≥ 0.4")]
    frame = table().assign(ruled_out_by=["", "p99", "", "", "", "", "budget", ""])
    figure = charts.tradeoff(frame, LATENCY, RECALL, lines=lines)
    assert go.Figure(figure.to_dict()).to_dict() == figure.to_dict()


@pytest.mark.parametrize("role", MARKS)
def test_every_role_has_its_points(role: str) -> None:
    frame = table()
    drawn = traces(charts.tradeoff(frame, LATENCY, RECALL), role)
    assert sorted(x for trace in drawn for x in trace.x) == sorted(frame[frame["role"] == role]["p99_ms"])


def test_roles_differ_by_symbol() -> None:
    figure = charts.tradeoff(table(), LATENCY, RECALL)
    symbols = {role: {trace.marker.symbol for trace in traces(figure, role)} for role in MARKS}
    assert sum(len(some) for some in symbols.values()) == len(set().union(*symbols.values()))


def test_beaten_points_are_hollow() -> None:
    figure = charts.tradeoff(table(), LATENCY, RECALL)
    for trace in traces(figure, "sweep"):
        assert trace.marker.symbol == ("circle" if 2.0 in trace.x else "circle-open")


def test_front_runs_in_order_of_x() -> None:
    front = traces(charts.tradeoff(table(), LATENCY, RECALL), "front")[0]
    assert list(front.x) == [1.0, 2.0, 8.0, 30.0]
    assert list(front.y) == [0.50, 0.90, 0.95, 0.97]


@pytest.mark.parametrize(("better", "shape"), [("lower", "hv"), ("higher", "vh")])
def test_front_steps_towards_the_worse_x(better: str, shape: str) -> None:
    axis = Axis("p99_ms", "p99", "ms", better)
    assert traces(charts.tradeoff(table(), axis, RECALL), "front")[0].line.shape == shape


def test_present_design_is_named_and_alone_has_error_bars() -> None:
    figure = charts.tradeoff(table(), LATENCY, RECALL)
    present = traces(figure, "present")[0]
    assert present.text[0] == "<b>this design</b>"
    assert list(present.error_y.array) == pytest.approx([0.01])
    assert list(present.error_y.arrayminus) == pytest.approx([0.02])
    assert not [t for t in figure.data if t.meta != "present" and t.error_y.array is not None]


def test_points_carry_the_design_and_the_link() -> None:
    present = traces(charts.tradeoff(table(), LATENCY, RECALL), "present")[0]
    assert present.customdata[0] == "IVF<br>nprobe 8?"
    assert present.hovertext[0] == "IVF<br>nprobe 8<br>recall@10: 0.93<br>p99: 9 ms"


def test_the_knee_is_ringed() -> None:
    ring = traces(charts.tradeoff(table(), LATENCY, RECALL), "knee")[0]
    assert (ring.x[0], ring.y[0]) == (2.0, 0.90)


def test_axes_say_which_way_is_better() -> None:
    figure = charts.tradeoff(table(), LATENCY, RECALL)
    assert figure.layout.xaxis.title.text == "p99 (ms)  <b>← better</b>"
    assert [a.text for a in figure.layout.annotations if a.name == "y title"] == ["recall@10  <b>↑ better</b>"]
    assert figure.layout.xaxis.ticktext == ("1", "2", "5", "10", "20")
    assert figure.layout.uirevision is not None


def test_requirements_shade_the_worse_side_and_stay_in_view() -> None:
    lines = [Line(20.0, "x", "p99 ≤ 20 ms"), Line(0.4, "y", "recall ≥ 0.4"), Line(-1.0, "x", "cannot be drawn")]
    figure = charts.tradeoff(table(), LATENCY, RECALL, lines=lines)
    assert [s.label.text for s in figure.layout.shapes if s.type == "line"] == ["p99 ≤ 20 ms", "recall ≥ 0.4"]
    right, below = (s for s in figure.layout.shapes if s.type == "rect")
    assert right.x0 == 20.0 and right.x1 > 1000
    assert below.y0 == 0.4 and below.y1 < 0
    assert figure.layout.yaxis.range[0] < 0.4


def test_rows_that_cannot_be_drawn_are_left_out() -> None:
    frame = table()
    frame.loc[len(frame)] = frame.iloc[1].to_dict() | {"recall": math.nan}
    frame.loc[len(frame)] = frame.iloc[1].to_dict() | {"p99_ms": 0.0}
    frame.loc[len(frame)] = frame.iloc[1].to_dict() | {"p99_ms": math.inf}
    assert charts.tradeoff(frame, LATENCY, RECALL) == charts.tradeoff(table(), LATENCY, RECALL)
    assert charts.tradeoff_summary(frame, LATENCY, RECALL) == charts.tradeoff_summary(table(), LATENCY, RECALL)


@pytest.mark.parametrize("frame", [pd.DataFrame(), table().head(0), table().assign(recall=math.nan)])
def test_an_empty_table_gives_a_message(frame: pd.DataFrame) -> None:
    figure = charts.tradeoff(frame, LATENCY, RECALL)
    assert figure.layout.annotations[0].text == charts.EMPTY
    assert charts.EMPTY in charts.tradeoff_summary(frame, LATENCY, RECALL)
    assert charts.line_with_band(frame, LATENCY, RECALL).layout.annotations[0].text == charts.EMPTY
    assert charts.EMPTY in charts.line_with_band_summary(frame, LATENCY, RECALL)
    assert charts.bars(frame, "design", "recall").layout.annotations[0].text == charts.EMPTY
    assert charts.EMPTY in charts.bars_summary(frame, "design", "recall")


def test_one_point_alone_can_be_drawn() -> None:
    figure = charts.tradeoff(table().iloc[[3]], LATENCY, RECALL)
    low, high = figure.layout.yaxis.range
    assert low < 0.93 < high


def test_summary_names_the_design_that_beats_the_present_one_and_the_knee() -> None:
    assert charts.tradeoff_summary(table(), LATENCY, RECALL) == (
        "8 designs, 4 on the front of recall@10 against p99; "
        "this design has recall@10 0.93 at p99 9 ms and is beaten by IVF, nprobe 16, recall@10 0.95 at p99 8 ms; "
        "the knee is IVF, nprobe 4, recall@10 0.9 at p99 2 ms."
    )


def test_summary_of_a_design_on_the_front() -> None:
    frame = table().replace({"role": {"present": "sweep", "baseline": "present"}})
    assert "this design has recall@10 0.5 at p99 1 ms and is on the front" in charts.tradeoff_summary(
        frame, LATENCY, RECALL
    )


def test_lines_differ_by_dash_and_symbol_and_have_a_band() -> None:
    figure = charts.line_with_band(table(), LATENCY, RECALL, group="on_front")
    lines = [trace for trace in figure.data if trace.mode == "lines+markers"]
    bands = [trace for trace in figure.data if trace.fill == "toself"]
    assert len(lines) == len(bands) == 2
    assert len({line.line.dash for line in lines}) == len({line.marker.symbol for line in lines}) == 2
    assert list(lines[0].x) == sorted(lines[0].x)


def test_line_summary_says_where_the_curve_goes_and_its_best_point() -> None:
    frame = pd.DataFrame({"p99_ms": [1.0, 10.0, 5.0], "recall": [0.5, 0.6, 0.9]})
    said = charts.line_with_band_summary(frame, LATENCY, RECALL)
    assert said == "recall@10 against p99: 0.5 at 1 ms to 0.6 at 10 ms, best 0.9 at 5 ms."


def test_bars_stand_by_size_of_effect_with_signed_figures() -> None:
    frame = pd.DataFrame(
        {"knob": ["a", "b", "c"], "gain": [0.01, -0.05, 0.02], "low": [0.0, -0.06, 0.01], "high": 0.03}
    )
    figure = charts.bars(frame, "knob", "gain", "low", "high")
    assert list(figure.data[0].y) == ["b", "c", "a"]
    assert [a.text for a in figure.layout.annotations] == ["−0.05", "+0.02", "+0.01"]
    assert list(figure.data[0].error_x.arrayminus) == pytest.approx([0.01, 0.01, 0.01])
    said = charts.bars_summary(frame, "knob", "gain")
    assert said == "From the largest effect to the smallest: b: −0.05; c: +0.02; a: +0.01."


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.9312, "0.931"),
        (12.34, "12.3"),
        (1234.4, "1,234"),
        (25_000, "25k"),
        (3.2e6, "3.2M"),
        (2e-5, "2.0e-05"),
    ],
)
def test_numbers_have_three_figures(value: float, text: str) -> None:
    assert charts.looks.number_text(value) == text


def test_text_takes_the_strong_colour_that_streamlit_puts_in() -> None:
    theme = pytest.importorskip("streamlit.elements.lib.streamlit_plotly_theme")
    assert theme.GRAY_90 == charts.INK


@pytest.mark.parametrize(("better", "corner"), [("lower", "{x2} {y1}"), ("higher", "{x1} {y2}")])
def test_by_hand_the_front_of_the_exported_chart_steps_as_dominance_does(better, corner):
    """Between two designs only the one that is as good on x is to be had, so the step holds its quality."""
    x, y = Axis("x", "time", "ms", better), Axis("y", "recall", "", "higher")
    low, high = (0.5, 0.8) if better == "lower" else (0.8, 0.5)
    rows = [dict(x=1.0, y=low), dict(x=2.0, y=high)]
    rows = [{**row, "role": "sweep", "on_front": True, "ruled_out_by": "", "name": "", "link": ""} for row in rows]
    (path,) = re.findall(r'<path d="(M[\d. ]+[HV][\d.]+[HV][\d.]+)"', tradeoff_svg(rows, x, y))
    x1, y1, first, to, second = re.fullmatch(r"M([\d.]+) ([\d.]+)([HV])([\d.]+)[HV]([\d.]+)", path).groups()
    x2, y2 = (to, second) if first == "H" else (second, to)
    went_through = f"{x2} {y1}" if first == "H" else f"{x1} {y2}"
    assert went_through == corner.format(x1=x1, y1=y1, x2=x2, y2=y2)
