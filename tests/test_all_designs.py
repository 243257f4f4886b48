"""All designs: the table puts figures first, the lines can be brushed, and the small multiples stand on one y axis."""

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from core.analysis.design_table import by_quality, design_table, varying_knobs
from core.analysis.figures import FIGURES
from core.analysis.tradeoff_table import recorded_rows, roles, tradeoff_rows, with_front
from core.charts import Axis
from core.charts.multiples import multiples, multiples_summary
from core.charts.parallel import Scale, brushed, figure_scale, parallel, parallel_summary
from tests.factory import KEY, evaluated, measurement
from tests.toy_case import ToyDesign

SMALL, MIDDLE, LARGE = (ToyDesign(dim=dim) for dim in (4, 16, 64))
GRAPH = ToyDesign(dim=16, index="hnsw", effort=64)
ROWS = {
    SMALL: measurement([0.25] * 20, 10.0, memory_bytes=2 * 10**6),
    MIDDLE: measurement([0.5] * 20, 20.0, memory_bytes=8 * 10**6),
    LARGE: measurement([0.5] * 20, 40.0, memory_bytes=32 * 10**6),
    GRAPH: measurement([0.75] * 20, 5.0, memory_bytes=1234567),
}
PRECISION, P99, MEMORY = Axis(KEY, "precision@5", "", "higher"), FIGURES["p99_ms"].axis, FIGURES["memory_mb"].axis
KNOB = Scale("index", "ANN index", ("flat", "hnsw"), ("flat", "HNSW"))


def rows(present=MIDDLE, **parts):
    designs = [evaluated(measured, design=design) for design, measured in ROWS.items()]
    return tradeoff_rows(designs, roles(present, LARGE), present)


def marks():
    return with_front(rows(), P99, PRECISION)


# B5: the table


def test_by_hand_figures_stand_before_knobs_under_the_labels_of_the_panel():
    table = design_table(by_quality(rows()))
    columns = list(table)
    assert columns[0] == "precision@5" and table["precision@5"].is_monotonic_decreasing
    first_knob = columns.index("Embedding size")
    assert columns.index("memory per replica (MB)") < first_knob
    assert columns[first_knob:] == ["Embedding size", "Index"]
    assert list(table["Embedding size"]) == [16, 16, 64, 4] and table["memory per replica (MB)"].iloc[0] == 1.23


def test_what_is_the_same_in_all_designs_has_no_column():
    table = design_table(rows())
    assert not {"Noise", "noise", "measured", "build time (CPU s)"} & set(table)
    same = [row for row in rows() if row.evaluated.design.dim == 16]
    assert "Embedding size" not in design_table(same) and "Index" in design_table(same)
    assert list(design_table(rows()[:1])) == ["precision@5"]  # nothing differs, and yet there is something to read


def test_a_knob_without_an_effect_is_empty_and_where_a_design_was_measured_is_told():
    there = recorded_rows([(evaluated(ROWS[SMALL], design=SMALL), "recorded on EPYC, 2026-11-30")], MIDDLE)
    deep = evaluated(measurement([0.7] * 20, 6.0), design=replace(GRAPH, effort=16))
    table = design_table([*there, *rows()[1:], *tradeoff_rows([deep], {}, MIDDLE)])
    assert list(table["measured"]) == ["recorded on EPYC, 2026-11-30", "here", "here", "here", "here"]
    effort = list(table["Effort"])
    assert effort[3:] == [64, 16] and all(value != value for value in effort[:3])


def test_nothing_measured_is_an_empty_table():
    assert by_quality([]) == [] and design_table([]).empty and varying_knobs([], MIDDLE) == []


def test_knobs_that_do_something_in_the_present_design_come_first():
    deep = tradeoff_rows([evaluated(measurement(), design=replace(GRAPH, effort=16))], {}, MIDDLE)
    assert [knob.name for knob in varying_knobs([*rows(), *deep], MIDDLE)] == ["dim", "index", "effort"]
    assert {knob.name for knob in varying_knobs(rows()[:3], MIDDLE)} == {"dim"}


# the lines


def test_by_hand_a_line_has_its_place_on_each_axis_and_better_is_up():
    p99 = figure_scale(P99, marks())
    at = {row["dim"] if row["index"] == "flat" else "hnsw": row for row in marks()}
    assert (KNOB.share(at[4]), KNOB.share(at["hnsw"])) == (0, 1)
    assert (p99.share(at[64]), p99.share(at["hnsw"])) == (0, 1)  # 40 ms and 5 ms
    assert p99.share(at[16]) == pytest.approx(1 / 3)  # 20 ms: one of three doublings from 40 to 5
    assert figure_scale(PRECISION, marks()).share(at[4]) == 0
    assert p99.share({"p99_ms": float("nan")}) is None and KNOB.share({"index": "gone"}) is None


