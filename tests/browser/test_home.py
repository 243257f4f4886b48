"""The first screen of home as a visitor of a server that has just started sees it."""

import re

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]

MOST_WORDS = 90
VISIBLE = """() => {
    const main = document.querySelector('[data-testid=stMain]'), found = [];
    const walker = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const parent = node.parentElement;
        if (!parent || parent.closest('style,script,title,[aria-hidden=true]')) continue;
        const range = document.createRange();
        range.selectNodeContents(node);
        const box = range.getBoundingClientRect(), look = getComputedStyle(parent);
        const seen = box.width > 1 && box.height > 1 && box.bottom > 0 && box.top < innerHeight && box.right > 0
            && box.left < innerWidth && look.visibility !== 'hidden' && look.opacity !== '0';
        if (seen) found.push(node.textContent);
    }
    return found;
}"""


def words(page):
    """The visible tokens of the first screen that have at least two letters, the menu left out."""
    return [word for text in page.evaluate(VISIBLE) for word in re.findall(r"\S+", text)
            if len(re.findall(r"[^\W\d_]", word)) >= 2]  # fmt: skip


def box_of(visitor, selector):
    """Where an element is in the window."""
    visitor.page.locator(selector).first.wait_for()
    return visitor.page.locator(selector).first.bounding_box()


@pytest.mark.parametrize("size", [(1280, 800), (1024, 768)], ids=str)
def test_the_first_screen_has_the_knobs_the_chart_and_the_pictures_and_few_words(server, visit, size):
    width, height = size
    visitor = visit(server, viewport={"width": width, "height": height}).open("/")
    visitor.page.locator(".kp-row img").first.wait_for()  # the present design was measured
    chart, row = box_of(visitor, ".js-plotly-plot"), box_of(visitor, ".kp-row")
    knob = visitor.page.get_by_role("slider", name="Embedding size").bounding_box()
    assert chart["height"] >= 350 and chart["y"] + chart["height"] <= height
    assert row["y"] < height and knob["y"] < height and knob["x"] < chart["x"]
    assert len(words(visitor.page)) <= MOST_WORDS, words(visitor.page)


def test_a_knob_moves_the_mark_while_the_chart_stays_where_it_is(server, visit):
    visitor = visit(server, viewport={"width": 1280, "height": 800}).open("/")
    visitor.page.locator(".kp-row img").first.wait_for()
    before = box_of(visitor, ".js-plotly-plot")
    said = visitor.page.get_by_role("figure").first.get_attribute("aria-label")
    visitor.page.get_by_role("slider", name="Embedding size").press("ArrowLeft")
    changed = "said => document.querySelector('[role=figure]').getAttribute('aria-label') !== said"
    visitor.page.wait_for_function(changed, arg=said)
    visitor.settled()
    assert box_of(visitor, ".js-plotly-plot") == before


def test_tiles_stand_five_in_a_row_and_two_on_a_phone(server, visit):
    for width, n in ((1280, 5), (390, 2)):
        visitor = visit(server, viewport={"width": width, "height": 844}).open("/")
        visitor.page.locator(".kp-row img").first.wait_for()  # everything is drawn
        tops = visitor.page.locator(".st-key-tiles > div").evaluate_all("all => all.map(e => e.offsetTop)")
        assert tops.count(min(tops)) == n
