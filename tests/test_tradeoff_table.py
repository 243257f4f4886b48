"""One line a design: what the charts, lists and downloads of a case are drawn from."""

from dataclasses import replace
from urllib.parse import parse_qsl

import numpy as np
import pytest

from core.analysis.figures import CHARTED, FIGURES, cost_figures, quality_figures
from core.analysis.tradeoff_table import TradeoffRow, as_table, roles, tradeoff_rows, with_front
from core.charts import Axis, tradeoff, tradeoff_summary, tradeoff_svg
from core.charts.looks import MODES
from core.contract.case import QualityAxis
from core.contract.design import from_query
from core.contract.money import Charge
from core.metrics import NotEnoughSamples
from core.serving import slo
from core.serving.cost import assess
from core.serving.scenario import Scenario
from tests.factory import KEY, NEEDS, Served, evaluated, measurement
from tests.toy_case import CASE, ToyDesign

SCENARIO = Scenario(NEEDS)
SMALL, MIDDLE, LARGE = (ToyDesign(dim=dim) for dim in (4, 16, 64))
ROWS = {
    SMALL: measurement([0.25] * 20, 10.0, memory_bytes=2 * 10**6),
    MIDDLE: measurement([0.5] * 20, 20.0, memory_bytes=8 * 10**6, build_s=3.0),
    LARGE: measurement([0.5] * 20, 40.0, memory_bytes=32 * 10**6),
}
P99, PRECISION = FIGURES["p99_ms"].axis, Axis(KEY, "precision@5", "", "higher")


def made(rows=ROWS, scenario=None, **parts):
    designs = [evaluated(measured, scenario, design, seed=3) for design, measured in rows.items()]
    return tradeoff_rows(designs, parts.get("roles", {}), parts.get("present", MIDDLE))


def marks(**parts):
    return [row.mark for row in made(**parts)]


def column(name, rows):
    return [row[name] for row in rows]


def test_by_hand_one_line():
    line = marks()[1]
    assert [line[knob] for knob in ("dim", "index", "effort", "noise")] == [16, "flat", 16, 0.0]
    assert (line[KEY], line[f"{KEY}_low"], line[f"{KEY}_high"]) == (0.5, 0.5, 0.5)
    assert [line[cost] for cost in ("p50_ms", "p99_ms", "memory_mb", "build_s")] == [20.0, 20.0, 8.0, 3.0]
    taken = assess(ROWS[MIDDLE], SCENARIO, seed=3)
    assert (line["load_p99_ms"], line["usd"], line["replicas"]) == (taken.p99_ms, taken.total_usd, taken.replicas)


def test_every_figure_of_a_chart_has_its_column_and_the_modelled_ones_say_so():
    figures, row = cost_figures(SCENARIO, indexed=True), made()[1]
    assert set(figures) == set(CHARTED) - {"machines_usd"} == set(CHARTED) & set(row.columns)
    modelled = {key for key in CHARTED if FIGURES[key].badge_of(row.evaluated) == "modelled"}
    assert modelled == {"load_p99_ms", "usd", "machines_usd", "usd_per_million"}
    for key in CHARTED:
        axis = FIGURES[key].axis
        assert axis.column == key and axis.better == "lower" and axis.unit and axis.log


def test_a_build_of_vectors_that_come_made_is_modelled():
    shipped = evaluated(measurement(shipped_s=1.0))
    assert FIGURES["build_s"].badge_of(shipped) == FIGURES["build_s"].badge_of(evaluated(), shipped) == "modelled"
    assert FIGURES["build_s"].badge_of(evaluated()) == "measured"


def test_where_people_are_paid_the_cost_of_machines_is_an_axis_of_its_own():
    review = Charge("review", "reviewers", "A review", 0.25, "$ a review", "a test", "2026")
    needs, rows = replace(NEEDS, charges=(review,)), {MIDDLE: replace(ROWS[MIDDLE], charged={"review": 0.01})}
    (row,) = made(rows, Scenario(needs))
    line = row.columns
    assert list(cost_figures(Scenario(needs), indexed=True)) == list(CHARTED) and set(CHARTED) <= set(line)
    assert line["usd"] == pytest.approx(line["machines_usd"] + needs.requests_a_month * 0.0025)


