"""The home page: its chart and sentence, its tiles and its entrances."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from html import unescape
from urllib.parse import parse_qsl

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.analysis import frontier
from core.analysis.figures import FIGURES, quality_figures
from core.analysis.tradeoff_table import as_table, roles, tradeoff_rows, with_front
from core.catalog import BY_SLUG, CASES
from core.charts import tradeoff_summary
from core.charts.thumbnail import thumbnail
from core.checks.common import checks_of
from core.checks.results import check_results
from core.contract.answer import Answer, Item
from core.contract.check import EMPIRICAL, KINDS
from core.contract.design import from_query
from core.runtime import recorded, recorded_example
from core.runtime.recorded import RecordedVerdict
from core.runtime.results import Results
from core.runtime.sweep import spread
from core.serving.requirement_text import LIMITS
from core.serving.scenario import Scenario
from core.ui import jobs, pages
from core.ui.home import example, gallery, marks, paths, thumbnails, tiles
from core.ui.state import PREDICT
from tests import factory
from tests.toy_case import ToyDesign

ROUTER = "../core/ui/router.py"
PATIENCE_S = 120
CASE = factory.case(lambda design, seed: factory.measurement())
DIMS = ToyDesign.__dataclass_fields__["dim"].metadata["knob"]["options"]


@pytest.fixture(autouse=True)
def nothing_measured(monkeypatch, tmp_path):
    """Nothing measured by a visit, an empty ledger under the page, and a folder for what a test records."""
    monkeypatch.setattr(gallery, "SAMPLE", 0)
    monkeypatch.setattr(recorded, "FOLDER", tmp_path)
    empty = Results()
    for module in (gallery, thumbnails):
        monkeypatch.setattr(module, "RESULTS", empty)
    return empty


def rows(*pairs, n=400):
    """{design: measurement} with these (milliseconds, share of right answers), all over the same queries."""
    found = {}
    for dim, (ms, share) in zip(DIMS[: len(pairs)], pairs, strict=True):
        found[ToyDesign(dim=dim)] = factory.measurement(np.arange(n) < share * n, ms)
    return found


def visit(page=None):
    app = AppTest.from_file(ROUTER, default_timeout=PATIENCE_S).run()
    return app if page is None else app.switch_page(f"../../pages/{page}").run()


# -- the sentence ----------------------------------------------------------------------------------------------------


def test_the_sentence_is_reckoned_from_the_fastest_the_knee_and_the_best():
    told = frontier.of_frontier(CASE, rows((1.0, 0.2), (2.0, 0.8), (40.0, 0.9)), 0)
    assert told.sentence == (
        "From the fastest design to the knee, precision@5 goes from 0.200 to 0.800 for 2 times the time (1 to 2 ms); "
        "from there to the best one, 20 times the time buys +0.100 more."
    )
    assert (told.fastest.dim, told.knee.dim, told.best.dim) == DIMS[:3]


def test_a_gain_within_the_noise_is_not_told_as_one():
    told = frontier.of_frontier(CASE, rows((1.0, 0.2), (2.0, 0.8), (40.0, 0.8025)), 0)
    assert told.sentence.endswith("20 times the time buys nothing that these data can tell.")


@pytest.mark.parametrize(
    "pairs", [(), ((1.0, 0.5),), ((1.0, 0.5), (2.0, 0.6)), ((1.0, 0.9), (2.0, 0.5), (3.0, 0.1))], ids=len
)
def test_without_a_knee_nothing_is_told(pairs):
    assert frontier.of_frontier(CASE, rows(*pairs), 0) is None


def test_a_design_without_a_time_or_without_the_quality_is_left_out():
    found = rows((1.0, 0.2), (2.0, 0.8), (40.0, 0.9))
    found[ToyDesign(index="hnsw")] = factory.measurement(np.arange(400) < 399, 0.0)
    found[ToyDesign(index="hnsw", dim=64)] = replace(factory.measurement(), quality={})
    assert frontier.of_frontier(CASE, found, 0).best.dim == DIMS[2]


def test_the_knee_of_the_sentence_is_the_knee_of_the_chart():
    measured = rows((1.0, 0.2), (2.0, 0.8), (40.0, 0.9))
    measured[ToyDesign(index="hnsw")] = factory.measurement(np.arange(400) < 280, 3.0)
    designs = [factory.evaluated(m, Scenario(CASE.requirements), design, CASE) for design, m in measured.items()]
    x, y = FIGURES["p50_ms"].axis, quality_figures(CASE)[factory.KEY].axis
    parts = roles(CASE.Design(), CASE.baseline)
    drawn = with_front(tradeoff_rows(designs, parts, CASE.Design()), x, y)
    assert "precision@5 0.8, p50 service time 2 ms" in tradeoff_summary(drawn, x, y).split("Knee")[1]
    assert frontier.of_frontier(CASE, measured, 0).knee == list(measured)[1]


def test_the_gist_of_it_is_what_the_time_past_the_knee_buys():
    told = frontier.of_frontier(CASE, rows((1.0, 0.2), (2.0, 0.8), (40.0, 0.9)), 0)
    assert told.brief == "Past the knee, 20× the time buys +0.100 precision@5."
    told = frontier.of_frontier(CASE, rows((1.0, 0.2), (2.0, 0.8), (40.0, 0.8025)), 0)
    assert told.brief == "Past the knee, 20× the time buys no more precision@5."


# -- the thumbnail ---------------------------------------------------------------------------------------------------


def circles(svg, kind):
    return [
        (float(c.get("cx")), float(c.get("cy"))) for c in ET.fromstring(svg).iter("circle") if c.get("class") == kind
    ]


def test_a_thumbnail_draws_every_point_once_and_the_faster_to_the_left_and_the_better_up():
    svg = thumbnail([(1, 0.2), (2, 0.8), (40, 0.9), (3, 0.7)], "higher", "four designs")
    front, cloud = circles(svg, "front"), circles(svg, "cloud")
    assert len(front) == 3 and len(cloud) == 1 and circles(svg, "knee") == [front[1]]
    assert front == sorted(front) and [y for _, y in front] == sorted((y for _, y in front), reverse=True)
    assert "\n" not in svg and ET.fromstring(svg).find("title").text == "four designs"


def test_where_lower_is_better_the_axis_is_not_turned_over_and_no_words_say_that_up_is_better():
    points = [(1, 0.9), (10, 0.2)]
    fast, best = circles(thumbnail(points, "lower", "two"), "front")
    assert fast[0] < best[0] and best[1] > fast[1]
    for said in (thumbnails.in_words("Entropy", "lower", points), thumbnails.axis_words("Entropy", "lower")):
        assert "↓ better" in said or "Lower Entropy is better." in said
        assert "Up" not in said and "↑" not in said and "Higher" not in said


def test_the_ends_of_both_axes_stand_on_a_thumbnail_where_they_belong():
    svg = thumbnail([(1, 0.9), (10, 0.2)], "lower", "two")
    at = {text.text: (float(text.get("x")), float(text.get("y"))) for text in ET.fromstring(svg).iter("text")}
    assert set(at) == {"0.900", "0.200", "1 ms", "10 ms"}
    assert at["0.900"][1] < at["0.200"][1] and at["1 ms"][0] < at["10 ms"][0]
    one = ET.fromstring(thumbnail([(1, 0.5)], "higher", "one"))
    assert [text.text for text in one.iter("text")] == ["0.500", "1 ms"]


@pytest.mark.parametrize("points", [[(1, 0.5)], [(1, 0.5)] * 3])
def test_one_place_is_drawn_in_the_middle(points):
    assert len(set(circles(thumbnail(points, "higher", "same"), "front"))) == 1


@pytest.mark.parametrize("points", [[], [(0, 0.5)], [(-1, 0.5)], [(1, float("nan"))], [(float("inf"), 0.5)]], ids=str)
def test_what_cannot_be_drawn_is_refused(points):
    with pytest.raises(ValueError, match="a thumbnail needs"):
        thumbnail(points, "higher", "none")


def test_words_in_a_thumbnail_are_escaped():
    assert "<b>" not in thumbnail([(1, 0.5)], "higher", "<b>")


def test_a_thumbnail_in_words():
    assert thumbnails.in_words("AP", "higher", [(0.5, 0.25)]) == "1 design: AP 0.250 at p50 500 µs."
    two = "2 designs: AP 0.250 to 0.500, p50 500 µs to 2 ms. Higher AP is better."
    assert thumbnails.in_words("AP", "higher", [(0.5, 0.25), (2.0, 0.5)]) == two


# -- the tiles -------------------------------------------------------------------------------------------------------


def renamed(measured, case):
    return replace(measured, quality={case.qualities[0].key: measured.quality[factory.KEY]})


def keep(case, *designs):
    """Record these designs where the pages look; returns what the record says of where and when."""
    pairs = zip(designs, ((1.0, 0.2), (2.0, 0.8), (40.0, 0.9)), strict=False)
    made = {
        design: renamed(factory.measurement(np.arange(400) < share * 400, ms), case) for design, (ms, share) in pairs
    }
    recorded.write(recorded.FOLDER / f"{case.slug}.parquet", [recorded.row(d, 0, m) for d, m in made.items()])
    return recorded.recorded_designs(case)[0].origin


def tile(app, case):
    """The markup below a tile's title."""
    return next(
        text.value for text in app.markdown if "kp-note" in text.value and case.qualities[0].label in text.value
    )


