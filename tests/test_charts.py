"""The figures hold what the table says, read without colour and never fail on missing numbers."""

import math
import re

import pandas as pd
import plotly.graph_objects as go
import pytest

from core import charts
from core.charts import MARKS, Axis, Line, tradeoff_svg
from core.charts.hover import card
from core.charts.labels import SIDES, WIDTHS, Word, box, overlap, place
from core.charts.ticks import log_ticks, tick_text
from core.charts.tradeoff import ABOVE, BELOW

LATENCY = Axis("p99_ms", "p99", "ms", "lower", log=True)
RECALL = Axis("recall", "recall@10", "", "higher")


def table() -> pd.DataFrame:
    rows = [
        # p99_ms, recall, role, on_front, design
        (1.0, 0.50, "baseline", True, "flat<br>32 d"),
        (8.0, 0.95, "sweep", True, "IVF<br>nprobe 16"),
        (2.0, 0.90, "sweep", True, "IVF<br>nprobe 4"),
        (9.0, 0.93, "present", False, "IVF<br>nprobe 8"),
        (9.5, 0.60, "trail", False, "IVF<br>nprobe 1"),
        (30.0, 0.97, "sweep", True, "HNSW"),
        (5.0, 0.70, "sweep", False, "PQ"),
        (4.0, 0.80, "sweep", False, "IVF<br>nprobe 2"),
    ]
    frame = pd.DataFrame(rows, columns=["p99_ms", "recall", "role", "on_front", "design"])
    frame["trail"] = [(1,) if role == "trail" else (0, 2) if role == "baseline" else () for role in frame["role"]]
    return frame.assign(
        link=frame["design"] + "?", recall_low=frame["recall"] - 0.02, recall_high=frame["recall"] + 0.01
    )


def traces(figure: go.Figure, meta: str) -> list[go.Scatter]:
    return [trace for trace in figure.data if trace.meta == meta]


def test_plotly_knows_everything_in_the_chart_that_is_handed_over_unchecked() -> None:
    lines = [Line(20.0, "x", "p99 ≤ 20 ms"), Line(0.4, "y", "recall ≥ 0.4")]
    frame = table().assign(ruled_out_by=["", "p99", "", "", "", "", "budget", ""])
    figure = charts.tradeoff(frame, LATENCY, RECALL, lines=lines)
    known = go.Figure(figure.to_dict()).to_dict()
    del known["layout"]["template"]
    assert known == figure.to_dict()


@pytest.mark.parametrize("role", MARKS)
def test_every_role_has_its_points(role: str) -> None:
    frame = table()
    drawn = traces(charts.tradeoff(frame, LATENCY, RECALL), role)
    assert sorted(x for trace in drawn for x in trace.x) == sorted(frame[frame["role"] == role]["p99_ms"])


def test_roles_differ_by_symbol() -> None:
    figure = charts.tradeoff(table(), LATENCY, RECALL)
    symbols = {role: {trace.marker.symbol for trace in traces(figure, role)} for role in MARKS}
    assert sum(len(some) for some in symbols.values()) == len(set().union(*symbols.values()))


def test_dominated_points_are_pale_and_recorded_ones_hollow() -> None:
    figure = charts.tradeoff(table(), LATENCY, RECALL)
    for trace in traces(figure, "sweep"):
        assert trace.marker.opacity == (1 if 2.0 in trace.x else 0.5) and trace.marker.symbol == "circle"
    kept = charts.tradeoff(table().replace({"role": {"sweep": "recorded"}}), LATENCY, RECALL)
    assert {trace.marker.symbol for trace in traces(kept, "recorded")} == {"circle-open"}


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
    assert "<b>this design</b>" in labels(figure)
    assert list(present.error_y.array) == pytest.approx([0.01])
    assert list(present.error_y.arrayminus) == pytest.approx([0.02])
    assert not [t for t in figure.data if t.meta != "present" and t.error_y.array is not None]


def labels(figure: go.Figure) -> list[str]:
    return [annotation.text for annotation in figure.layout.annotations if annotation.name == "label"]


