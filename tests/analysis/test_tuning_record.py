"""What is on record of tuning: as many settings for every model, and a line that says what came of them."""

import json
from collections.abc import Sequence

import pytest

from core.analysis import tuning_record
from core.analysis.tuning_record import NO_TUNING, recorded_tuning, tuning_line
from core.catalog import BY_SLUG
from core.contract.tuning_record import ModelTuning, OnTest
from tests.toy_case import CASE

RECORDED = recorded_tuning()


def record(*models):
    return {"toy": dict(metric="accuracy", split="a later week", recorded_on="2026-11-30", models=models)}


def model(name, best=0, test=None, settings: Sequence = ({"c": 1.0}, {"c": 2.0}), **more):
    return dict(model=name, settings=list(settings), scores=[0.5] * len(settings), best=best, test=test, **more)


@pytest.fixture
def said(tmp_path, monkeypatch):
    """The line of the toy case under a record."""

    def line(*models, **more):
        path = tmp_path / "tuning.json"
        path.write_text(json.dumps({CASE.slug: record(*models)["toy"] | more}))
        recorded_tuning.cache_clear()
        monkeypatch.setattr(tuning_record, "recorded_tuning", lambda: recorded_tuning(path))
        return tuning_line(CASE)

    yield line
    recorded_tuning.cache_clear()


@pytest.mark.parametrize("slug", RECORDED)
def test_every_model_of_a_recorded_case_got_as_many_settings_and_a_split_that_is_not_the_test(slug):
    assert {len(model.settings) for model in RECORDED[slug].models} == {8}
    assert all(model.scores[model.best] == max(model.scores) for model in RECORDED[slug].models)
    assert all((model.test is None) == (model.best == 0) for model in RECORDED[slug].models)
    assert "8 settings per model" in tuning_line(BY_SLUG[slug])


def test_a_case_without_a_record_says_so():
    assert tuning_line(CASE) == NO_TUNING


def test_the_line_tells_what_stands_what_makes_no_difference_and_what_is_not_in_use(said):
    noise = dict(in_use=0.5, mean=0.01, low=-0.01, high=0.03)
    worse = dict(in_use=0.5, mean=-0.02, low=-0.03, high=-0.01)
    line = said(model("one"), model("two", 1, noise), model("three", 1, worse))
    assert "2 settings per model, judged by accuracy on a later week (recorded 30 November 2026)" in line
    assert "best for one." in line and "no difference, for two." in line
    assert line.endswith("three -0.020 (-0.030 to -0.010; c 2.0).")


def test_the_line_names_what_was_trained_with_less_and_what_has_nothing_to_tune(said):
    line = said(model("one", reduced="for 300 of its 6,000 steps"), model("two"), untuned=["three", "four"])
    assert "Trained with less than the served model, for every setting: one for 300 of its 6,000 steps." in line
    assert line.endswith("Nothing to tune in three, four.")
    assert "Trained with less" not in said(model("one")) and "Nothing to tune" not in said(model("one"))


def test_every_model_s_fewest_settings_are_what_all_got(said):
    assert said(model("one"), model("two", settings=[{"c": 1.0}])).startswith("**Tuning:** 1 settings")


def test_scores_of_other_settings_are_refused():
    with pytest.raises(ValueError, match="2 scores of 1 settings"):
        ModelTuning("one", ({"c": 1.0},), (0.1, 0.2), 0)


@pytest.mark.parametrize(("low", "high", "told"), [(-0.1, 0.1, False), (0.01, 0.1, True), (-0.1, -0.01, True)])
def test_a_change_is_told_apart_where_its_interval_excludes_none(low, high, told):
    assert OnTest(0.5, 0.0, low, high).told_apart is told