def test_without_a_record_a_tile_says_so_and_asks_the_question():
    app = visit()
    assert not app.exception and not app.button
    told = [text.value for text in app.markdown if "kp-tile" in text.value]
    assert sum("No design measured yet" in text for text in told) == len(CASES)
    assert all(any(case.question[:40] in unescape(text) for text in told) for case in CASES)


def test_a_record_that_cannot_be_read_takes_nothing_from_the_page(nothing_measured):
    case = BY_SLUG["people_you_may_know"]
    for name in (f"{case.slug}.parquet", recorded.CHECKS):
        (recorded.FOLDER / name).write_bytes(b"cut off")
    assert marks.recorded(case) == {} and all(result.verdict is None for result in check_results([case], 0))


def test_a_tile_draws_the_recorded_front_and_a_design_measured_here_takes_the_place_of_its_own(nothing_measured):
    case = BY_SLUG["people_you_may_know"]
    origin = keep(case, case.Design(), case.baseline)
    app = visit()
    assert tile(app, case).count("<circle") == 2
    assert any(origin in caption.value for caption in app.caption)
    nothing_measured.add(case, case.Design(), 0, renamed(factory.measurement([0.5] * 20, 7.0), case))
    assert "7 ms" in tile(visit(), case) and thumbnails.front_points(case)[0] == (7.0, 0.5)


