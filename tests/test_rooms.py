"""Rooms: their codes, bound and expiry, the private score sheet, and two sessions that share one rehearsal."""

import time
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from core.catalog import BY_SLUG, CASES
from core.contract.case import SEED
from core.contract.design import to_query
from core.contract.interview_spec import STEPS
from core.formatting import markdown_text
from core.interview.decision import expected_points
from core.interview.rooms import ROOMS, Rooms, RoomsFull, ScoreSheet, Shown, score_sheet_text
from core.serving.requirement_text import text_of
from core.ui.home import gallery
from core.ui.interview import mock_interview_bar, room_links
from tests.page_driver import PATIENCE_S, ROUTER, go

CASE = BY_SLUG["visual_search"]
PRIVATE = "Forgot the cold start"


@pytest.fixture(autouse=True)
def no_sweep_behind_the_tests(monkeypatch):
    monkeypatch.setattr(gallery, "SAMPLE", 0)


# -- the store -------------------------------------------------------------------------------------------------------


def test_each_side_has_a_code_of_its_own_that_cannot_be_guessed():
    rooms = Rooms()
    opened = [rooms.open("visual_search", 0, 0.0) for _ in range(20)]
    codes = {code for room in opened for code in (room.candidate, room.interviewer)}
    assert len(codes) == 40 and min(map(len, codes)) >= 20  # hexadecimal: 80 bits or more
    room = opened[0]
    assert (room.role_of(room.candidate), room.role_of(room.interviewer)) == ("candidate", "interviewer")
    assert rooms.find(room.candidate, 1.0) is rooms.find(room.interviewer, 1.0) is room
    assert rooms.find("", 1.0) is None and rooms.find("0" * 24, 1.0) is None


def test_a_room_is_forgotten_some_time_after_its_last_use():
    rooms = Rooms(idle_s=100.0)
    room = rooms.open("visual_search", 0, 0.0)
    assert rooms.find(room.candidate, 90.0) is room and rooms.find(room.interviewer, 180.0) is room
    assert rooms.find(room.candidate, 281.0) is None and len(rooms) == 0


def test_rooms_are_bounded_and_idle_or_closed_ones_make_place():
    rooms = Rooms(most=2, idle_s=100.0)
    first, _ = rooms.open("visual_search", 0, 0.0), rooms.open("visual_search", 0, 50.0)
    with pytest.raises(RoomsFull, match="All 2 rooms"):
        rooms.open("visual_search", 0, 60.0)
    third = rooms.open("visual_search", 0, 101.0)  # the first has expired
    assert rooms.find(first.candidate, 101.0) is None and len(rooms) == 2
    rooms.close(third)
    assert rooms.find(third.interviewer, 101.0) is None and len(rooms) == 1


def test_each_ball_that_is_asked_for_is_taken_once():
    room = Rooms().open("visual_search", 0, 0.0)
    assert not room.take_ball() and room.next_ball(CASE) == ""
    room.ball_asked = True
    assert room.take_ball() and not room.take_ball()


def test_a_score_sheet_keeps_what_was_ticked_and_escapes_what_was_typed():
    sheet, room = ScoreSheet(), Rooms().open("visual_search", 0, 0.0)
    sheet.tick("data", 1, True)
    sheet.tick("data", 0, True)
    sheet.tick("data", 0, False)
    sheet.grade("data", "well")
    sheet.grade("frame", "well")
    sheet.grade("frame", None)
    sheet.write("data", "<b>" + "x" * 9_000)
    points = {step: ("first", "second") for step in STEPS}
    text = score_sheet_text(sheet, points, room.rehearsal, CASE.title)
    assert "## Data: well\n\n- [ ] first\n- [x] second" in text and text.count("[x]") == 1 and text.count("well") == 1
    assert "<b>" not in text and len(sheet.notes["data"]) == 4_000
    with pytest.raises(ValueError, match="not shown"):
        sheet.grade("data", "splendid")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.slug)
def test_expected_points_name_the_decision_what_is_known_and_the_risks(case):
    for step, stop in case.interview.stops.items():
        points = expected_points(case, step)
        assert stop.decision in points[0] and len(points) == 1 + len(stop.remarks) + len(stop.pitfalls)
        assert all(any(pitfall in point for point in points) for pitfall in stop.pitfalls)


# -- two sessions ----------------------------------------------------------------------------------------------------


def at(link):
    """A new visitor on the rehearsal page by a link."""
    return go(AppTest.from_file(ROUTER, default_timeout=PATIENCE_S).run(), "rehearsal.py", link)


