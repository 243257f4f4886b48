"""The home page: its sentence, its thumbnails and its paths."""

import time
import xml.etree.ElementTree as ET
from dataclasses import replace
from urllib.parse import parse_qsl

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.analysis import frontier
from core.analysis.figures import FIGURES, quality_figures
from core.analysis.tradeoff_table import roles, tradeoff_rows, with_front
from core.catalog import BY_SLUG, CASES
from core.charts import tradeoff_summary
from core.charts.thumbnail import thumbnail
from core.contract.check import KINDS
from core.contract.design import from_query
from core.runtime.results import RESULTS, Results
from core.runtime.sweep import Row
from core.serving.requirement_text import LIMITS
from core.serving.scenario import Scenario
from core.ui import jobs, pages
from core.ui.home import gallery, paths, thumbnails
from core.ui.state import PREDICT
from tests import factory
from tests.toy_case import ToyDesign

ROUTER = "../core/ui/router.py"
PATIENCE_S = 120
CASE = factory.case(lambda design, seed: factory.measurement())
DIMS = ToyDesign.__dataclass_fields__["dim"].metadata["knob"]["options"]


@pytest.fixture(autouse=True)
def nothing_measured(monkeypatch):
    """No live sweep, and an empty ledger under the gallery."""
    monkeypatch.setattr(gallery, "SAMPLE", 0)
    empty = Results()
    for module in (gallery, thumbnails, jobs):
        monkeypatch.setattr(module, "RESULTS", empty)
    jobs._JOBS.clear()
    yield empty
    for job in jobs._JOBS.values():
        job.cancel()


def rows(*pairs, n=400):
    """{design: measurement} with these (milliseconds, share of right answers), all over the same queries."""
    found = {}
    for dim, (ms, share) in zip(DIMS[: len(pairs)], pairs, strict=True):
        found[ToyDesign(dim=dim)] = factory.measurement(np.arange(n) < share * n, ms)
    return found


def visit(page=None):
    app = AppTest.from_file(ROUTER, default_timeout=PATIENCE_S).run()
    return app if page is None else app.switch_page(f"../../pages/{page}").run()


def finish():
    until = time.monotonic() + PATIENCE_S
    while any(job.running for job in jobs._JOBS.values()):
        assert time.monotonic() < until
        time.sleep(0.02)


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


def test_where_lower_is_better_the_lower_is_drawn_up():
    fast, best = circles(thumbnail([(1, 0.9), (10, 0.2)], "lower", "two"), "front")
    assert fast[0] < best[0] and best[1] < fast[1]


@pytest.mark.parametrize("points", [[(1, 0.5)], [(1, 0.5)] * 3])
def test_one_place_is_drawn_in_the_middle(points):
    assert set(circles(thumbnail(points, "higher", "same"), "front")) == {(120.0, 48.0)}


@pytest.mark.parametrize("points", [[], [(0, 0.5)], [(-1, 0.5)], [(1, float("nan"))], [(float("inf"), 0.5)]], ids=str)
def test_what_cannot_be_drawn_is_refused(points):
    with pytest.raises(ValueError, match="a thumbnail needs"):
        thumbnail(points, "higher", "none")


def test_words_in_a_thumbnail_are_escaped():
    assert "<b>" not in thumbnail([(1, 0.5)], "higher", "<b>")


def test_a_thumbnail_in_words():
    assert thumbnails.in_words("AP", [(0.5, 0.25)]) == "1 design run here: AP 0.250 at p50 500 µs."
    two = "2 designs run here: AP 0.250 to 0.500, p50 500 µs to 2 ms. Up is better, left is faster."
    assert thumbnails.in_words("AP", [(0.5, 0.25), (2.0, 0.5)]) == two


# -- the gallery -----------------------------------------------------------------------------------------------------


def test_what_has_not_run_is_not_drawn():
    app = visit()
    assert not app.exception
    assert not any("kp-thumb" in text.value for text in app.markdown)
    assert sum("Not run yet" in caption.value for caption in app.caption) == len(CASES)
    assert {f"home.run.{case.slug}" for case in CASES} <= {button.key for button in app.button}