def test_a_lesson_is_the_first_of_the_named_checks_that_passes(monkeypatch):
    case = BY_SLUG["visual_search"]
    first, second = (next(c for c in checks_of(case) if c.id == id) for id in tiles.lessons_of(case.slug)[:2])
    store = {}
    monkeypatch.setattr("core.checks.results.recorded_verdicts", lambda: store)
    assert thumbnails.lesson(case) is None
    for check, holds in ((first, False), (second, True)):
        said = RecordedVerdict(check.sentence, holds, True, "", "A CPU", "2026-11-01")
        store[case.slug, check.id, 0] = said
    assert thumbnails.lesson(case).check.id == second.id
    assert any(second.sentence in words_of(text.value) for text in visit().markdown)


def words_of(markup):
    return unescape(re.sub(r"<[^>]+>", "", markup))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.slug)
def test_every_case_has_a_picture_and_its_lessons_are_findings_of_its_own(case):
    svg = tiles.STATIC / f"{case.slug}.svg"
    assert ET.parse(svg).getroot().get("viewBox") and svg.stat().st_size < 120_000
    by_id = {check.id: check for check in checks_of(case)}
    lessons = tiles.lessons_of(case.slug)
    assert lessons and all(by_id[id].kind in EMPIRICAL and not by_id[id].known_failure for id in lessons)


# -- the chart -------------------------------------------------------------------------------------------------------


CHART = BY_SLUG["visual_search"]


