"""A class from the form to the wall, in the real app without a browser: a teacher, students and a presenter."""

import json
import zipfile
from io import BytesIO

import pytest

from core.classroom.grade import read_file
from core.classroom.lesson import goal_text, read_lesson
from core.classroom.limits import Limits
from core.classroom.store import path_of_store, store_at
from core.contract.design import to_query
from core.serving.requirement_text import LIMITS
from core.ui import state
from core.ui.classroom import join, new_class, presenter
from core.ui.home import gallery
from tests.classroom.made import CASE, KEY, lesson
from tests.page_driver import design_of, edit_slo, go, place, press, tiles, told, visit, widgets

START = CASE.baseline
EASY = {"quality_floor": None, "p99_ms": 1_000.0, "budget_usd": None}
NASTY = "<b>$x$</b> **y**"


@pytest.fixture(autouse=True)
def own_file(monkeypatch, tmp_path):
    monkeypatch.setattr(gallery, "SAMPLE", 0)
    monkeypatch.setenv("KNEEPOINT_CLASSROOM", str(tmp_path / "classes.sqlite"))
    monkeypatch.setattr(join, "TRIED", Limits())  # every visitor of a test has one session


def store():
    return store_at(path_of_store())


def at(page, link=None):
    """A new visitor on a page by a link."""
    return go(visit(), page, link)


def texts(app):
    kinds = (app.markdown, app.caption, app.warning, app.error, app.info, app.code, app.title)
    return "\n".join(str(each.value) for kind in kinds for each in kind)


def opened(**parts):
    """(code, presenter's secret) of a class that starts at the baseline under an easy SLO."""
    return store().open(lesson(START, requirements=EASY, **parts))


def seated(code, nickname="Ana", **link):
    """(the student's page, the secret of the link)."""
    secret = store().join(code, nickname)
    start = store().find(code).lesson.start
    return at(f"{CASE.slug}.py", {"class": code, "student": secret, **start, **link}), secret


def submit(app):
    return next(button for button in app.button if button.key == "class.submit.ready").click().run()


def test_a_teacher_opens_a_class_and_gets_its_links():
    app = at("classroom.py")
    assert not app.exception
    app.multiselect(key=f"class.{CASE.slug}.locked").set_value(["index"]).run()
    app.text_input(key=f"class.{CASE.slug}.p99_ms.100").set_value("5").run()
    app.text_input(key=f"class.{CASE.slug}.budget_usd.250k").set_value("0.3M").run()
    app.toggle(key="class.predicts").set_value(True).run()
    app.button(key="class.open").click().run()
    assert not app.exception and not app.error
    code, secret = app.session_state[new_class.OPENED]
    made = store().find(code).lesson
    assert (made.design, made.locked, made.predicts) == (START, ("index",), True)
    assert (made.asked.p99_ms, made.asked.budget_usd) == (5.0, 300_000.0)
    to_join, present = (each.value.partition("?")[2] for each in app.code)
    assert to_join == f"class={code}" and present == f"class={code}&presenter={secret}"
    assert "data:image/svg+xml" in told(app) and f"{code[:3]}-{code[3:6]}-{code[6:]}" in told(app)


def test_a_requirement_or_a_link_that_cannot_be_read_is_told():
    app = at("classroom.py")
    app.text_input(key=f"class.{CASE.slug}.p99_ms.100").set_value("fast").run()
    assert "A number from 0.1 to 60k" in texts(app)
    app.button_group(key=f"class.{CASE.slug}.start").set_value("link").run()
    assert "Paste the link" in texts(app) and not any(button.key == "class.open" for button in app.button)
    link = "http://x/visual_search?" + "&".join(f"{k}={v}" for k, v in to_query(CASE.Design(), 4).items())
    app.text_input(key=f"class.{CASE.slug}.link").set_value(link + "&p99_ms=7").run()
    app.button(key="class.open").click().run()
    made = store().find(app.session_state[new_class.OPENED][0]).lesson
    assert (made.design, made.seed, made.asked.p99_ms) == (CASE.Design(), 4, 7.0)


def test_a_student_types_a_nickname_and_is_sent_to_the_case_page():
    code, _ = opened()
    app = at("classroom.py", {"class": code})
    assert goal_text(store().find(code).lesson) in texts(app).replace("\\", "").replace("&#36;", "$")
    app.text_input(key="class.nickname").set_value("   ")
    press(app, "Join")
    assert "can be seen" in texts(app) and not store().students(code)
    app.text_input(key="class.nickname").set_value("Ana")
    press(app, "Join")
    assert [student.nickname for student in store().students(code)] == ["Ana"]
    other = at("classroom.py", {"class": code})
    other.text_input(key="class.nickname").set_value("ana")
    press(other, "Join")
    assert "Choose another one" in texts(other)


