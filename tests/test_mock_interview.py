"""Curve-balls, the record of a rehearsal, its transcript, and a whole rehearsal on the real pages."""

import json
import time
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from core.catalog import BY_SLUG, CASES
from core.contract.design import canonical, knobs
from core.contract.interview_spec import STEPS
from core.formatting import markdown_text
from core.interview.curveballs import breaking, curveballs, drawn
from core.interview.mock_interview import MINUTES, Rehearsal, judge_balls, log_rows, planned, transcript
from core.interview.rooms import ROOMS
from core.interview.transcript_file import from_json, to_json
from core.runtime import recorded
from core.serving.slo import Constraint
from core.ui.home import gallery
from core.ui.interview import mock_interview_log
from tests import factory
from tests.page_driver import ROUTER, go, link_to

CASE = BY_SLUG["visual_search"]
COMMITTED = recorded.FOLDER
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


@pytest.fixture
def record(monkeypatch):
    """The committed record, which says what a ball breaks."""
    monkeypatch.setattr(recorded, "FOLDER", COMMITTED)
    breaking.cache.clear()
    yield
    breaking.cache.clear()


@each_case
@pytest.mark.parametrize("seed", range(4))
def test_the_first_ball_of_every_case_breaks_the_default_and_so_does_the_second_where_two_can(case, seed, record):
    needs, design = case.requirements, case.Design()
    bites = [drawn(case, needs, design, seed, thrown).id in breaking(case) for thrown in range(2)]
    assert bites == [True, len(breaking(case)) > 1]


def test_most_cases_have_two_balls_that_break_the_default(record):
    assert sum(len(breaking(case)) > 1 for case in CASES) >= 9 and "traffic" in breaking(CASE)


# -- the record ------------------------------------------------------------------------------------------------------


def held():
    made = Rehearsal("visual_search", 3, 1_000.0)
    made.add(1_010.0, "design", "the first", {"nDCG@10": "0.8"})
    return made


def cost(usd, budget):
    return Constraint("budget_usd", "cost", budget, usd, "$/month", "lower")


def p99(ms, noisy=False):
    return Constraint("p99_ms", "p99 at the load", 20.0, ms, "ms", "lower", noisy=noisy)


def judged(made, now_s, *constraints):
    judge_balls(made, now_s, constraints, {})


def test_a_ball_that_breaks_something_is_mended_after_the_time_it_took():
    made = held()
    judged(made, 1_050.0, cost(300, 400))
    made.throw(1_100.0, "Ten times the traffic.")
    judged(made, 1_101.0, cost(500, 400))
    judged(made, 1_130.0, cost(450, 400))
    judged(made, 1_190.0, cost(390, 400))
    judged(made, 1_200.0, cost(500, 400))  # broken again by the candidate's own move
    assert [(e.kind, e.at_s) for e in made.entries[2:]] == [("broke", 101.0), ("fixed", 190.0)]
    (ball,) = made.balls
    assert ball.outcome == "mended after 1:30" and not any(each.open for each in made.balls)
    assert ball.impact == "cost $500 per month, SLO $400 per month"


def test_a_ball_that_breaks_nothing_is_held():
    made = held()
    judged(made, 1_050.0, cost(300, 400))
    made.throw(1_100.0, "Half the budget.")
    judged(made, 1_101.0, cost(190, 200))
    assert [e.kind for e in made.entries[1:]] == ["ball", "held"] and made.balls[0].outcome == "the design held"


def test_a_ball_is_not_blamed_for_what_was_missed_before_it():
    """Two balls on a design that was over budget already: neither broke the cost."""
    made = held()
    judged(made, 1_050.0, cost(938, 400), p99(10))
    made.throw(1_100.0, "The budget is halved.")
    judged(made, 1_101.0, cost(938, 200), p99(10))
    made.throw(1_110.0, "Answer within 20 ms.")
    judged(made, 1_111.0, cost(938, 200), p99(24))
    first, second = made.balls
    assert first.broke == () and first.outcome == "nothing newly missed"
    assert first.impact == "missed before it as well: cost"
    assert second.broke == ("p99_ms",) and second.impact.startswith("p99 at the load 24") and second.open
    assert [e.kind for e in made.entries[1:]] == ["ball", "held", "ball", "broke"]


def test_each_open_ball_is_mended_by_itself():
    made = held()
    judged(made, 1_000.0, cost(300, 400), p99(10))
    made.throw(1_010.0, "Half the budget.")
    judged(made, 1_011.0, cost(300, 200), p99(10))
    made.throw(1_020.0, "Answer within 20 ms.")
    judged(made, 1_021.0, cost(300, 200), p99(24))
    assert [ball.text for ball in made.balls if ball.open] == ["Half the budget.", "Answer within 20 ms."]
    judged(made, 1_040.0, cost(300, 200), p99(15))
    assert [ball.text for ball in made.balls if ball.open] == ["Half the budget."]
    judged(made, 1_060.0, cost(150, 200), p99(15))
    assert [ball.outcome for ball in made.balls] == ["mended after 0:50", "mended after 0:20"]