def test_the_chart_is_drawn_from_the_record_at_once_and_no_sweep_is_started():
    jobs._JOBS.clear()
    other = [d for d in spread(CHART.Design(), 3, families=gallery.FAMILIES) if d != CHART.Design()][:2]
    origin = keep(CHART, CHART.Design(), *other)
    app = visit()
    assert not app.exception and not jobs._JOBS  # so nobody waits for a sweep that they did not ask for
    (chart,) = app.get("plotly_chart")
    assert "3 of 3 designs Pareto-optimal" in chart.proto.alt and "This design: nDCG@10" in chart.proto.alt
    (said,) = [caption.value for caption in app.caption if "Past the knee" in caption.value]
    assert "3 designs, online serving, p50" in said and origin in said
    assert any('class="kp-badge recorded"' in text.value and "kp-now" in text.value for text in app.markdown)


def test_the_table_below_the_chart_has_a_row_per_design():
    some = spread(CHART.Design(), 3, families=gallery.FAMILIES)
    keep(CHART, *some)
    here = {CHART.baseline: renamed(factory.measurement(), CHART)}
    rows = gallery.table_rows(CHART, here, marks.recorded(CHART))
    assert [row.role for row in rows] == ["recorded"] * 3 + ["baseline"]
    assert list(as_table(rows)["role"]) == [row.role for row in rows]


def test_the_present_design_is_measured_after_the_page_is_drawn_and_then_known(monkeypatch, nothing_measured):
    monkeypatch.setattr(gallery, "SAMPLE", 1)
    ran, measure = [], nothing_measured.measure
    case = replace(CHART, run=lambda design, seed: ran.append(design) or renamed(factory.measurement(), CHART))
    monkeypatch.setattr(nothing_measured, "measure", lambda _, design, seed: measure(case, design, seed))
    for _ in range(2):
        app = visit()
        assert ran == [CHART.Design()] and not app.exception
        assert any('class="kp-badge measured"' in text.value and "kp-now" in text.value for text in app.markdown)


def test_nothing_is_measured_before_the_page_is_drawn(monkeypatch):
    drawn = []
    monkeypatch.setattr(gallery, "SAMPLE", 1)
    monkeypatch.setattr(paths, "show", lambda entrances: drawn.append("entrances"))
    monkeypatch.setattr(gallery, "_measure", lambda case, design: drawn.append("measured"))
    visit()
    assert drawn == ["entrances", "measured"]


def test_every_knob_that_home_offers_is_one_of_the_case_and_moves_the_mark():
    other = replace(CHART.Design(), dim=16)
    keep(CHART, CHART.Design(), other)
    app = visit()
    assert {widget.key for kind in (app.select_slider, app.selectbox) for widget in kind} >= {
        "home.dim",
        "home.encoder",
    }
    before = app.get("plotly_chart")[0].proto.alt
    app.select_slider(key="home.dim").set_value(16).run()
    assert not app.exception and app.get("plotly_chart")[0].proto.alt != before
    (link,) = [link for link in app.get("page_link") if link.proto.label.startswith("Open ")]
    opened, _, notes = from_query(CHART.Design, dict(parse_qsl(link.proto.query_string)))
    assert opened == other and not notes


def test_a_design_that_cannot_run_says_why_once_and_the_rest_stays(monkeypatch, nothing_measured):
    monkeypatch.setattr(gallery, "SAMPLE", 1)

    def broken(case, design, seed):
        raise ValueError("the file is corrupt")

    monkeypatch.setattr(nothing_measured, "measure", broken)
    app = visit()
    assert "the file is corrupt" in app.error[0].value and not app.exception


def test_home_and_the_sentence_of_the_front_name_the_same_knee():
    """One axis and one serving mode on the whole page: the ring of the chart is the knee of the sentence."""
    some = spread(CHART.Design(), 3, families=gallery.FAMILIES)
    keep(CHART, *some)
    kept = {design: one.measured for design, one in marks.recorded(CHART).items()}
    drawn = marks.of(CHART, CHART.Design(), None, {}, gallery.comparable(CHART, marks.recorded(CHART)))
    y, x = quality_figures(CHART)[CHART.qualities[0].key].axis, FIGURES[gallery.TIME].axis
    knee = frontier.of_frontier(CHART, gallery.comparable(CHART, kept), 0).knee
    place = f"p50 service time {kept[knee].percentiles_ms['p50'].value:g} ms"
    assert place in tradeoff_summary(drawn, x, y).split("Knee")[1]


