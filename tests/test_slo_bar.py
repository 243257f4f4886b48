"""The requirements in one line and their fields: numbers as people write them, and text that is no number."""

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from core.serving.requirement_text import LIMITS, MUST
from core.ui.slo_bar import FIELDS, stated
from tests.factory import asked
from tests.toy_case import CASE

TEXTS = {"20M": 2e7, "1.5k": 1_500.0, "2,000,000": 2e6, "abc": None, "": None, "-1": -1.0}


def test_every_requirement_has_a_field():
    assert set(FIELDS) == set(LIMITS)


def test_the_line_states_every_requirement_in_a_few_words():
    slo = asked(2_300, 50, items=20e6, quality_floor=0.81, budget_usd=3_000.0, freshness_h=24.0, items_are="images")
    assert stated(CASE, slo) == [
        "20M images",
        "2.3k req/s peak",
        "p99 ≤ 50 ms",
        "precision@5 ≥ 0.81",
        "≤ $3,000/month",
        "≤ 24 h stale",
    ]


def test_what_is_not_required_is_not_stated_and_a_quality_of_which_less_is_better_has_a_ceiling():
    bare = asked(100, 250, items=None, quality_floor=None, budget_usd=None, freshness_h=None)
    assert stated(CASE, bare) == ["100 req/s peak", "p99 ≤ 250 ms"]
    fewer = replace(CASE, qualities=(replace(CASE.qualities[0], better="lower"),))
    assert "precision@5 ≤ 0.2" in stated(fewer, replace(bare, quality_floor=0.2))


def script():
    from core.ui import slo_bar, state
    from tests.toy_case import CASE

    notes = state.open_link(CASE)
    slo_bar.bar(CASE)
    design, seed = state.current(CASE)
    assert not notes
    state.write_link(CASE, design, seed, state.requirements(CASE))


@pytest.fixture
def app():
    """The line alone, with its fields open."""
    app = AppTest.from_function(script, default_timeout=120).run()
    app.session_state["toy.slo.open"] = True
    app.run()
    assert not app.exception
    return app


def field(app, name):
    return app.text_input(key=f"toy.text.{name}")


def wrong(app):
    return [caption.value for caption in app.caption if caption.value.startswith(":red[")]


def in_link(value):
    return "none" if value is None else f"{value:.15g}"


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("name", FIELDS)
def test_a_number_as_people_write_it_counts_and_any_other_text_loses_nothing(app, name, text):
    before, (low, high) = dict(app.query_params), LIMITS[name]
    field(app, name).set_value(text).run()
    assert not app.exception
    value = TEXTS[text]
    if (value is not None and low <= value <= high) or (text == "" and name not in MUST):
        assert not wrong(app)
        assert app.query_params == {**before, name: in_link(value)}
    else:
        (said,) = wrong(app)
        assert said.startswith(f":red[A number from {low:g} to ")
        assert field(app, name).value == text
        assert app.query_params == before
    field(app, name).set_value(in_link(high)).run()
    assert not wrong(app) and app.query_params == {**before, name: in_link(high)}


def test_a_number_stands_in_its_field_as_people_write_it(app):
    for name, text in (("items", "20000000"), ("daily_users", "2,000,000"), ("peak_factor", "2.50")):
        field(app, name).set_value(text).run()
    app.session_state["toy.slo.open"] = False
    app.run()
    app.session_state["toy.slo.open"] = True
    app.run()
    assert [field(app, name).value for name in ("items", "daily_users", "peak_factor")] == ["20M", "2M", "2.5"]


def test_a_field_that_is_closed_on_bad_text_opens_on_it_with_the_reason(app):
    counts = dict(app.query_params)
    field(app, "items").set_value("many").run()
    said = wrong(app)
    app.session_state["toy.slo.open"] = False
    app.run()
    app.session_state["toy.slo.open"] = True
    app.run()
    assert field(app, "items").value == "many" and wrong(app) == said != [] and app.query_params == counts
    field(app, "items").set_value("3k").run()
    assert not wrong(app) and app.query_params["items"] == "3000"


def test_a_link_that_states_another_requirement_takes_the_place_of_bad_text(app):
    field(app, "items").set_value("many").run()
    app.query_params["items"] = "3000"
    app.run()
    assert field(app, "items").value == "3k" and not wrong(app)


def test_the_line_says_what_is_in_the_fields(app):
    field(app, "items").set_value("20M").run()
    field(app, "p99_ms").set_value("1.5k").run()
    line = next(text.value for text in app.markdown if 'class="kp kp-slo"' in text.value)
    assert "20M items" in line and "p99 ≤ 1.5 s" in line