def test_the_last_moves_are_a_dotted_line_that_ends_at_the_present_design() -> None:
    figure = charts.tradeoff(table(), LATENCY, RECALL)
    (line,), (before,) = traces(figure, "move"), traces(figure, "trail")
    assert list(line.x) == [1.0, 9.5, 1.0, 9.0] and line.line.dash == "dot"
    assert list(before.x) == [9.5] and before.marker.symbol == "diamond-open"
    assert before.marker.size < traces(figure, "present")[0].marker.size / 1.5
    alone = charts.tradeoff(table().drop(columns="trail"), LATENCY, RECALL)
    assert not traces(alone, "move") and not traces(alone, "trail")


def test_points_carry_the_link() -> None:
    present = traces(charts.tradeoff(table(), LATENCY, RECALL), "present")[0]
    assert present.customdata[0] == "IVF<br>nprobe 8?"


CARD = {
    "p99_ms": 9.0, "recall": 0.93, "ruled_out_by": "cost, p99 under load", "note": "recorded on EPYC 7R13, 2026-11-30",
    "also": (("load_p99_ms", "p99 under load 12 ms"), ("usd", "cost $2,410 a month"), ("p99_ms", "p99 9 ms")),
    "differs": "ANN index IVF-PQ, nprobe 8",
}  # fmt: skip


def test_by_hand_a_hover_card_has_figures_first_then_the_knobs_that_differ_then_the_slo() -> None:
    assert card(CARD, LATENCY, RECALL).split("<br>") == [
        "<b>recall@10 0.93</b>",
        "<b>p99 9 ms · p99 under load 12 ms</b>",
        "<b>cost $2,410 a month</b>",
        "ANN index IVF-PQ, nprobe 8",
        "misses the SLO: cost, p99 under load",
        "recorded on EPYC 7R13, 2026-11-30",
    ]


@pytest.mark.parametrize("differs", ["", "one knob 1", ", ".join(f"a knob of some length {n}" for n in range(15))])
def test_a_hover_card_has_at_most_six_short_lines(differs: str) -> None:
    lines = card({**CARD, "differs": differs, "note": CARD["note"] * 3}, LATENCY, RECALL).split("<br>")
    assert len(lines) <= 6 and max(map(len, lines)) <= 46 + len("<b></b>")
    assert any(line.startswith("misses the SLO") for line in lines)


def test_the_knee_is_ringed() -> None:
    ring = traces(charts.tradeoff(table(), LATENCY, RECALL), "knee")[0]
    assert (ring.x[0], ring.y[0]) == (2.0, 0.90)


def test_axes_say_which_way_is_better() -> None:
    figure = charts.tradeoff(table(), LATENCY, RECALL)
    assert figure.layout.xaxis.title.text == "p99 (ms)  <b>← better</b>"
    assert [a.text for a in figure.layout.annotations if a.name == "y title"] == ["recall@10  <b>↑ better</b>"]
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


def test_by_hand_the_summary_counts_and_says_where_the_present_design_stands() -> None:
    assert charts.tradeoff_summary(table(), LATENCY, RECALL) == (
        "4 of 8 designs Pareto-optimal. This design: recall@10 0.93, p99 9 ms, dominated. "
        "Knee: recall@10 0.9, p99 2 ms."
    )
    best = table().replace({"role": {"present": "sweep", "baseline": "present"}})
    assert "This design: recall@10 0.5, p99 1 ms, Pareto-optimal." in charts.tradeoff_summary(best, LATENCY, RECALL)


def test_a_summary_has_thirty_words_at_most() -> None:
    wordy = Axis("recall", "mean rank of the booked listing among all that were shown", "", "higher")
    frame = table().assign(ruled_out_by=["", "p99", "", "", "", "", "budget", ""], noisy=[False] * 7 + [True])
    for axis in (RECALL, wordy):
        assert len(charts.tradeoff_summary(frame, LATENCY, axis).split()) <= 30
    assert "2 miss the SLO. 1 is too noisy to say." in charts.tradeoff_summary(frame, LATENCY, RECALL)


# B6: the ticks of a log axis


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0.008, 120, ["0.01", "0.1", "1", "10", "100"]),
        (0.7, 30, ["1", "2", "5", "10", "20"]),
        (0.00002, 0.5, ["0.0001", "0.001", "0.01", "0.1"]),
        (2.2, 4.6, ["2.5", "3", "3.5", "4", "4.5"]),
        (101, 108, ["102", "104", "106", "108"]),
        (3e3, 4e6, ["10k", "100k", "1M"]),
    ],
)
def test_by_hand_log_ticks_are_round_and_written_in_full(low: float, high: float, ticks: list[str]) -> None:
    axis = charts.looks.axis_ticks(LATENCY, (math.log10(low), math.log10(high)))
    assert axis["ticktext"] == ticks