def test_a_code_that_is_typed_opens_the_class_and_a_wrong_one_is_told():
    code, _ = opened()
    app = at("classroom.py")
    app.text_input(key="class.code").set_value("AAA-AAA-AAA")
    press(app, "Join")
    assert "no class with this code" in texts(app)
    app.text_input(key="class.code").set_value(f" {code[:3].lower()} {code[3:]}")
    press(app, "Join")
    assert app.title[0].value == "Join the class"


def test_codes_cannot_be_tried_one_after_the_other():
    app = at("classroom.py")
    for _ in range(31):
        app.text_input(key="class.code").set_value("AAA-AAA-AAA")
        press(app, "Join")
    assert "Wait a minute" in texts(app)


def test_the_page_of_a_student_has_what_is_locked_locked_and_what_is_hidden_hidden():
    code, _ = opened(locked=("index",), hidden=("encoder",))
    app, secret = seated(code)
    assert not app.exception and not app.error
    drawn = widgets(app, CASE)
    assert drawn["index"].disabled and "encoder" not in drawn and not drawn["dim"].disabled
    assert all(drawn[name].disabled for name in drawn if name in store().find(code).lesson.fixed)
    assert not any(field.key == f"{CASE.slug}.text.p99_ms" for field in edit_slo(app, CASE).text_input)
    assert "p99 ≤ 1 s" in told(app) and "Highest nDCG@10" in told(app)
    assert app.query_params["class"] == code and app.query_params["student"] == secret
    assert place(app, "tradeoff").get("plotly_chart") and len(tiles(app)) == 4


def test_what_a_link_or_a_chart_brings_against_the_lesson_is_put_back():
    code, _ = opened(locked=("index",), hidden=("encoder",))
    other = to_query(CASE.Design(), 9)
    app, _ = seated(code, **{**other, "p99_ms": "7", "quality_floor": "0.9", "assume_vcpu_hour": "0.0001"})
    design, seed = design_of(app, CASE)
    assert (design.index, design.encoder, seed) == (START.index, START.encoder, 0)
    assert design.dim == CASE.Design().dim  # it is free
    assert "ANN index is fixed in this class" in texts(app)
    assert "p99 ≤ 1 s" in told(app) and "assume_vcpu_hour" not in app.query_params
    press(app, "Back to the baseline")
    assert design_of(app, CASE)[0] == START


def test_a_submission_has_the_servers_figures_and_shows_the_place():
    code, presenter_secret = opened()
    app, secret = seated(code, NASTY)
    assert "nothing submitted yet" in told(app)
    submit(app)
    assert not app.exception and not app.error
    (entry,) = store().entries(code)
    assert entry.nickname == "<b>$x$</b> **y**" and entry.submission.verdict == "meets"
    assert 0 < entry.submission.figures[KEY] < 1 and entry.submission.design.startswith("dataset=")
    assert "place 1 of 1" in told(app) and "Submitted" in told(app)
    assert app.get("plotly_chart") and "<b>$x$" not in told(app)
    other, _ = seated(code, "Bob")
    submit(other)
    assert "place 2 of 2" in told(other)
    for page in (app.run(), other):
        others = texts(page) + str([chart.proto.spec for chart in page.get("plotly_chart")])
        assert presenter_secret not in others
    assert secret not in texts(other) + str(other.query_params)


def test_the_students_own_share_link_and_export_do_not_carry_the_secret():
    code, _ = opened(assignment=True)
    app, secret = seated(code)
    app.session_state[f"{CASE.slug}.share.open"] = app.session_state[f"{CASE.slug}.export.open"] = True
    app.run()
    shared = [each.value for each in app.code]
    assert len(shared) == 2 and all("dim=" in link and secret not in link and code not in link for link in shared)
    submit(app)
    (text,) = store().files(code).values()
    assert secret not in text and code not in text and "dim=" in json.loads(text)["link"]
    assert len(text) < 100_000
    content = store().entries(code)[0].submission.model_dump_json()
    assert secret not in content and code not in content


def test_a_prediction_comes_first_where_the_lesson_says_so():
    code, _ = opened(predicts=True)
    app, _ = seated(code)
    assert app.toggle(key=state.key(CASE, state.PREDICT)).disabled
    widgets(app, CASE)["dim"].set_value(64).run()
    ready = next(button for button in app.button if button.key == "class.submit.ready")
    assert ready.disabled and not any(button.label == "Skip" for button in app.button)
    app.button_group(key=f"{CASE.slug}.predict.{KEY}").set_value("down")
    press(app, "Reveal")
    submit(app)
    (entry,) = store().entries(code)
    assert [(one.figure, one.said) for one in entry.submission.predictions] == [(CASE.qualities[0].label, "down")]
    fresh, _ = seated(code, "Bob", **to_query(CASE.Design(), 0))  # by a link to a design, without a move
    submit(fresh)
    assert "Predict first" in texts(fresh) and len(store().entries(code)) == 1