def test_what_is_too_noisy_to_say_neither_breaks_nor_mends():
    made = held()
    made.throw(1_010.0, "Answer within 20 ms.")
    judged(made, 1_011.0, p99(24, noisy=True))
    assert made.balls[0].broke is None and made.balls[0].impact == "p99 at the load too noisy to say yet"
    judged(made, 1_020.0, p99(24))  # timed again, on a quiet machine
    assert made.balls[0].broke == ("p99_ms",)
    judged(made, 1_030.0, p99(15, noisy=True))
    assert made.balls[0].open
    judged(made, 1_040.0, p99(15))
    assert not made.balls[0].open


def test_a_move_of_the_candidate_is_not_blamed_on_a_ball_that_waits():
    made = held()
    made.throw(1_010.0, "Answer within 20 ms.")
    judge_balls(made, 1_011.0, [p99(24, noisy=True)], {}, moved=True)  # the ball itself may change the data
    judge_balls(made, 1_020.0, [p99(24)], {}, moved=True)
    assert made.balls[0].broke == () and made.balls[0].outcome == "not judged"


def test_a_value_whose_interval_spans_the_limit_is_not_blamed():
    made = held()
    made.throw(1_010.0, "Half the budget.")
    judged(made, 1_011.0, replace(cost(210, 200), band=(190, 230)))
    assert made.balls[0].outcome == "nothing newly missed"
    assert made.balls[0].impact == "cannot be judged: cost (within its interval)"


def test_the_clock_starts_once_and_nothing_before_it_counts():
    made = Rehearsal("visual_search", 3)
    made.add(500.0, "design", "the first")
    made.start(1_000.0)
    made.start(1_030.0)
    made.add(1_042.0, "step", "Data")
    assert [entry.at_s for entry in made.entries] == [0.0, 42.0]


def test_the_log_shows_minutes_and_no_empty_cell_says_none():
    made = held()
    made.throw(1_125.0, "Half the budget.")
    first, second = log_rows(made)
    assert first == {"time": "0:10", "what": "Design", "details": "the first", "nDCG@10": "0.8"}
    assert second == {"time": "2:05", "what": "Curve-ball", "details": "Half the budget.", "nDCG@10": ""}


def test_the_cheapest_feasible_design_is_that():
    scenario = factory.Scenario(replace(factory.NEEDS, quality_floor=0.3))
    here = factory.evaluated(factory.measurement(service_ms=20.0), scenario)
    cheap, poor = factory.measurement(service_ms=5.0), factory.measurement(per_query=[0.1, 0.2] * 50, service_ms=1.0)
    designs = [here, here.beside("cheap", cheap), here.beside("poor", poor)]
    assert [each.feasible for each in designs] == [True, True, False]
    assert mock_interview_log.cheapest_feasible(designs) == "cheap"
    assert mock_interview_log.cheapest_feasible(designs[2:]) is None


def test_the_plan_is_the_usual_split():
    assert sum(MINUTES.values()) == 45 and list(MINUTES) == list(STEPS)
    assert planned(0.0) == ("clarify", 2_700.0) and planned(299.0)[0] == "clarify" and planned(300.0)[0] == "frame"
    assert planned(2_699.0) == ("monitoring", 1.0) and planned(4_000.0)[0] == "monitoring"


def test_a_transcript_tells_everything_as_it_was_typed():
    made = held()
    made.notes["data"] = "<script>alert(1)</script> | a *table*"
    made.grades["baseline"] = "well"
    made.throw(1_015.0, "Half the budget.")
    made.balls[0].broke = ("budget_usd",)
    made.add(1_020.0, "end", "The rehearsal was ended.")
    text = transcript(made, CASE.title)
    assert "0:10 **Design** the first (nDCG@10 0.8)" in text and "| well |" in text and "nothing written" in text
    assert "<script>" not in text and "\\*table\\*" in text
    assert from_json(to_json(made)) == made


def test_a_transcript_of_before_curve_balls_had_a_record_still_opens():
    old = {name: value for name, value in json.loads(to_json(held())).items() if name not in ("balls", "missed")}
    assert from_json(json.dumps(old)) == held()


def test_a_long_rehearsal_stays_bounded():
    made = held()
    for i in range(2_000):
        made.add(1_000.0 + i, "step", "x" * 10_000)
    made.add(4_000.0, "end", "The rehearsal was ended.")
    assert len(made.entries) == 500 and max(len(e.text) for e in made.entries) == 4_000
    assert made.ended  # however much was logged before it