def texts(app):
    kinds = (app.markdown, app.caption, app.warning, app.error, app.info, app.code, app.text_area, app.title)
    return "\n".join(str(each.value) for kind in kinds for each in kind)


def of(room, name):
    """The key of one of the interviewer's widgets of this room."""
    return f"{name}.{room.interviewer}"


def shared():
    """(room, the candidate's session on the case page, the interviewer's session)."""
    owner = at({"case": CASE.slug, "seed": "3"})
    owner.button(key="rehearsal.room.open").click().run()
    room = ROOMS.find(owner.session_state[room_links.OPENED], time.monotonic())
    assert [each.value.partition("?")[2] for each in owner.code] == [
        f"room={room.candidate}",
        f"room={room.interviewer}&role=interviewer",
    ]
    interviewer = at(room_links.interviewer_link(room))
    candidate = at(room_links.candidate_link(room))
    candidate.button(key="rehearsal.join").click().run()
    candidate = go(candidate, f"{CASE.slug}.py")
    assert not candidate.exception and not interviewer.exception
    return room, candidate, interviewer.run()


@pytest.fixture(scope="module")
def together():
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(gallery, "SAMPLE", 0)
        yield shared()


def test_the_candidates_page_follows_the_interviewer_and_hears_nothing_private(together):
    room, candidate, interviewer = together
    assert room.shown.design == CASE.Design()
    question = CASE.interview.stops["clarify"].questions[0]
    assert question in texts(interviewer) and question not in texts(candidate)  # it is asked aloud
    assert not any(button.key == "rehearsal.throw" for button in candidate.button)
    interviewer.button_group(key=of(room, "room.grade.clarify")).set_value("in part").run()
    interviewer.text_area(key=of(room, "room.note.clarify")).set_value(PRIVATE).run()
    assert interviewer.session_state[of(room, "room.mine")].sheet.grades == {"clarify": "in part"}
    said = room.next_ball(CASE)
    assert said in texts(interviewer).replace("\\", "")
    interviewer.button(key=of(room, "room.throw")).click().run()
    assert "On its way" in texts(interviewer)
    candidate.run()
    assert [ball.text for ball in room.rehearsal.balls] == [said] and not room.ball_asked
    assert room.rehearsal.balls[0].broke is not None  # the design ran under it
    interviewer.button_group(key=of(room, "room.step")).set_value("data").run()
    candidate.run()
    assert candidate.selectbox(key="rehearsal.step").value == "data"
    candidate.button(key="rehearsal.next").click().run()
    assert interviewer.run().button_group(key=of(room, "room.step")).value == "model"
    everything = texts(candidate) + repr(dict(candidate.query_params)) + repr(room.rehearsal)
    assert PRIVATE not in everything and "in part" not in everything and room.interviewer not in everything


def test_the_candidates_code_does_not_open_the_interviewers_view(together):
    room, *_ = together
    app = at({"room": room.candidate, "role": "interviewer"})
    assert "code of its own" in app.error[0].value and "Expected points" not in texts(app)


def test_who_opens_the_interviewers_link_anew_finds_the_scores_again(together):
    room, *_ = together
    room.sheet.write(room.rehearsal.step, PRIVATE)
    again = at(room_links.interviewer_link(room))
    assert again.text_area(key=of(room, f"room.note.{room.rehearsal.step}")).value == PRIVATE


def test_a_candidate_who_comes_back_by_the_link_goes_on_with_the_same_rehearsal(together):
    room, *_ = together
    balls = len(room.rehearsal.balls)
    again = at(room_links.candidate_link(room))
    assert again.button(key="rehearsal.join").label == "Back to the rehearsal"
    again.button(key="rehearsal.join").click().run()
    assert again.session_state["rehearsal"] is room.rehearsal and len(room.rehearsal.balls) == balls


def test_who_comes_back_finds_the_design_and_the_requirements_that_were_left():
    needs = replace(CASE.requirements, p99_ms=20.0, budget_usd=None)
    left = Shown(replace(CASE.Design(), dim=32), needs, {}, ())
    link = mock_interview_bar.link_to(CASE, left)
    assert (link["dim"], link["p99_ms"], link["budget_usd"]) == ("32", "20", text_of(None))
    assert mock_interview_bar.link_to(CASE, None) == to_query(CASE.Design(), SEED)