def test_a_press_runs_a_small_sweep_and_draws_its_frontier(monkeypatch, nothing_measured):
    case = BY_SLUG["people_you_may_know"]
    ran = []

    def work(job, of, designs, seed):
        ran.extend(designs)
        for at, design in enumerate(designs):
            measured = factory.measurement([0.1 * (at + 1)] * 20, 1.0 + at)
            nothing_measured.add(of, design, seed, renamed(measured, of))
            job.done += 1

    monkeypatch.setattr(jobs, "_sweep", work)
    app = visit()
    app.button(key=f"home.run.{case.slug}").click().run()
    finish()
    app.run()
    assert not app.exception
    (drawn,) = [text.value for text in app.markdown if "kp-thumb" in text.value]
    assert case.baseline in ran and drawn.count("<circle") >= len(set(ran)) and "measured" in drawn
    assert f"home.run.{case.slug}" not in {button.key for button in app.button}


def test_a_sweep_whose_designs_all_fail_is_told_and_can_be_tried_again(monkeypatch):
    case = BY_SLUG["people_you_may_know"]

    def work(job, of, designs, seed):
        job.errors += [Row(design, None, "DataError: the file is corrupt") for design in designs]
        job.done = len(designs)

    monkeypatch.setattr(jobs, "_sweep", work)
    app = visit()
    app.button(key=f"home.run.{case.slug}").click().run()
    finish()
    app.run()
    assert any("the file is corrupt" in caption.value for caption in app.caption) and not app.exception
    assert f"home.run.{case.slug}" in {button.key for button in app.button}


def renamed(measured, case):
    return replace(measured, quality={case.qualities[0].key: measured.quality[factory.KEY]})


def test_the_sentence_stands_on_home_with_its_badge_and_leads_to_the_knee(nothing_measured):
    case = BY_SLUG["visual_search"]
    other = [design for design in gallery.spread(case.Design(), 3, families=gallery.SHOWN)]
    for design, (ms, share) in zip(other, ((1.0, 0.2), (2.0, 0.8), (40.0, 0.9)), strict=True):
        nothing_measured.add(case, design, 0, renamed(factory.measurement(np.arange(400) < share * 400, ms), case))
    app = visit()
    assert not app.exception
    (sentence,) = [text.value for text in app.markdown if "From the fastest design" in text.value]
    assert "0.200 to 0.800" in sentence and 'class="kp-badge measured"' in sentence
    (link,) = [link for link in app.get("page_link") if "at the knee" in link.proto.label]
    opened, _, notes = from_query(case.Design, dict(parse_qsl(link.proto.query_string)))
    assert opened == other[1] and not notes


# -- the paths -------------------------------------------------------------------------------------------------------


def test_four_paths_have_three_steps_each_to_pages_that_there_are():
    links = [link.proto for link in visit().get("page_link")]
    steps = [link for link in links if link.label[:3] in ("1. ", "2. ", "3. ")]
    addresses = {file.stem for file in pages.PAGES.glob("*.py")} - {"home"} | {""}
    assert len(steps) == 4 * paths.STEPS
    assert {link.page for link in links} <= addresses
    assert all(len(link.label) <= 40 for link in steps)  # on a phone a longer one is cut off


def test_every_link_of_a_path_is_read_by_its_page_without_a_correction():
    for link in (each.proto for each in visit().get("page_link")):
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


def test_a_step_to_a_page_that_is_not_there_is_left_out_and_the_next_one_takes_its_place(monkeypatch):
    monkeypatch.setattr(pages, "find", lambda address: None if address == "nosuch" else f"page {address}")
    steps = [paths.Step(address, address) for address in ("truth", "nosuch", "glossary", "home", "truth")]
    found = paths.there(paths.Path("Who", "Why", tuple(steps)))
    assert [(step.words, page) for step, page in found] == [(w, f"page {w}") for w in ("truth", "glossary", "home")]
    assert paths.there(paths.Path("Who", "Why", (paths.Step("b", "nosuch"),))) == []


def test_the_ledger_of_the_server_is_left_alone():
    assert gallery.RESULTS is not RESULTS
