"""What one steers on a case page: its first screen, undo and redo, knobs that do nothing, and tabs that wait."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.cases import skeleton
from core.catalog import BY_SLUG, CASES
from core.contract.case import SEED
from core.contract.design import canonical, knobs, neighbours
from core.runtime import recorded
from core.runtime.results import Results
from core.serving.evaluate import evaluate
from core.serving.scenario import Scenario
from core.ui import page_run
from core.ui.case import parts, sections
from core.ui.home import gallery
from tests.cases_of_tests import few_or_all
from tests.page_driver import (
    FIRST_SCREEN,
    PATIENCE_S,
    can_press,
    changed,
    containers,
    design_of,
    link_to,
    open_tab,
    place,
    press,
    stands,
    tab_titles,
    tiles,
    told,
    visit,
    widgets,
)

each_case = few_or_all(CASES)
CASE = BY_SLUG["visual_search"]


@pytest.fixture(scope="module", autouse=True)
def no_sweep_behind_the_tests():
    """Home asks for no designs."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(gallery, "SAMPLE", 0)
        yield


def moves_of(case, n=2):
    """Designs that differ from the default in one knob that is no data condition, each in another."""
    by_knob = {}
    for name, design in neighbours(case.Design()):
        if knobs(case.Design)[name].family != "data":
            by_knob.setdefault(name, design)
    return list(by_knob.items())[:n]


def turn(app, case, name, design):
    return widgets(app, case)[name].set_value(getattr(design, name)).run()


def marks(app):
    """{the role of a mark on the chart: how many there are}."""
    (chart,) = place(app, "tradeoff").get("plotly_chart")
    found = {}
    for trace in json.loads(chart.proto.spec)["data"]:
        role = trace.get("meta")
        found[role] = found.get(role, 0) + len(trace.get("x") or ())
    return found


@each_case
def test_a_page_opens_on_its_requirements_four_tiles_the_chart_one_request_and_what_changed(case):
    app = visit(case)
    assert containers(app) == [*FIRST_SCREEN]
    quality, p99, cost, verdict = tiles(app)
    assert (p99.label, cost.label, verdict.label) == ("p99 under load", "cost per month", "Meets the SLO?")
    assert quality.label == case.qualities[0].label and re.search("±|[0-9]–[0-9]", quality.value)
    assert all(tile.value and tile.words for tile in (quality, p99, cost, verdict))
    assert verdict.value in ("✓ Yes", "✗ No", "? Cannot say")
    assert place(app, "slo").markdown[0].value.startswith('<div class="kp kp-slo">')


@each_case
def test_no_part_of_a_page_carries_the_style_of_figures_and_no_chart_a_template(case):
    app = visit(case)
    assert app.markdown and not [part.value[:60] for part in app.markdown if ".kp-figure{" in part.value]
    assert "template" not in json.loads(place(app, "tradeoff").get("plotly_chart")[0].proto.spec)["layout"]
    assert sum(".kp-figure{" in element.proto.body for element in app.get("html")) == 1


@each_case
def test_a_moved_knob_is_told_and_leaves_a_trail_that_undo_and_redo_walk(case):
    app = visit(case)
    (first, one), (second, _) = moves_of(case)
    assert changed(app).startswith("**Vs baseline.**")
    assert not can_press(app, "Undo") and not can_press(app, "Redo")
    turn(app, case, first, one)
    knob = knobs(case.Design)[first]
    assert changed(app).startswith("**What changed.**") and knob.named(one) in changed(app)
    assert f"{knob.text(getattr(case.Design(), first))} → {knob.text(getattr(one, first))}" in changed(app)
    name = second if second in widgets(app, case) else first
    here = design_of(app, case)[0]
    other = next(each for each in knobs(case.Design)[name].offered(here) if each != getattr(here, name))
    widgets(app, case)[name].set_value(other).run()
    last, before = design_of(app, case), changed(app)
    attempts = attempts_of(app, case)
    assert len(attempts) == 3

    press(app, "Undo")
    assert design_of(app, case) == (here, SEED) and changed(app) != before
    press(app, "Undo")
    assert design_of(app, case) == (case.Design(), SEED) and not can_press(app, "Undo")
    assert changed(app).startswith("**Vs baseline.**")
    press(app, "Redo")
    press(app, "Redo")
    assert design_of(app, case) == last and changed(app) == before and not can_press(app, "Redo")
    assert set(attempts_of(app, case)) == set(attempts)
    stands(app, case)


def attempts_of(app, case):
    """The designs that the session has opened."""
    return list(dict.fromkeys(app.session_state[f"{case.slug}.opened"]))


def test_the_previous_designs_stay_on_the_chart_as_a_trail():
    app = visit(CASE)
    assert marks(app).get("present") and not marks(app).get("trail")
    (name, design), *_ = moves_of(CASE, 1)
    turn(app, CASE, name, design)
    assert marks(app)["present"] == 1 and marks(app)["trail"] >= 1


@each_case
def test_a_knob_that_does_nothing_is_not_drawn_and_comes_back_as_it_was_set(case):
    found = next(switched_off(case), None)
    if found is None:
        pytest.skip("every knob of this case always does something")
    name, option, switch, start, off = found
    app = visit(case, link_to(case, start))
    assert widgets(app, case)[name].value == option
    back = getattr(start, switch)
    widgets(app, case)[switch].set_value(off).run()
    stands(app, case)
    assert name not in widgets(app, case)
    app.run()
    widgets(app, case)[switch].set_value(back).run()
    stands(app, case)
    assert widgets(app, case)[name].value == option and design_of(app, case) == (start, SEED)


