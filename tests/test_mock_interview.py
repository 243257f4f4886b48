"""Curve-balls, the record of a rehearsal, its transcript, and a whole rehearsal on the real pages."""

import json
import time
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from core.catalog import BY_SLUG, CASES
from core.contract.design import canonical, knobs
from core.contract.interview_spec import STEPS
from core.interview.curveballs import curveballs, drawn
from core.interview.mock_interview import (
    MINUTES,
    VERSION,
    Rehearsal,
    from_json,
    judge_ball,
    planned,
    to_json,
    transcript,
)
from core.ui.home import gallery
from tests.test_pages import ROUTER, go, link_to

CASE = BY_SLUG["visual_search"]
each_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.slug)


@pytest.fixture(autouse=True)
def no_sweep_behind_the_tests(monkeypatch):
    monkeypatch.setattr(gallery, "SAMPLE", 0)


# -- curve-balls -----------------------------------------------------------------------------------------------------


@each_case
def test_every_ball_changes_something_and_stays_valid(case):
    needs, design = case.requirements, case.Design()
    balls = curveballs(case, needs, design)
    assert {"traffic", "p99", "budget", "regulation", "updates"} < {ball.id for ball in balls}
    assert len({ball.text for ball in balls}) == len(balls)
    for ball in balls:
        assert (ball.requirements, ball.design) != (needs, design)
        assert canonical(ball.design) == ball.design and ball.text.endswith(".")
        changed = {name for name in knobs(case.Design) if getattr(ball.design, name) != getattr(design, name)}
        assert not changed or knobs(case.Design)[ball.id.removeprefix("data ")].family == "data"


def test_by_hand_what_the_balls_ask():
    needs = replace(CASE.requirements, budget_usd=300.0, p99_ms=100.0)
    balls = {ball.id: ball.requirements for ball in curveballs(CASE, needs, CASE.Design())}
    assert balls["traffic"].peak_rps == pytest.approx(10 * needs.peak_rps)
    assert (balls["p99"].p99_ms, balls["budget"].budget_usd, balls["regulation"].quality_floor) == (20.0, 150.0, 0.99)
    assert (balls["updates"].new_items_a_day, balls["updates"].freshness_h) == (86_400_000, 1.0)


def test_the_seed_decides_the_order_and_every_ball_comes_once():
    needs, design = CASE.requirements, CASE.Design()
    n = len(curveballs(CASE, needs, design))
    order = [drawn(CASE, needs, design, 7, thrown).id for thrown in range(n)]
    assert len(set(order)) == n and order == [drawn(CASE, needs, design, 7, thrown).id for thrown in range(n)]
    assert any(order != [drawn(CASE, needs, design, seed, thrown).id for thrown in range(n)] for seed in range(8, 12))


# -- the record ------------------------------------------------------------------------------------------------------


def held():
    made = Rehearsal("visual_search", 3, 1_000.0)
    made.add(1_010.0, "design", "the first", {"nDCG@10": "0.8"})
    return made


def test_a_ball_that_breaks_something_is_mended_after_the_time_it_took():
    made = held()
    made.add(1_100.0, "ball", "Ten times the traffic.")
    judge_ball(made, 1_101.0, ["cost 500 where 400 was asked"], {})
    judge_ball(made, 1_130.0, ["cost 450 where 400 was asked"], {})
    judge_ball(made, 1_190.0, [], {})
    judge_ball(made, 1_200.0, ["cost 500 where 400 was asked"], {})
    assert [(e.kind, e.at_s) for e in made.entries[2:]] == [("broke", 101.0), ("fixed", 190.0)]
    assert made.entries[-1].text == "mended after 1:30" and made.open_ball is None


def test_a_ball_that_breaks_nothing_is_held():
    made = held()
    judge_ball(made, 1_050.0, ["never thrown"], {})
    made.add(1_100.0, "ball", "Half the budget.")
    judge_ball(made, 1_101.0, [], {})
    assert [e.kind for e in made.entries[1:]] == ["ball", "held"]


def test_the_plan_is_the_usual_split():
    assert sum(MINUTES.values()) == 45 and list(MINUTES) == list(STEPS)
    assert planned(0.0) == ("clarify", 2_700.0) and planned(299.0)[0] == "clarify" and planned(300.0)[0] == "frame"
    assert planned(2_699.0) == ("monitoring", 1.0) and planned(4_000.0)[0] == "monitoring"