def test_the_build_of_an_index_is_an_axis_where_there_is_one():
    assert set(cost_figures(SCENARIO, indexed=True)) - set(cost_figures(SCENARIO, indexed=False)) == {"index_build_s"}
    (row,) = made({MIDDLE: replace(ROWS[MIDDLE], index_build_s=0.25)})
    assert row.columns["index_build_s"] == 0.25 and row.columns["build_s"] == 3.0


def test_a_line_says_which_part_its_design_plays():
    assert column("role", marks(roles={MIDDLE: "present", SMALL: "trail"})) == ["trail", "present", "sweep"]


def test_a_line_is_named_by_what_it_has_other_than_the_present_design():
    assert column("name", marks())[::2] == ["the one with embedding size 4", "the one with embedding size 64"]


def test_the_card_of_a_design_names_only_the_knobs_that_differ_and_what_else_is_asked_first():
    small, present, _ = marks()
    assert (small["differs"], present["differs"]) == ("Embedding size 4", "")
    assert [key for key, _ in small["also"]] == ["load_p99_ms", "usd"]
    assert all(FIGURES[key].label in text for key, text in small["also"])


def test_by_hand_the_last_moves_are_numbered_from_the_oldest_of_six():
    older = [replace(SMALL, dim=dim) for dim in (8, 8, 8)]
    trail = [*older, LARGE, SMALL, LARGE, MIDDLE, LARGE]
    rows = tradeoff_rows([row.evaluated for row in made()], roles(MIDDLE, SMALL, trail), MIDDLE, trail)
    assert column("trail", [row.mark for row in rows]) == [(2,), (4,), (1, 3, 5)]
    assert [row.role for row in rows] == ["baseline", "present", "trail"]


def test_the_link_of_a_line_opens_its_design():
    for design, link in zip(ROWS, column("link", marks()), strict=True):
        assert from_query(ToyDesign, dict(parse_qsl(link))) == (design, 3, [])


def test_nothing_measured_is_an_empty_table_without_a_front():
    assert made(rows={}) == with_front(made(rows={}), P99, PRECISION) == []
    assert as_table([]).empty


def test_the_table_to_read_holds_every_knob_and_figure_and_no_markup():
    shown = as_table(made())
    assert len(shown) == 3 and {"role", "dim", KEY, *cost_figures(SCENARIO, indexed=True)} <= set(shown.columns)
    assert not {"name", "design", "link"} & set(shown.columns)


def test_too_few_requests_for_a_p99_are_refused():
    with pytest.raises(NotEnoughSamples, match="p99 needs"):
        marks(rows={SMALL: measurement(service_ms=np.ones(500))})


def test_the_front_is_what_no_other_design_beats():
    assert column("on_front", with_front(made(), P99, PRECISION)) == [
        True,
        True,
        False,
    ]  # as good as the middle, slower


def test_the_front_follows_the_axes():
    assert column("on_front", with_front(made(), FIGURES["memory_mb"].axis, FIGURES["build_s"].axis)) == [
        True,
        False,
        False,
    ]


SERVING = {  # a look-up is quicker than any computed answer and less good
    Served(serving="online"): measurement([0.6] * 20, 10.0),
    Served(serving="online", drift=0.5): measurement([0.5] * 20, 12.0),
    Served(serving="batch"): measurement([0.4] * 20, 1.0),
    Served(serving="batch", drift=0.5): measurement([0.3] * 20, 2.0),
}


def of_modes(rows):
    return with_front(made(rows=rows, present=next(iter(rows))), P99, PRECISION)


def test_by_hand_each_serving_mode_has_a_front_of_its_own():
    quicker = {**SERVING, Served(serving="batch"): measurement([0.9] * 20, 1.0)}
    for rows in (SERVING, quicker):  # a better look-up dominates nothing that is computed
        assert column("on_front", of_modes(rows)) == [True, False, True, False]
    assert column("mode", of_modes(SERVING)) == ["online", "online", "batch", "batch"]


def test_the_modes_have_lines_and_shapes_of_their_own_and_the_summary_counts_each():
    drawn, marks = tradeoff(of_modes(SERVING), P99, PRECISION), of_modes(SERVING)
    lines = [trace for trace in drawn.data if trace.meta == "front"]
    assert len({(line.line.color, line.line.dash) for line in lines}) == 2
    shapes = {(trace.marker.symbol, trace.marker.color) for trace in drawn.data if trace.meta == "sweep"}
    assert len(shapes) == len({symbol for symbol, _ in shapes}) == len({colour for _, colour in shapes}) == 2
    said = tradeoff_summary(marks, P99, PRECISION)
    assert said.startswith("2 of 4 designs Pareto-optimal (1 online, 1 batch).")
    assert tradeoff_svg(marks, P99, PRECISION).count("Pareto front, batch") == 1