def test_a_lost_room_is_told_and_no_local_work_is_lost():
    room, candidate, interviewer = shared()
    interviewer.text_area(key=of(room, "room.note.clarify")).set_value(PRIVATE).run()
    candidate.text_area(key=f"rehearsal.note.{room.candidate}.clarify").set_value("My own note").run()
    ROOMS.close(room)
    candidate.run()
    assert not candidate.exception and "The room is closed" in texts(candidate)
    assert candidate.session_state["rehearsal"].notes["clarify"] == "My own note"
    candidate.button(key="rehearsal.throw").click().run()  # alone from here on
    assert len(candidate.session_state["rehearsal"].balls) == 1
    interviewer.run()
    assert not interviewer.exception and "This room is gone" in interviewer.warning[0].value
    assert "still here" in texts(interviewer)
    kept = interviewer.session_state[of(room, "room.mine")].sheet
    assert kept.notes["clarify"] == PRIVATE
    stranger = at(room_links.interviewer_link(room))
    assert "This room is gone" in stranger.warning[0].value and "still here" not in texts(stranger)


def test_two_rooms_in_one_session_keep_their_scores_apart():
    first, second = (ROOMS.open(CASE.slug, seed, time.monotonic()) for seed in (0, 1))
    app = at(room_links.interviewer_link(first))
    app.button_group(key=of(first, "room.grade.clarify")).set_value("well").run()
    app.text_area(key=of(first, "room.note.clarify")).set_value(PRIVATE).run()
    go(app, "rehearsal.py", room_links.interviewer_link(second))
    assert not app.exception and app.text_area(key=of(second, "room.note.clarify")).value == ""
    assert not second.sheet.grades and not any(second.sheet.notes.values())
    go(app, "rehearsal.py", room_links.interviewer_link(first))
    assert app.text_area(key=of(first, "room.note.clarify")).value == PRIVATE
    assert first.sheet.grades == {"clarify": "well"}


def test_a_rehearsal_alone_is_a_room_of_one_that_outlives_a_reload():
    app = at({"case": CASE.slug, "seed": "1"})
    app.button(key="rehearsal.begin").click().run()
    go(app, f"{CASE.slug}.py")
    link, made = dict(app.query_params), app.session_state["rehearsal"]
    assert ROOMS.find(link["room"], time.monotonic()).rehearsal is made
    app.text_area(key=f"rehearsal.note.{link['room']}.clarify").set_value("How many?").run()
    app.button(key="rehearsal.throw").click().run()
    logged = len(made.entries)
    again = AppTest.from_file(ROUTER, default_timeout=PATIENCE_S).run()
    go(again, f"{CASE.slug}.py", dict(app.query_params))  # what a reload is: another session at the same address
    assert not again.exception and again.session_state["rehearsal"] is made
    assert again.text_area(key=f"rehearsal.note.{link['room']}.clarify").value == "How many?"
    assert markdown_text(made.balls[0].text) in texts(again)
    assert len(made.entries) == logged  # a reload is no move
    again.button(key="rehearsal.end").click().run()
    assert "How it went" in [each.value for each in at({"room": link["room"]}).subheader]


def test_a_rehearsal_that_is_gone_says_so_and_the_case_opens_all_the_same():
    app = AppTest.from_file(ROUTER, default_timeout=PATIENCE_S).run()
    go(app, f"{CASE.slug}.py", {"room": "0" * 24, "dim": "32"})
    assert not app.exception and "is gone" in app.warning[0].value
    assert "room" not in app.query_params and app.query_params["dim"] == "32"


def test_the_interviewers_code_starts_no_rehearsal_on_a_case_page(together):
    room, *_ = together
    app = AppTest.from_file(ROUTER, default_timeout=PATIENCE_S).run()
    go(app, f"{CASE.slug}.py", {"room": room.interviewer})
    assert not app.exception and "rehearsal" not in app.session_state and "room" not in app.query_params


def test_a_shared_link_carries_no_code_of_a_rehearsal(together):
    _, candidate, _ = together
    candidate.session_state[f"{CASE.slug}.share.open"] = True
    candidate.run()
    assert "dim=" in candidate.code[0].value and "room=" not in candidate.code[0].value


@pytest.mark.parametrize("code", ["<script>", "0" * 5_000, "../../etc"])
def test_a_code_of_no_room_opens_the_page_and_says_so(code):
    app = at({"room": code, "role": "interviewer"})
    assert not app.exception and "This room is gone" in app.warning[0].value
    assert app.button(key="rehearsal.begin") is not None