def test_a_transcript_tells_everything_as_it_was_typed():
    made = held()
    made.notes["data"] = "<script>alert(1)</script> | a *table*"
    made.grades["baseline"] = "well"
    made.add(1_020.0, "end", "The rehearsal was ended.")
    text = transcript(made, CASE.title)
    assert "0:10 **Design** the first (nDCG@10 0.8)" in text and "| well |" in text and "nothing written" in text
    assert "<script>" not in text and "\\*table\\*" in text
    assert from_json(to_json(made)) == made


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not a transcript"),
        ("[1, 2]", "not a transcript"),
        ('{"version": 1}', "not a transcript"),
        (json.dumps({**json.loads(to_json(held())), "version": VERSION + 1}), "version 2"),
        (json.dumps({**json.loads(to_json(held())), "step": "coffee"}), "not a transcript"),
        (json.dumps({**json.loads(to_json(held())), "grades": {"luck": "well"}}), "not a transcript"),
        (to_json(held())[:-20], "not a transcript"),
    ],
)
def test_another_version_or_no_transcript_is_told(text, said):
    with pytest.raises(ValueError, match=said):
        from_json(text)


def test_a_long_rehearsal_stays_bounded():
    made = held()
    for i in range(2_000):
        made.add(1_000.0 + i, "step", "x" * 10_000)
    assert len(made.entries) == 500 and max(len(e.text) for e in made.entries) == 4_000


# -- on the pages ----------------------------------------------------------------------------------------------------


def rehearsing(case=CASE, seed=None):
    app = AppTest.from_file(ROUTER, default_timeout=300).run()
    go(app, "rehearsal.py", {"case": case.slug, **({} if seed is None else {"seed": str(seed)})})
    assert not app.exception
    app.button(key="rehearsal.begin").click().run()
    return go(app, f"{case.slug}.py")


def test_a_whole_rehearsal_from_the_first_question_to_the_transcript():
    app = rehearsing(seed=1)
    assert not app.exception
    app.text_area(key="rehearsal.note.clarify").set_value("How many images?").run()
    app.button(key="rehearsal.next").click().run()
    needs, kinds = None, set()
    for _ in range(4):
        app.button(key="rehearsal.throw").click().run()
        assert not app.exception
        held = app.session_state["rehearsal"]
        kinds |= {entry.kind for entry in held.entries}
        needs = app.query_params
    assert {"step", "design", "ball", "broke"} <= kinds
    assert needs != link_to(CASE)
    app.button(key="rehearsal.end").click().run()
    assert not app.exception
    assert "How it went" in [each.value for each in app.subheader]  # the end leads to the transcript
    text = transcript(app.session_state["rehearsal"], CASE.title)
    assert "How many images?" in text and text.count("Curve-ball") == 4 and "nDCG@10 0." in text


def test_nobody_who_does_not_rehearse_sees_a_clock():
    app = go(AppTest.from_file(ROUTER, default_timeout=300).run(), "visual_search.py")
    assert not any("rehearsal" in (button.key or "") for button in app.button)


def test_two_tabs_rehearse_apart():
    one, other = rehearsing(seed=1), rehearsing(seed=2)
    one.button(key="rehearsal.throw").click().run()
    assert one.session_state["rehearsal"].balls == 1 and other.session_state["rehearsal"].balls == 0
    assert other.query_params["daily_users"] == f"{CASE.requirements.daily_users:.15g}"


@pytest.mark.parametrize("link", [{"case": "no_such_case"}, {"case": "ad_click", "seed": "<b>"}, {"seed": "9" * 50}])
def test_a_bad_link_to_the_rehearsal_still_opens(link):
    app = go(AppTest.from_file(ROUTER, default_timeout=300).run(), "rehearsal.py", link)
    assert not app.exception and app.selectbox(key="rehearsal.case").value in BY_SLUG


def test_time_goes_on_while_nothing_is_done():
    made = Rehearsal("visual_search", 0, time.time() - 60)
    made.add(time.time(), "step", "later")
    assert 59 <= made.entries[0].at_s <= 62
