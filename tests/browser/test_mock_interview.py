"""A whole rehearsal in a real browser, alone from the opening question to the transcript, and for two in a room."""

import json
import re

import pytest

from core.catalog import BY_SLUG
from core.contract.interview_spec import STEPS

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]

CASE = BY_SLUG["visual_search"]
IN_VIEW = (".st-key-slo", ".st-key-tiles", ".st-key-tradeoff .js-plotly-plot")
OUTCOME = re.compile("What broke:|the design held|nothing newly missed|not judged yet")


def at_step(page, name):
    """Wait until the bar of the rehearsal names this step."""
    box = page.get_by_role("combobox", name="Step of the interview")
    box.and_(page.locator(f'[value="{name}"]')).wait_for()


def test_a_rehearsal_is_walked_from_the_opening_question_to_the_transcript(server, visit):
    visitor = visit(server).open("/rehearsal", case=CASE.slug, seed="1")
    page = visitor.page
    page.get_by_role("button", name="Start the clock").click()
    page.get_by_role("button", name="Curve-ball").wait_for()
    visitor.settled()
    page.get_by_role("button", name="Questions and notes").click()
    page.get_by_text(CASE.interview.stops["clarify"].questions[0]).wait_for()
    page.get_by_role("textbox", name="Notes").fill("How many pictures, and how many people?")
    page.get_by_role("textbox", name="Notes").press("Control+Enter")
    page.keyboard.press("Escape")
    for at, step in list(enumerate(STEPS, start=1))[1:]:
        page.get_by_role("heading", level=1).click()  # keys go to the page, not into the notes
        page.keyboard.press("Alt+n")
        at_step(page, f"{at}. {STEPS[step]}")
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("Alt+b")
    outcome = page.get_by_text(OUTCOME).first
    outcome.wait_for()
    outcome.scroll_into_view_if_needed()
    assert outcome.bounding_box()["y"] < 800  # at the top of the page, in view
    visitor.settled()
    page.reload()
    page.locator(".st-key-rehearsal_said").get_by_text(OUTCOME).wait_for()  # a reload loses nothing
    visitor.settled()
    page.get_by_role("button", name="End", exact=True).click()
    page.get_by_text("How it went").wait_for()
    visitor.settled()
    assert not page.get_by_test_id("stSidebar").is_visible()  # no empty panel stays behind
    page.get_by_role("radio", name="well").first.click()
    with page.expect_download() as found:
        page.get_by_role("button", name="Transcript (JSON)").click()
    kept = json.loads(found.value.path().read_text())
    kinds = [entry["kind"] for entry in kept["entries"]]
    assert kinds.count("step") == len(STEPS) - 1 and "ball" in kinds and kinds[-1] == "end"
    judged = kept["balls"][0]["broke"] is not None  # not while the machine is too busy to say
    assert bool({"broke", "held"} & set(kinds)) == judged and kept["notes"]["clarify"].startswith("How many pictures")


def test_a_rehearsal_leaves_the_tiles_and_the_chart_in_the_first_screen(server, visit):
    visitor = visit(server, viewport={"width": 1280, "height": 800}).open("/rehearsal", case=CASE.slug, seed="1")
    page = visitor.page
    page.get_by_role("button", name="Start the clock").click()
    page.get_by_role("button", name="Curve-ball").wait_for()
    page.locator(".st-key-steer").wait_for()
    before = [page.locator(part).first.bounding_box() for part in IN_VIEW]
    page.keyboard.press("Alt+b")
    page.locator(".st-key-rehearsal_said").get_by_text(OUTCOME).wait_for()
    after = [page.locator(part).first.bounding_box() for part in IN_VIEW]
    assert all(box["y"] >= 0 and box["y"] + box["height"] <= 800 for box in [*before, *after])
    assert before == after  # what broke has its place


def test_the_page_of_the_candidate_follows_the_interviewers_without_a_click(server, visit):
    interviewer = visit(server).open("/rehearsal", case=CASE.slug, seed="1")
    interviewer.page.get_by_role("button", name="With an interviewer").click()
    links = interviewer.page.get_by_test_id("stCode")
    links.nth(1).wait_for()
    for_candidate, for_interviewer = (link.strip().removeprefix(server) for link in links.all_inner_texts())
    candidate = visit(server).open(for_candidate)
    candidate.page.get_by_role("button", name="Start the clock").click()
    candidate.page.get_by_text("The interviewer asks").wait_for()
    interviewer.open(for_interviewer)
    interviewer.page.get_by_role("textbox", name="Private notes").fill("Skipped the load.")
    interviewer.page.get_by_role("textbox", name="Private notes").press("Control+Enter")
    interviewer.page.get_by_role("button", name="Throw the next curve-ball").click()
    candidate.page.get_by_text(OUTCOME).first.wait_for()
    interviewer.page.get_by_role("radio", name=STEPS["data"], exact=True).click()
    at_step(candidate.page, f"3. {STEPS['data']}")
    candidate.page.get_by_role("button", name="Next step").click()
    interviewer.page.get_by_role("textbox", name=f"Private notes: {STEPS['model']}").wait_for()
    assert "Skipped the load" not in candidate.page.content()