@pytest.mark.parametrize(
    ("link", "sentence"),
    [({"class": "AAAAAAAAA", "student": "x"}, "This class is over"), ({"class": "<b>", "student": ""}, "over")],
)
def test_a_link_of_a_class_that_is_over_says_so_and_shows_the_page_for_free_use(link, sentence):
    app = at(f"{CASE.slug}.py", {**link, **to_query(CASE.Design(), 0)})
    assert not app.exception and not app.error
    assert sentence in texts(app) and len(tiles(app)) == 4
    assert not any(widget.disabled for widget in widgets(app, CASE).values())
    assert "class" not in app.query_params and "not a knob" not in texts(app)
    assert "no class with this code" in texts(at("classroom.py", link))


def test_a_link_of_nobody_in_the_class_gets_no_seat():
    code, secret = opened()
    app = at(f"{CASE.slug}.py", {"class": code, "student": secret, **to_query(CASE.Design(), 0)})
    assert "belongs to nobody" in texts(app) and not any(b.key == "class.submit.ready" for b in app.button)


def test_a_student_can_leave_and_another_case_is_free():
    code, _ = opened(locked=("index",))
    app, _ = seated(code)
    elsewhere = go(app, "ad_click.py")
    assert not elsewhere.exception and not any(b.key == "class.submit.ready" for b in elsewhere.button)
    app = go(app, f"{CASE.slug}.py")
    assert widgets(app, CASE)["index"].disabled  # back in the class, without a link
    app.button(key="class.leave").click().run()
    assert not widgets(app, CASE)["index"].disabled and "class" not in app.query_params


def test_the_wall_shows_the_class_and_obeys_its_presenter():
    code, secret = opened(minutes=20)
    wall = at("classroom.py", {"class": code, "presenter": secret})
    assert not wall.exception and "Nobody has submitted yet" in told(wall) and "0 in class" in told(wall)
    app, _ = seated(code, NASTY)
    submit(app)
    wall.run()
    assert "&lt;b&gt;$x$&lt;/b&gt;" in told(wall) and "<b>$x$" not in told(wall) and "1 in class" in told(wall)
    wall.session_state["wall.controls"] = True
    wall.run()
    wall.toggle(key="wall.freeze").set_value(True).run()
    other, _ = seated(code, "Bob")
    submit(other)
    wall.run()
    assert "frozen, 1 more" in told(wall) and "Bob" not in told(wall)
    wall.toggle(key="wall.freeze").set_value(False).run()
    assert "Bob" in told(wall)
    ana = store().students(code)[0].id
    wall.multiselect(key="wall.hidden").set_value([ana]).run()
    assert "hidden name" in told(wall) and "$x$" not in told(wall)
    wall.button(key="wall.start").click().run()
    assert "left" in told(wall) and store().find(code).ends_s is not None
    wall.toggle(key="wall.reveal").set_value(True).run()
    assert "No recorded design" in texts(wall)  # tests have no record
    assert not wall.exception


def test_a_wrong_secret_presents_nothing():
    code, _ = opened()
    app = at("classroom.py", {"class": code, "presenter": "0" * 32})
    assert "not the presenter" in texts(app) and app.title[0].value == "Join the class"
    assert not app.get("plotly_chart")


def test_the_files_of_an_assignment_can_be_graded():
    code, _ = opened(assignment=True)
    app, _ = seated(code, "../Ana")
    submit(app)
    app, _ = seated(code, "Lesson")
    submit(app)
    packed = presenter._zip(store(), store().find(code))
    with zipfile.ZipFile(BytesIO(packed)) as files:
        assert sorted(files.namelist()) == ["Lesson-2.json", "___Ana.json", "lesson.json"]
        assert read_file(files.read("___Ana.json")).case == CASE.slug
        assert read_lesson(files.read("lesson.json")).design == START
    table = presenter._csv(store(), store().find(code))
    assert table.splitlines()[0].startswith("nickname,") and "../Ana" in table


def test_a_store_that_cannot_be_used_is_told_on_every_page(tmp_path, monkeypatch):
    monkeypatch.setenv("KNEEPOINT_CLASSROOM", str(tmp_path / "broken.sqlite"))
    (tmp_path / "broken.sqlite").write_bytes(b"this is no database, whatever its name says" * 100)
    link = {"class": "AAAAAAAAA", "student": "x"}
    assert "cannot be used" in texts(at("classroom.py", link))
    app = at(f"{CASE.slug}.py", {**link, **to_query(CASE.Design(), 0)})
    assert "cannot be used" in texts(app) and len(tiles(app)) == 4 and not app.exception


def test_the_lesson_names_every_requirement():
    assert set(lesson().requirements) == set(LIMITS)