def test_log_ticks_are_few_in_view_and_in_order() -> None:
    for low in (-5.0, -2.3, -0.31, 0.17, 2.9):
        for span in (0.001, 0.01, 0.1, 0.4, 1.0, 2.0, 3.3, 7.9, 12.0):
            ticks = log_ticks(low, low + span)
            assert 2 <= len(ticks) <= 11 and ticks == sorted(set(ticks)), (low, span, ticks)
            assert all(low <= math.log10(tick) + 1e-9 and math.log10(tick) <= low + span + 1e-9 for tick in ticks)
            words = [tick_text(tick) for tick in ticks]
            assert len(set(words)) == len(words) and not [word for word in words if "e" in word], words


def test_every_chart_with_a_log_axis_names_its_ticks() -> None:
    usd = Axis("usd", "cost", "$/month", "lower", log=True)
    frame = table().assign(usd=[3.0, 30.0, 45.0, 50.0, 60.0, 80.0, 90.0, 400.0])
    for figure in (charts.tradeoff(frame, LATENCY, usd), charts.line_with_band(frame, LATENCY, usd)):
        for axis in (figure.layout.xaxis, figure.layout.yaxis):
            assert axis.type == "log" and len(axis.ticktext) == len(axis.tickvals) >= 2


# B7: labels


def boxes(words: list[Word], taken: list[tuple[float, float, float, float]], width: float, height: float):
    sides = place(words, taken, height)
    return [box(word, side, width, height) for word, side in zip(words, sides, strict=True) if side]


@pytest.mark.parametrize("step", [0, 5, 12, 20, 29])
@pytest.mark.parametrize("way", [(1, 0), (0, 1), (-1, 0), (0, -1), (0.7, 0.7), (-0.7, 0.7)])
def test_labels_within_thirty_pixels_do_not_touch(step: float, way: tuple[float, float]) -> None:
    height, below, above = 290.0, BELOW, ABOVE
    for width in WIDTHS:
        near = (0.5 + step * way[0] / width, 0.5 + step * way[1] / height)
        words = [Word("this design", (0.5, 0.5), 11, below), Word("knee", near, 10, above)]
        first, second = boxes(words, [], width, height)
        assert overlap(first, second) == 0
        mark = (0.5 * width - 11, 0.5 * height - 11, 0.5 * width + 11, 0.5 * height + 11)
        assert overlap(second, mark) < 1


def test_apart_the_knee_is_named_above_and_the_present_design_below() -> None:
    below, above = (BELOW, ABOVE)
    words = [Word("this design", (0.5, 0.5), 11, below), Word("knee", (0.2, 0.7), 10, above)]
    assert place(words, [], 290.0) == ["bottom", "top"]


def test_labels_stay_inside_the_chart_and_off_the_interval() -> None:
    below, _ = (BELOW, ABOVE)
    assert place([Word("this design", (0.99, 0.01), 11, below)], [], 290.0) == ["top left"]
    assert place([Word("this design", (0.5, 0.5), 11, below)], [(0.49, 0.3, 0.51, 0.7)], 290.0)[0] != "bottom"


def drawn_boxes(figure: go.Figure, width: float) -> list[tuple[float, float, float, float]]:
    """The pixels that the labels of a figure take, read off its annotations as Plotly would."""
    height, found = charts.looks.plot_height(figure.layout.height), []
    for note in (note for note in figure.layout.annotations if note.name == "label"):
        wide = 7 * len(note.text.replace("<b>", "").replace("</b>", ""))
        x = note.x * width + (note.xshift or 0) - wide * {"left": 0, "center": 0.5, "right": 1}[note.xanchor]
        y = note.y * height + (note.yshift or 0) - 16 * {"bottom": 0, "middle": 0.5, "top": 1}[note.yanchor]
        found.append((x, y, x + wide, y + 16))
    return found


