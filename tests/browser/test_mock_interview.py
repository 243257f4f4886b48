"""A whole rehearsal in a real browser, from the opening question to the transcript."""

import json
import re

import pytest

from core.catalog import BY_SLUG
from core.contract.interview_spec import STEPS

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]

CASE = BY_SLUG["visual_search"]


def test_a_rehearsal_is_walked_from_the_opening_question_to_the_transcript(server, visit):
    visitor = visit(server).open("/rehearsal", case=CASE.slug, seed="1")
    page = visitor.page
    page.get_by_role("button", name="Start the clock").click()
    page.get_by_role("button", name="Throw a curve-ball").wait_for()
    visitor.settled()
    assert page.get_by_text(CASE.interview.stops["clarify"].questions[0]).is_visible()
    page.get_by_role("textbox", name="Notes").fill("How many pictures, and how many people?")
    page.get_by_role("textbox", name="Notes").press("Control+Enter")
    for step in list(STEPS)[1:]:
        page.get_by_role("heading", level=1).click()  # keys go to the page, not into the notes
        page.keyboard.press("Alt+n")
        page.get_by_text(CASE.interview.stops[step].questions[0]).wait_for()
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("Alt+b")
    page.get_by_text("The interviewer:").or_(page.get_by_text("The curve-ball:")).first.wait_for()
    visitor.settled()
    page.get_by_text(re.compile("What broke:|the design held")).first.wait_for()
    page.get_by_role("button", name="End", exact=True).click()
    page.get_by_text("How it went").wait_for()
    page.get_by_role("radio", name="well").first.click()
    with page.expect_download() as found:
        page.get_by_role("button", name="Transcript (JSON)").click()
    kept = json.loads(found.value.path().read_text())
    kinds = [entry["kind"] for entry in kept["entries"]]
    assert kinds.count("step") == len(STEPS) - 1 and "ball" in kinds and kinds[-1] == "end"
    assert {"broke", "held"} & set(kinds) and kept["notes"]["clarify"].startswith("How many pictures")