def test_the_modes_that_the_present_design_does_not_use_are_muted_and_named_on_the_chart():
    designs = {
        **SERVING,
        Served(serving="batch", drift=0.25): measurement([0.5] * 20, 3.0),
    }
    rows = made(rows=designs, present=next(iter(SERVING)), roles={next(iter(SERVING)): "present"})
    drawn = tradeoff(with_front(rows, P99, PRECISION), P99, PRECISION)
    solid = {trace.line.color: trace.opacity for trace in drawn.data if trace.meta == "front"}
    strength = {t.marker.color: t.marker.opacity for t in drawn.data if t.meta == "sweep" and t.name == "Pareto front"}
    online, batch = MODES[0].colour, MODES[1].colour
    assert solid[online] == 1 > solid[batch] and strength[batch] < 0.5
    named = {a.text: a.font.color for a in drawn.layout.annotations if a.name == "label"}
    assert named["batch"] == batch


def test_the_present_design_is_dominated_within_its_serving_mode_only():
    quicker = {**SERVING, Served(serving="batch"): measurement([0.9] * 20, 1.0)}
    for design, said in zip(quicker, (", Pareto-optimal.", ", dominated.") * 2, strict=True):
        rows = made(rows=quicker, present=design, roles={design: "present"})
        assert said in tradeoff_summary(with_front(rows, P99, PRECISION), P99, PRECISION)


def test_a_design_timed_on_a_busy_machine_has_no_modelled_number_and_no_place_on_a_front(monkeypatch):
    monkeypatch.setattr(slo, "TOO_BUSY", 20.0)
    rows = {**ROWS, SMALL: replace(ROWS[SMALL], noise=21.0)}
    noisy = with_front(made(rows=rows), P99, PRECISION)
    assert column("on_front", noisy) == [False, True, False]
    assert [np.isnan(noisy[0][key]) for key in ("load_p99_ms", "usd", "replicas", "goodput")] == [True] * 4
    assert not np.isnan(noisy[0]["memory_mb"]) and slo.TOO_NOISY in noisy[0]["also"][0][1]
    drawn = tradeoff(noisy, P99, PRECISION)
    (hollow,) = [trace for trace in drawn.data if trace.meta == slo.TOO_NOISY]
    assert list(hollow.x) == [10.0] and "open" in hollow.marker.symbol
    assert "1 is too noisy to say" in tradeoff_summary(noisy, P99, PRECISION)


def test_only_the_qualities_that_were_measured_are_axes():
    case = replace(CASE, qualities=(*CASE.qualities, QualityAxis("gap", "gap", "Lower is fairer.", "lower")))
    assert list(quality_figures(case, evaluated())) == [KEY]
    both = replace(measurement(), quality={KEY: measurement().quality[KEY], "gap": measurement().quality[KEY]})
    axes = [figure.axis for figure in quality_figures(case, evaluated(both)).values()]
    assert [(axis.column, axis.better) for axis in axes] == [(KEY, "higher"), ("gap", "lower")]


def test_the_part_of_the_present_design_wins_over_the_others():
    parts = roles(MIDDLE, LARGE, [LARGE, MIDDLE, SMALL])
    assert parts == {MIDDLE: "present", LARGE: "baseline", SMALL: "trail"}
    assert roles(LARGE, LARGE, [LARGE]) == {LARGE: "present"}
    assert roles(SMALL, LARGE) == {SMALL: "present", LARGE: "baseline"}


def test_a_mark_says_where_it_was_recorded_and_that_the_machine_was_busy():
    quiet, busy = (evaluated(measurement(noise=noise)) for noise in (1.1, 2.34))
    told = "timed on a busy machine, wall ÷ CPU 2.3"
    assert [TradeoffRow(one, "sweep", "").mark["note"] for one in (quiet, busy)] == ["", told]
    assert TradeoffRow(busy, "recorded", "", recorded="recorded on X").mark["note"] == f"recorded on X; {told}"
    assert TradeoffRow(busy, "sweep", "").columns["clock_noise"] == 2.34
