"""Predictions against what was measured, and the score by hand."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.catalog import BY_SLUG
from core.interview.predict import Answered, direction, figures_to_predict, reveal, score
from core.runtime.recorded import Recorded
from core.runtime.results import Results
from core.serving import slo
from core.ui import page_run
from core.ui.case.prediction import HeldRun
from tests.factory import KEY, evaluated, measurement
from tests.page_driver import PATIENCE_S, link_to, visit
from tests.toy_case import ToyDesign

RNG = np.random.default_rng(0)
PER_QUERY = RNG.uniform(0.0, 0.4, 200)
LOW = evaluated(measurement(PER_QUERY, 10.0))
HIGH = evaluated(measurement(PER_QUERY + 0.5, 30.0, memory_bytes=2**31))
CASE = BY_SLUG["visual_search"]


def test_the_reader_is_asked_about_quality_p99_and_cost():
    assert list(figures_to_predict(LOW, HIGH)) == [KEY, "load_p99_ms", "usd"]


def test_what_a_busy_machine_leaves_open_is_not_asked():
    busy = evaluated(measurement(PER_QUERY, 10.0, noise=50.0))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(slo, "TOO_BUSY", 2.0)
        assert list(figures_to_predict(LOW, busy)) == [KEY]


def test_what_was_said_is_held_against_what_was_measured():
    said = {KEY: "up", "load_p99_ms": "down", "usd": "up"}
    found = reveal(said, 0.8, LOW, HIGH)
    assert [(each.measured, each.right) for each in found] == [("up", True), ("up", False), ("up", True)]
    assert [each.measured for each in reveal(said, 0.8, HIGH, LOW)] == ["down"] * 3


def test_a_difference_within_noise_is_the_same():
    noisy = evaluated(measurement(PER_QUERY + RNG.normal(0, 0.05, 200), 10.5))
    found = reveal({KEY: "same", "load_p99_ms": "same"}, 0.5, LOW, noisy)
    assert [each.measured for each in found] == ["same", "same"]
    assert direction(type("C", (), {"distinguishable": True, "before": 1.0, "after": 1.0})) == "same"


def test_a_figure_that_one_design_lacks_is_left_out():
    assert reveal({"nothing": "up"}, 0.5, LOW, HIGH) == []


@pytest.mark.parametrize(("said", "sure"), [({KEY: "sideways"}, 0.5), ({KEY: "up"}, 1.5), ({KEY: "up"}, float("nan"))])
def test_impossible_predictions_are_refused(said, sure):
    with pytest.raises(ValueError, match=r"direction|confidence"):
        reveal(said, sure, LOW, HIGH)


def test_the_score_by_hand():
    kept = [Answered("a", "up", "up", 0.8), Answered("b", "up", "down", 0.6)]
    done = score(kept)
    assert (done.n, done.right) == (2, 0.5) and done.sure == pytest.approx(0.7)
    assert done.brier == pytest.approx((0.2**2 + 0.6**2) / 2)
    assert score([]) is None


def test_the_recorded_mark_of_a_design_that_is_held_back_is_held_back_too(monkeypatch):
    held, other = ToyDesign(dim=4), ToyDesign(dim=64)
    kept = [Recorded(design, LOW.seed, LOW.measured, "a Xeon", "2026-11-28") for design in (held, other)]
    monkeypatch.setattr(page_run, "on_record", lambda case: kept)
    monkeypatch.setattr(page_run, "RESULTS", Results())  # in which no other test has measured a toy
    run = HeldRun(LOW.case, LOW.scenario, LOW, LOW, held_back=held)
    assert [one.design for one, _ in run.recorded()] == [other]


def page_that_asks():
    """A page that draws what `shown` gives, as a script of its own for AppTest."""
    import streamlit as st

    from core.catalog import BY_SLUG
    from core.ui import controls, page_run
    from core.ui.case import prediction

    case = BY_SLUG["visual_search"]
    run = page_run.measure(case, *controls.panel(case))
    drawn = prediction.shown(run)
    spoilt = run.present.design in drawn.known()
    p99_ms = drawn.present.scenario.requirements.p99_ms
    st.text(f"{prediction.holds(run)} dim {drawn.present.design.dim} {spoilt} {p99_ms:g}")
    prediction.section(run)


def asked_page(**link):
    app = AppTest.from_function(page_that_asks, default_timeout=PATIENCE_S)
    for part in ("Requirements and SLO", "Data conditions", "Advanced"):
        app.session_state[f"{CASE.slug}.{part}.open"] = True
    app.query_params.update(link_to(CASE, predict="on", **link))
    return app.run()


def turn(app, knob, option):
    return app.select_slider(key=f"{CASE.slug}.{knob}").set_value(option).run()


def shown_on(app):
    assert not app.exception, app.exception
    return app.text[0].value


def question(app):
    return [each.value for each in app.markdown if "You moved" in each.value]


def test_after_a_move_the_figures_are_held_back_until_the_reader_answers():
    app = asked_page()
    assert shown_on(app) == "False dim 64 True 100" and question(app) == []
    turn(app, "dim", 32)
    assert shown_on(app) == "True dim 64 False 100"  # the chart and the tiles stay where they were
    assert question(app) == ["**You moved embedding size 64 → 32.** Which way does each figure go?"]
    asked = {group.key.rpartition(".")[2]: group for group in app.button_group if ".predict." in group.key}
    assert list(asked) == ["ndcg@10", "load_p99_ms", "usd"]
    asked["usd"].set_value("up")
    app.button(key=f"{CASE.slug}.predict.reveal").click().run()
    assert shown_on(app) == "False dim 32 True 100" and question(app) == []
    (answered,) = app.session_state[f"{CASE.slug}.predict.kept"]
    assert answered.label == "cost per month" and answered.predicted == "up" and answered.sure == pytest.approx(0.7)
    assert any("of 1 predictions were right" in caption.value for caption in app.caption)


def test_a_skipped_question_lets_the_figures_go_and_scores_nothing():
    app = turn(asked_page(), "dim", 32)
    app.button_group(key=f"{CASE.slug}.predict.usd").set_value("down")
    app.button(key=f"{CASE.slug}.predict.skip").click().run()
    assert shown_on(app) == "False dim 32 True 100" and not app.session_state[f"{CASE.slug}.predict.kept"]
    turn(app, "dim", 16)
    assert app.button_group(key=f"{CASE.slug}.predict.usd").value is None  # a new question has no old answer


def test_a_second_move_before_the_answer_is_part_of_the_question_and_a_move_back_ends_it():
    app = turn(turn(asked_page(), "dim", 32), "effort", 32)
    assert shown_on(app).startswith("True dim 64")
    assert "embedding size 64 → 32" in question(app)[0] and "16 → 32" in question(app)[0]
    turn(turn(app, "dim", 64), "effort", 16)
    assert shown_on(app).startswith("False dim 64") and question(app) == []


def test_requirements_change_at_once_while_a_design_is_held_back():
    app = turn(asked_page(), "dim", 32)
    app.text_input(key=f"{CASE.slug}.text.p99_ms").set_value("250").run()
    assert shown_on(app) == "True dim 64 False 250"


def test_other_data_or_no_prediction_is_no_question():
    app = turn(asked_page(), "arrivals", 0.1)
    assert shown_on(app).startswith("False") and question(app) == []
    turn(app, "dim", 32)
    app.toggle(key=f"{CASE.slug}.predict").set_value(False).run()
    assert shown_on(app).startswith("False dim 32") and question(app) == []


def test_on_the_case_page_the_question_is_asked_by_link():
    app = visit(CASE, link_to(CASE, predict="on"))
    assert not app.exception and app.query_params["predict"] == "on"
    turn(app, "dim", 8)
    assert len(question(app)) == 1


def test_without_the_link_nobody_is_asked():
    app = turn(visit(CASE), "dim", 8)
    assert not any(".predict." in (group.key or "") for group in app.button_group) and question(app) == []