@pytest.mark.parametrize("quality", [0.89, 0.90, 0.905, 0.92])
@pytest.mark.parametrize("p99", [1.6, 2.0, 2.3])
def test_no_label_of_a_chart_is_over_another_where_all_marks_stand_together(p99: float, quality: float) -> None:
    frame = table()
    for role in ("present", "baseline"):
        frame.loc[frame["role"] == role, ["p99_ms", "recall"]] = (p99, quality) if role == "present" else (2.1, 0.88)
    frame.loc[frame["role"] == "baseline", "on_front"] = False
    frame.loc[len(frame)] = frame.iloc[1].to_dict() | {"p99_ms": 0.5, "recall": 0.4, "on_front": True}
    figure = charts.tradeoff(frame, LATENCY, RECALL, lines=[Line(2.5, "x", "p99 SLO"), Line(0.91, "y", "recall SLO")])
    assert {"knee", "<b>this design</b>"} <= set(labels(figure))
    for width in WIDTHS:
        taken = drawn_boxes(figure, width)
        assert not [(a, b) for n, a in enumerate(taken) for b in taken[:n] if overlap(a, b)]
        assert all(a[0] >= 0 and a[2] <= width for a in taken)


def test_an_optional_label_is_left_out_where_it_would_cover_something() -> None:
    sides = tuple(SIDES)
    full = [(0.0, 0.0, 1.0, 1.0)]
    assert place([Word("baseline", (0.5, 0.5), 6, sides, optional=True)], full, 290.0) == [""]
    assert place([Word("this design", (0.5, 0.5), 6, sides)], full, 290.0) != [""]


def test_the_legend_names_diamond_and_square_in_one_row() -> None:
    frame = table().assign(ruled_out_by=["", "p99", "", "", "", "", "budget", ""], noisy=[False] * 7 + [True])
    shown = [t for t in charts.tradeoff(frame, LATENCY, RECALL).data if t.showlegend]
    names = [trace.name for trace in sorted(shown, key=lambda trace: trace.legendrank)]
    assert names == ["this design", "Pareto front", "misses SLO", "baseline", "last moves"]
    marks = {trace.name: trace.marker.symbol for trace in shown}
    assert (marks["this design"], marks["baseline"]) == ("diamond", "square")


def test_a_recorded_miss_is_hollow_and_has_its_own_entry_in_the_legend() -> None:
    frame = table().assign(ruled_out_by=["", "p99", "", "", "", "", "budget", ""])
    frame.loc[6, "role"] = "recorded"
    figure = charts.tradeoff(frame, LATENCY, RECALL)
    (here,), (there,) = traces(figure, "misses SLO"), traces(figure, "recorded miss")
    assert (here.marker.symbol, there.marker.symbol) == ("x", "x-open")
    assert here.showlegend and there.showlegend and (len(here.x), len(there.x)) == (1, 1)


def test_the_download_button_stands_in_a_margin_of_every_chart() -> None:
    """B8: Plotly draws it in the upper right corner, 32 pixels wide and 27 tall."""
    bars = pd.DataFrame({"label": ["ceiling", "index"], "value": [0.9, -0.1], "total": [True, False]})
    bars = bars.assign(low=math.nan, high=math.nan)
    framed = (charts.tradeoff(table(), LATENCY, RECALL), charts.line_with_band(table(), LATENCY, RECALL))
    for figure in framed:
        assert figure.layout.margin.r >= 32 and figure.layout.legend.x == 0
    for figure in (charts.bars(bars, "label", "value"), charts.waterfall(bars)):
        assert figure.layout.margin.t >= 27
        assert figure.layout.height - figure.layout.margin.t >= 60 + 38 * 2 - 4


@pytest.mark.parametrize("height", [260, 380, 500])
def test_a_chart_has_the_height_that_was_asked_with_and_without_points(height: int) -> None:
    for frame in (table(), table().head(0)):
        assert charts.tradeoff(frame, LATENCY, RECALL, height=height).layout.height == height


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


def test_a_design_far_off_the_slo_stands_at_the_edge_and_squeezes_no_other() -> None:
    calm = charts.tradeoff(table().assign(ruled_out_by=""), LATENCY, RECALL)
    far = table().assign(ruled_out_by=["", "", "", "", "", "", "floor", ""])
    far.loc[6, ["recall", "recall_low", "recall_high"]] = -40.0
    figure = charts.tradeoff(far, LATENCY, RECALL)
    low, high = figure.layout.yaxis.range
    assert high - low < 2 * (calm.layout.yaxis.range[1] - calm.layout.yaxis.range[0])
    (missed,) = traces(figure, "misses SLO")
    assert low < missed.y[0] < low + 0.05 * (high - low) and "-40" in missed.hovertext[0].replace("−", "-")
