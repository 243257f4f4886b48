"""Files put into the boxes of the pages: each is shown or refused in a sentence, and the page stays as it was."""

import pytest

from core.contract.interview_spec import STEPS
from core.export import tables
from core.interview.rooms import ScoreSheet, score_sheet_text
from core.ui.home import gallery
from tests.inputs.links import found
from tests.inputs.test_json_files import EVIL, ODD, REFUSED, design_file, rehearsed
from tests.page_driver import as_read, go, told, visit

BROKEN = ("cut off", "a list in a list in a list", "time null", "grade of Markdown", "a field of Markdown", "not UTF-8")


@pytest.fixture(scope="module")
def app():
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(gallery, "SAMPLE", 0)
        yield visit()


def put(app, content):
    """Put a JSON file into the one box of the page."""
    content = content.encode() if isinstance(content, str) else content
    return app.file_uploader[0].set_value(("file.json", content, "application/json")).run()


def harmless(app):
    assert not app.exception
    said = [text.value for kind in (app.markdown, app.caption, app.error, app.warning) for text in kind]
    assert [text for text in said if found(text) and "evil" in text] == []


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_transcript_is_refused_and_the_page_stays(app, kind):
    go(app, "rehearsal.py")
    app.number_input(key="rehearsal.seed").set_value(17).run()
    put(app, REFUSED[kind])
    harmless(app)
    (error,) = app.error
    assert "not a transcript of a rehearsal" in as_read(error.value)
    assert app.number_input(key="rehearsal.seed").value == 17 and not app.subheader


@pytest.mark.parametrize("kind", ODD)
def test_an_odd_transcript_is_shown_as_it_stands(app, kind):
    put(go(app, "rehearsal.py"), ODD[kind])
    harmless(app)
    if kind != "an unknown case":
        assert [heading.value for heading in app.subheader] == ["How it went"] and not app.error
        assert ("Log in here" in told(app)) == (kind == "Markdown everywhere")


def test_a_design_with_markup_for_knobs_is_loaded_and_told(app):
    go(app, "compare.py")
    broken = design_file(case="visual_search", design={"dim": [1]})
    put(app, broken)
    harmless(app)
    assert "not a design saved by Kneepoint" in as_read(app.error[0].value)
    knobs = {f"{EVIL} {n}": "1" for n in range(500)}
    put(app, design_file(case="visual_search", design={"dim": EVIL, **knobs}))
    harmless(app)
    saved = [as_read(caption.value) for caption in app.caption if caption.value.startswith("Saved under")]
    assert len(saved) == 1 and "497 more" in saved[0] and tables.WHAT not in saved[0]


def test_the_score_sheet_shows_what_was_typed_and_no_more_of_it_than_fits():
    made, sheet = rehearsed(), ScoreSheet()
    made.write("data", EVIL + "x" * 100_000)
    sheet.write("data", EVIL + "y" * 100_000)
    text = score_sheet_text(sheet, {step: ["a point"] for step in STEPS}, made, "Visual search")
    assert not found(text) and len(text) < 12_000 and "Log in here" in text
