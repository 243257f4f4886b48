"""Predictions against what was measured, and the score by hand."""

import numpy as np
import pytest

from core.catalog import BY_SLUG
from core.interview.predict import Answered, direction, figures_to_predict, reveal, score
from tests.factory import KEY, evaluated, measurement
from tests.test_pages import link_to, visit

RNG = np.random.default_rng(0)
PER_QUERY = RNG.uniform(0.0, 0.4, 200)
LOW = evaluated(measurement(PER_QUERY, 10.0))
HIGH = evaluated(measurement(PER_QUERY + 0.5, 30.0, memory_bytes=2**31))


def test_the_reader_is_asked_about_quality_time_and_memory():
    assert list(figures_to_predict(LOW)) == [KEY, "p99_ms", "memory_bytes"]


def test_what_was_said_is_held_against_what_was_measured():
    said = {KEY: "up", "p99_ms": "down", "memory_bytes": "up"}
    found = reveal(said, 0.8, LOW, HIGH)
    assert [(each.measured, each.right) for each in found] == [("up", True), ("up", False), ("up", True)]
    assert [each.measured for each in reveal(said, 0.8, HIGH, LOW)] == ["down"] * 3


def test_a_difference_within_noise_is_the_same():
    noisy = evaluated(measurement(PER_QUERY + RNG.normal(0, 0.05, 200), 10.5))
    found = reveal({KEY: "same", "p99_ms": "same"}, 0.5, LOW, noisy)
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


def test_on_the_page_a_prediction_is_asked_by_link_and_revealed_after_the_move():
    case = BY_SLUG["visual_search"]
    app = visit(case, link_to(case, predict="on"))
    assert not app.exception and app.query_params["predict"] == "on"
    key = f"{case.slug}.predict."
    groups = {group.key: group for group in app.button_group}
    groups[f"{key}memory_bytes"].set_value("down").run()
    app.select_slider(key=f"{case.slug}.dim").set_value(8).run()
    assert not app.exception
    (answered,) = app.session_state[f"{key}kept"]
    assert (answered.label, answered.predicted, answered.measured, answered.right) == (
        "memory per replica",
        "down",
        "down",
        True,
    )
    assert any("100% of 1 predictions were right" in caption.value for caption in app.caption)


def test_without_the_link_nobody_is_asked():
    case = BY_SLUG["visual_search"]
    assert not any(".predict." in (group.key or "") for group in visit(case).button_group)