def test_only_designs_of_one_serving_mode_and_the_default_data_are_compared():
    online, batch = CHART.Design(), replace(CHART.Design(), serving="batch")
    noisy = replace(CHART.Design(), label_noise=0.3)
    assert list(gallery.comparable(CHART, dict.fromkeys((online, batch, noisy)))) == [online]


def test_before_anything_is_measured_the_recorded_pictures_are_there_and_frames_without_them():
    def item(name, right=True):
        return Item(np.full((4, 4), 7, np.uint8), name, right)

    answer = Answer(item("a coat"), (item("near"), None), (item("found", False), item("also found")))
    said = recorded_example.to_text((answer, answer))
    (again,) = recorded_example.from_text(said)
    assert [i and (i.name, i.right) for i in (again.query, *again.exact, *again.served)] == [
        ("a coat", True), ("near", True), None, ("found", False), ("also found", True)
    ]  # fmt: skip
    assert (again.query.pixels == answer.query.pixels).all()
    rows = [recorded.row(CHART.Design(), 0, renamed(factory.measurement(), CHART)) | {"example": said}]
    recorded.write(recorded.FOLDER / f"{CHART.slug}.parquet", rows)
    (markup,) = [text.value for text in visit().markdown if "kp-row" in text.value]
    assert "found: 1 of 2 right" in markup and markup.count("<img") == 4
    frames = example.row(())
    assert "<img" not in frames and frames.count('class="none"') == 1 + 2 * example.SHOWN


@pytest.mark.parametrize("text", ["[]", "{}", '{"query": 3}', "{"], ids=str)
def test_a_text_that_is_no_example_is_a_value_error(text):
    with pytest.raises(ValueError):
        recorded_example.from_text(text)


@pytest.mark.parametrize("shown", [None, (), ("a film",), [1]], ids=str)
def test_a_case_that_shows_no_pictures_has_no_example(shown):
    assert recorded_example.to_text(shown) == "" and recorded_example.from_text("") == ()
    assert recorded_example.from_text(float("nan")) == ()  # a column that a row lacks


# -- the entrances ---------------------------------------------------------------------------------------------------


def entrances(app):
    whos = ("Candidate", "Interviewer", "Teacher", "Engineer")
    return [link.proto for link in app.get("page_link") if link.proto.label.startswith(tuple(f"**{w}" for w in whos))]


def test_four_entrances_name_the_page_that_they_open():
    found = entrances(visit())
    titles = {"rehearsal": "Rehearsal", "truth": "Checks", "classroom": "Classroom"} | {
        case.slug: case.title for case in CASES
    }
    assert len(found) == 4
    assert all(link.label.split(": ")[1] == titles[link.page] for link in found)
    assert all(len(link.label) <= 40 for link in found)  # on a phone a longer one is cut off


def test_every_entrance_is_read_by_its_page_without_a_correction():
    for link in entrances(visit()):
        query = dict(parse_qsl(link.query_string.removeprefix("?")))
        if link.page in BY_SLUG:
            assert query.pop(PREDICT, "on") == "on"
            asked = {name: text for name, text in query.items() if name not in LIMITS}
            assert from_query(BY_SLUG[link.page].Design, asked)[2] == []
            assert all(LIMITS[name][0] <= float(query[name]) <= LIMITS[name][1] for name in query.keys() & LIMITS)
        elif link.page == "truth":
            assert set(query) <= {"kind"} and set(query.values()) <= set(KINDS)
        else:
            assert not query


def test_an_entrance_to_a_page_that_is_not_there_is_left_out(monkeypatch):
    real = pages.find
    monkeypatch.setattr(pages, "find", lambda address: None if address == "rehearsal" else real(address))
    assert [link.label[:6] for link in entrances(visit())] == ["**Inte", "**Teac", "**Engi"]