def test_every_design_is_a_line_of_its_group_with_its_link_and_card():
    scales = [KNOB, figure_scale(P99, marks())]
    figure = parallel(marks(), scales, P99, PRECISION, height=380)
    lines = {trace.name: [value for value in trace.y if value is not None] for trace in figure.data}
    assert {name: len(places) for name, places in lines.items()} == {
        "this design": 2, "baseline": 2, "Pareto front": 2, "dominated": 2,
    }  # fmt: skip
    assert figure.layout.height == 380 and figure.layout.dragmode == "select"
    (present,) = [trace for trace in figure.data if trace.name == "this design"]
    assert "dim=16" in present.customdata[0] and present.hovertext[0].startswith("<b>precision@5")
    assert parallel_summary(marks(), scales) == "4 designs as lines over ANN index, p99 service time."


def test_no_axis_or_no_design_says_that_there_is_nothing():
    for figure in (parallel([], [KNOB], P99, PRECISION), parallel(marks(), [], P99, PRECISION)):
        assert figure.layout.annotations[0].text == "Nothing measured yet" and figure.layout.height == 380


@pytest.mark.parametrize(
    ("boxes", "left"),
    [
        ([], [0, 1, 2, 3]),
        ([{"x": [-0.2, 0.2], "y": [0.9, 1.1]}], [3]),
        ([{"x": [0.8, 1.2], "y": [0.5, -0.1]}], [1, 2]),  # drawn from above
        ([{"x": [0.8, 1.2], "y": [-0.1, 0.1]}, {"x": [1.2, 0.7], "y": [0.9, 1]}], [2, 3]),  # two on one axis
        ([{"x": [-0.2, 0.2], "y": [-0.1, 0.1]}, {"x": [0.8, 1.2], "y": [0.6, 1]}], [0]),  # one on each
        ([{"x": [0.3, 0.6], "y": [0, 0.1]}], [0, 1, 2, 3]),  # between the axes
    ],
)
def test_by_hand_a_brush_keeps_the_designs_that_pass_every_brushed_axis(boxes, left):
    assert brushed(marks(), [KNOB, figure_scale(P99, marks())], boxes) == left


# the small multiples


def test_the_small_multiples_share_the_quality_and_draw_every_design_in_each():
    tables = {axis: with_front(rows(), axis, PRECISION) for axis in (P99, MEMORY)}
    figure = multiples(tables, PRECISION)
    designs = [trace for trace in figure.data if trace.meta == "designs"]
    assert [trace.xaxis for trace in designs] == ["x", "x2"] and {trace.yaxis for trace in designs} == {None}
    assert all(len(trace.x) == 4 and trace.marker.symbol[-1] == "diamond" for trace in designs)
    assert figure.layout.yaxis.spikemode == "across"
    assert figure.layout.xaxis.domain[1] < figure.layout.xaxis2.domain[0]
    for axis in (figure.layout.xaxis, figure.layout.xaxis2):
        assert 2 <= len(axis.ticktext) <= 5
    assert "p99 service time 1 of 4" in multiples_summary(tables, PRECISION)
    assert multiples({P99: []}, PRECISION).layout.annotations[0].text == "Nothing measured yet"


# the section


def page():
    from core.contract.design import neighbours
    from core.runtime.results import RESULTS
    from core.serving.scenario import Scenario
    from core.ui.case import all_designs
    from core.ui.page_run import measure
    from tests.toy_case import CASE

    run = measure(CASE, CASE.Design(), 0, Scenario(CASE.requirements))
    for _, design in neighbours(CASE.Design()):
        RESULTS.measure(CASE, design, 0)
    all_designs.section(run)


def test_the_section_draws_both_charts_over_a_table_of_all_designs():
    app = AppTest.from_function(page, default_timeout=120).run()
    assert not app.exception, app.exception
    assert len(app.get("plotly_chart")) == 2
    (table,) = app.dataframe
    assert f"**{len(table.value)} of {len(table.value)} designs**" in [text.value for text in app.markdown]
    assert all(chart.proto.alt for chart in app.get("plotly_chart"))
    app.multiselect[0].set_value([]).run()
    assert not app.exception
