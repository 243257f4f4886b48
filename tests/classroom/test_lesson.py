"""A lesson is checked as it is made and as it is read, and says what a design may not change."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from core.classroom.lesson import goal_text, goals, read_lesson
from core.contract.design import canonical, knobs, to_query
from tests.classroom.made import CASE, KEY, lesson


def test_a_lesson_comes_back_from_its_json():
    made = lesson(seed=7, locked=("index",), hidden=("encoder",), predicts=True, minutes=20)
    assert read_lesson(made.model_dump_json()) == made
    assert (made.design, made.seed) == (CASE.Design(), 7)


def test_the_goal_is_told_with_its_bounds():
    asked = {"p99_ms": 5.0, "budget_usd": 300.0, "quality_floor": None, "freshness_h": None}
    assert (
        goal_text(lesson(requirements=asked))
        == "Highest nDCG@10 with p99\u00a0≤\u00a05\u00a0ms and ≤\u00a0$300\u00a0per\u00a0month"
    )
    cheapest = lesson(requirements=asked | {"quality_floor": 0.4}, goal="usd")
    assert goal_text(cheapest).startswith("Lowest cost per month with") and "nDCG@10\u00a0≥\u00a00.4" in goal_text(
        cheapest
    )


def test_what_is_fixed_is_put_back_and_told_unless_it_is_hidden():
    made = lesson(locked=("index",), hidden=("encoder",))
    other = next(option for option in knobs(CASE.Design)["index"].options if option != made.design.index)
    strayed = canonical(replace(made.design, index=other))
    assert made.kept(strayed) == made.design
    (sentence,) = made.strays(strayed)
    assert "ANN index is fixed" in sentence
    encoder = next(option for option in knobs(CASE.Design)["encoder"].options if option != made.design.encoder)
    secret = canonical(replace(made.design, encoder=encoder))
    assert made.kept(secret).encoder == made.design.encoder and not any(
        "ncoder" in said for said in made.strays(secret)
    )


def test_the_data_is_the_same_for_everybody():
    data = {name for name, knob in knobs(CASE.Design).items() if knob.family == "data"}
    assert data and data <= set(lesson().fixed)
    assert "dim" not in lesson().fixed


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        ({"case": "nope"}, "no case"),
        ({"start": {"dim": "7777777"}}, "dim|Embedding"),
        ({"locked": ("wheel",)}, "no knob"),
        ({"hidden": ("__class__",)}, "no knob"),
        ({"goal": "fun"}, "no goal"),
        ({"minutes": 9_999}, "240"),
        ({"requirements": {"p99_ms": -5.0}}, "p99_ms"),
        ({"requirements": {"p99_ms": None}}, "needs a value"),
        ({"requirements": {"colour": 1.0}}, "each once"),
        ({"script": "x"}, "xtra"),
    ],
)
def test_a_lesson_that_cannot_be_held_is_refused_with_the_reason(parts, why):
    with pytest.raises(ValidationError, match=why):
        lesson(**parts)


@pytest.mark.parametrize(
    "text", ["", "[]", "null", "[" * 9_000, '{"case": 1}', "1" * 20_000, '{"a": NaN}', b"\xff\xfe"]
)
def test_a_text_that_is_no_lesson_is_refused_with_a_sentence(text):
    with pytest.raises(ValueError, match="This is no lesson") as told:
        read_lesson(text)
    assert len(str(told.value)) < 300


LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=20)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
)


@given(VALUES, st.sampled_from(["case", "start", "locked", "requirements", "goal", "minutes", "predicts"]))
def test_any_value_of_any_field_is_taken_or_refused_with_a_sentence(value, field):
    whole = json.loads(lesson().model_dump_json()) | {field: value}
    try:
        read_lesson(json.dumps(whole))
    except ValueError as error:
        assert str(error).startswith("This is no lesson")


def test_every_goal_can_be_asked_for():
    assert next(iter(goals(CASE))) == KEY
    assert all(lesson(goal=key).push.key == key for key in goals(CASE))
    assert lesson(CASE.baseline).start == to_query(CASE.baseline, 0)