def test_a_step_that_is_looked_at_after_the_end_is_no_part_of_the_rehearsal():
    made = held()
    made.add(1_020.0, "end", "The rehearsal was ended.")
    made.go_to(1_030.0, "monitoring")
    assert made.ended and made.step == "monitoring" and made.entries[-1].kind == "end"


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
    app.text_area(key=f"rehearsal.note.{app.session_state['rehearsal.room']}.clarify").set_value(
        "How many images?"
    ).run()
    app.button(key="rehearsal.next").click().run()
    needs, kinds = None, set()
    for _ in range(4):
        app.button(key="rehearsal.throw").click().run()
        assert not app.exception
        held = app.session_state["rehearsal"]
        kinds |= {entry.kind for entry in held.entries}
        needs = app.query_params
    assert {"step", "design", "ball"} <= kinds and {"broke", "held"} & kinds
    shown = "\n".join(each.value for each in app.markdown)
    assert all(markdown_text(ball.text) in shown for ball in app.session_state["rehearsal"].balls)  # none is replaced
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
    assert len(one.session_state["rehearsal"].balls) == 1 and not other.session_state["rehearsal"].balls
    assert other.query_params["daily_users"] == f"{CASE.requirements.daily_users:.15g}"


def test_a_rehearsal_begins_at_the_default_whatever_the_session_tried_before():
    app = go(AppTest.from_file(ROUTER, default_timeout=300).run(), f"{CASE.slug}.py", link_to(CASE, budget_usd="1"))
    app.select_slider(key=f"{CASE.slug}.dim").set_value(8).run()
    go(app, "rehearsal.py", {"case": CASE.slug})
    app.button(key="rehearsal.begin").click().run()
    assert {name: app.query_params[name] for name in ("dim", "budget_usd")} == {
        "dim": str(CASE.Design().dim),
        "budget_usd": f"{CASE.requirements.budget_usd:.15g}",
    }


def test_a_default_that_misses_the_slo_gives_way_to_the_cheapest_design_that_meets_it(monkeypatch):
    start = replace(CASE.Design(), dim=32)
    monkeypatch.setattr(mock_interview_log, "cheapest_feasible", lambda designs: start)
    assert rehearsing().query_params["dim"] == str(CASE.Design().dim)  # it meets its SLO: nothing is looked for
    monkeypatch.setattr(mock_interview_log.Evaluated, "verdict", property(lambda self: "misses"))
    app = rehearsing()
    assert not app.exception and app.query_params["dim"] == "32"


def test_what_is_held_back_for_a_prediction_is_held_back_from_the_rehearsal_and_the_export_too():
    app = rehearsing()
    made = app.session_state["rehearsal"]
    app.toggle(key=f"{CASE.slug}.predict").set_value(True).run()
    logged = len(made.entries)
    app.select_slider(key=f"{CASE.slug}.dim").set_value(8).run()
    assert not app.exception and len(made.entries) == logged
    room = ROOMS.find(app.session_state["rehearsal.room"], time.monotonic())
    assert room.shown.design.dim != 8 and exported(app).disabled
    app.button(key=f"{CASE.slug}.predict.skip").click().run()
    assert [entry.kind for entry in made.entries[logged:]] == ["design"] and room.shown.design.dim == 8
    assert not exported(app).disabled


def exported(app):
    return next(each.proto.popover for each in app.get("popover") if each.proto.popover.label == "Export")


def test_the_clock_waits_for_the_first_draw():
    app = AppTest.from_file(ROUTER, default_timeout=300).run()
    go(app, "rehearsal.py", {"case": CASE.slug})
    app.button(key="rehearsal.begin").click().run()
    assert app.session_state["rehearsal"].started_s is None
    go(app, f"{CASE.slug}.py")
    assert app.session_state["rehearsal"].started_s is not None


def test_the_labels_of_the_steps_keep_their_case():
    app = rehearsing()
    app.button(key="rehearsal.next").click().run()
    assert (
        app.text_area(key=f"rehearsal.note.{app.session_state['rehearsal.room']}.frame").label
        == "Notes: ML task (5 min)"
    )


@pytest.mark.parametrize("link", [{"case": "no_such_case"}, {"case": "ad_click", "seed": "<b>"}, {"seed": "9" * 50}])
def test_a_bad_link_to_the_rehearsal_still_opens(link):
    app = go(AppTest.from_file(ROUTER, default_timeout=300).run(), "rehearsal.py", link)
    assert not app.exception and app.selectbox(key="rehearsal.case").value in BY_SLUG


def test_time_goes_on_while_nothing_is_done():
    made = Rehearsal("visual_search", 0, time.time() - 60)
    made.add(time.time(), "step", "later")
    assert 59 <= made.entries[0].at_s <= 62