def switched_off(case):
    """(knob, an option that is not its default, another knob, a design, that one's option that turns the first off)."""
    for name, each in knobs(case.Design).items():
        option = next(o for o in reversed(each.options) if o != each.default)
        start = replace(case.Design(), **{name: option})
        if canonical(start) != start or not each.active(start) or option not in each.offered(start):
            continue
        for switch, other in knobs(case.Design).items():
            for off in other.offered(start) if other.active(start) and switch != name else ():
                if not each.active(canonical(replace(start, **{switch: off}))):
                    yield name, option, switch, start, off


PARTS = [name for name in parts.__all__ if name != "told"]


@pytest.fixture
def called(monkeypatch):
    """The parts that a page has drawn, by name."""
    drawn = []
    for name in PARTS:
        monkeypatch.setattr(parts, name, lambda run, name=name: drawn.append(name))
    for name in ("notices", "published", "sources"):
        monkeypatch.setattr(sections, name, lambda *args, name=name: drawn.append(name))
    return drawn


@each_case
def test_only_the_open_tab_is_computed(case, called):
    app = visit(case)
    assert called == []
    found = {}
    for title in tab_titles(app, case):
        called.clear()
        open_tab(app, case, title)
        found[title] = set(called)
    assert {"all_metrics", "history"} <= found["Metrics"] and {"slo", "bill"} <= found["SLO & cost"]
    assert {"ablation", "sensitivity"} <= found["Quality loss"] and "load_curve" in found["Load & failure"]
    assert found["Checks"] == {"notices"} and found["Sources"] == {"published", "sources"}
    assert sum(len(names) for names in found.values()) == len(set.union(*found.values()))  # no part in two tabs
    called.clear()
    press(app, "Back to the baseline")
    assert set(called) == found["Sources"]  # which is still open
    open_tab(app, case, "Sources")
    called.clear()
    open_tab(app, case, None)
    assert called == []


def on_record(case, *designs):
    """The designs as another machine would have recorded them."""
    rows = [recorded.measurement(recorded.row(design, SEED, case.run(design, seed=SEED))) for design in designs]
    return tuple(
        recorded.Recorded(design, SEED, measured, "a Xeon of 2019", "2026-11-28")
        for design, measured in zip(designs, rows, strict=True)
    )


@pytest.fixture
def records(monkeypatch):
    """The default and the baseline are on record, and nothing has been measured here."""
    kept = on_record(CASE, CASE.Design(), CASE.baseline)
    monkeypatch.setattr(page_run, "recorded_designs", lambda case: kept if case.slug == CASE.slug else ())
    monkeypatch.setattr(page_run, "RESULTS", Results())
    return kept


def test_a_page_shows_what_was_recorded_until_it_is_measured_here(records, monkeypatch):
    real = page_run.measure
    monkeypatch.setattr(page_run, "measure", lambda *args: None)  # the measurement has not come yet
    app = visit(CASE)
    assert not app.exception
    quality, *others = tiles(app)
    assert {quality.badge, *(tile.badge for tile in others)} == {"recorded"}  # that of the verdict too
    assert "Recorded on a Xeon of 2019, 2026-11-28." in told(app)
    assert marks(app)["present"] == marks(app)["baseline"] == 1  # where they were recorded
    there = evaluate(CASE, CASE.Design(), records[0].measured, Scenario(CASE.requirements))
    kept = there.quality(CASE.qualities[0].key)
    assert quality.value in (
        f"{kept.value:.3f} {kept.low:.3f}–{kept.high:.3f}",
        f"{kept.value:.3f} ±{(kept.high - kept.low) / 2:.3f}",
    )

    monkeypatch.setattr(page_run, "measure", real)
    app.run()
    stands(app, CASE)
    assert "recorded" not in {tile.badge for tile in tiles(app)}
    assert "Xeon of 2019" not in " ".join(text.value for text in place(app, "tiles").markdown)
    assert marks(app)["present"] == 1 and "recorded" not in marks(app)  # both are measured here


def test_a_measured_design_needs_no_record(records):
    app = visit(CASE)
    run = page_run.recorded(CASE, CASE.Design(), SEED, Scenario(CASE.requirements))
    assert run is None
    stands(app, CASE)


def test_a_record_that_cannot_be_read_takes_nothing_from_the_page(monkeypatch):
    def unreadable(case):
        raise ValueError("holds no recorded measurements")

    monkeypatch.setattr(page_run, "recorded_designs", unreadable)
    monkeypatch.setattr(page_run, "RESULTS", Results())
    stands(visit(CASE), CASE)


def test_the_page_of_a_new_case_opens(monkeypatch):
    monkeypatch.setitem(BY_SLUG, "skeleton", skeleton.CASE)
    page = (Path(skeleton.__file__).parent / "page.py.txt").read_text()
    app = AppTest.from_string(page, default_timeout=PATIENCE_S).run()
    assert not app.exception and not app.error
    assert containers(app) == [*FIRST_SCREEN] and len(tiles(app)) == 4
    for title in ("SLO & cost", "Load & failure", "Pipeline", "Architecture", "Checks", "Sources"):
        open_tab(app, skeleton.CASE, title)
        assert not app.exception and not app.error, title
