"""What fits the first screen of every case page, on a laptop, on a projector and on a phone."""

import pytest

from core.catalog import CASES
from core.contract.design import knobs
from tests.browser.conftest import design_of, turn

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]

# A device → the windows that the page is looked at in, one after the other.
DEVICES = {"desk": {"laptop": (1280, 800), "projector": (1024, 768)}, "phone": {"phone": (390, 844)}}
PARTS = {"slo": ".st-key-slo", "tiles": ".st-key-tiles", "chart": ".st-key-tradeoff .js-plotly-plot",
         "examples": ".st-key-examples"}  # fmt: skip
FIRST_WORDS, REQUEST_WORDS, PAGE_WORDS, PAGE_PX = 80, 60, 900, 4_000
# Requirements that no design meets: what is missed is told, and a design that comes close is offered.
MOVED_WORDS = 10  # more that a move may take to tell
UNMET = {"p99_ms": "1", "budget_usd": "1", "freshness_h": "0.1"}
MOST_APART_PX = 0.5  # of a box measured twice

# The texts of the page's main part that a reader sees: `first` within the window, `request` what one request gets there
# (names of films and products), `page` in all. Text in a drawing or a chart, hidden from sight or clipped by the box
# around it does not count, and neither does what holds no two letters.
WORDS = r"""() => {
    const main = document.querySelector('[data-testid=stMain]');
    const told = {first: [], request: [], page: []};
    const walker = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
    const window_ = {left: 0, top: 0, right: innerWidth, bottom: innerHeight};
    const within = (box, other) => ({
        left: Math.max(box.left, other.left), top: Math.max(box.top, other.top),
        right: Math.min(box.right, other.right), bottom: Math.min(box.bottom, other.bottom)});
    const clipped = (box, element) => {
        for (let at = element; at && at !== main; at = at.parentElement)
            if (getComputedStyle(at).overflow !== 'visible') box = within(box, at.getBoundingClientRect());
        return box;
    };
    const shows = box => box.right - box.left > 1 && box.bottom - box.top > 1;
    while (walker.nextNode()) {
        const node = walker.currentNode, element = node.parentElement;
        if (element.closest('svg, style, script, .kp-hidden, .js-plotly-plot, [data-testid=stIconMaterial]')) continue;
        if (!element.checkVisibility({visibilityProperty: true, opacityProperty: true})) continue;
        const words = node.textContent.split(/\s+/).filter(word => /\p{L}.*\p{L}/u.test(word));
        const range = document.createRange();
        range.selectNodeContents(node);
        const boxes = [...range.getClientRects()].map(box => clipped(box, element)).filter(shows);
        if (!words.length || !boxes.length) continue;
        told.page.push(words.join(' '));
        if (boxes.some(box => shows(within(box, window_))))
            told[element.closest('.st-key-examples') ? 'request' : 'first'].push(words.join(' '));
    }
    return told;
}"""


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.slug)
def test_the_first_screen_holds_the_slo_the_tiles_the_chart_and_a_request(case, device, server, visit, subtests):
    sizes = list(DEVICES[device].values())
    phone = {"has_touch": True, "is_mobile": True} if device == "phone" else {}
    visitor = visit(server, viewport=window(*sizes[0]), **phone).open(f"/{case.slug}")
    for width, height in sizes:
        visitor.page.set_viewport_size(window(width, height))
        fits(visitor, drawn(visitor), width, height, subtests)
    if device != "phone":
        boxes = drawn(visitor)
        with subtests.test("a moved knob leaves the chart where it was"):
            move(visitor, case)
            assert apart(boxes, drawn(visitor)) <= MOST_APART_PX


def window(width, height):
    return {"width": width, "height": height}


def fits(visitor, boxes, width, height, subtests):
    """What holds for every case in a window of this size."""
    small = width < 640
    with subtests.test("in the first screen"):
        for name, box in boxes.items():
            if not small or name in ("slo", "tiles"):
                assert box["y"] >= 0 and box["y"] + box["height"] <= height, (name, box)
        assert boxes["chart"]["y"] < height
    with subtests.test("the tiles"):
        corners = [tile.bounding_box() for tile in visitor.page.locator(".st-key-tiles .kp-tile").all()]
        rows, columns = ({round(corner[side]) for corner in corners} for side in ("y", "x"))
        assert (len(rows), len(columns)) == ((2, 2) if small else (1, 4))
    with subtests.test("nothing runs off the side"):
        assert visitor.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert visitor.page.get_by_test_id("stMain").evaluate("e => e.scrollWidth <= e.clientWidth")
    with subtests.test("few words"):
        told = visitor.page.evaluate(WORDS)
        most = {"first": FIRST_WORDS, "request": REQUEST_WORDS, "page": PAGE_WORDS}
        assert {part: told[part] for part in most if n_words(told[part]) > most[part]} == {}
    with subtests.test("a short page"):
        assert visitor.page.get_by_test_id("stMain").evaluate("e => e.scrollHeight") <= PAGE_PX


def n_words(texts):
    """How many words these texts hold, with what is said on a busy machine only."""
    return sum(len(text.split()) for text in texts) + 2 * ("Time again" not in texts)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.slug)
def test_a_design_that_misses_its_slo_and_was_moved_is_told_in_few_words(case, server, visit):
    visitor = visit(server, viewport=window(1280, 800)).open(f"/{case.slug}", **UNMET)
    drawn(visitor)
    assert n_words(visitor.page.evaluate(WORDS)["first"]) <= FIRST_WORDS
    move(visitor, case)
    drawn(visitor)
    assert n_words(visitor.page.evaluate(WORDS)["first"]) <= FIRST_WORDS + MOVED_WORDS


def drawn(visitor):
    """{part of the first screen: its box}, once tiles, chart and request are drawn and nothing runs."""
    visitor.page.locator(".kp-tile").nth(3).wait_for()
    visitor.page.locator(".st-key-tradeoff .js-plotly-plot .main-svg").first.wait_for()
    visitor.page.locator(".st-key-examples [data-testid=stElementContainer]").first.wait_for()
    visitor.settled().page.wait_for_timeout(500)  # a chart is laid out a moment after its script has ended
    return {name: visitor.page.locator(part).first.bounding_box() for name, part in PARTS.items()}


def move(visitor, case):
    """Turn the first knob that has another option."""
    design = design_of(visitor, case)
    shown = [each for each in knobs(case.Design).values() if each.active(design) and len(each.offered(design)) > 1]
    each = next(k for k in shown if visitor.page.locator(f".st-key-{case.slug}-{k.name}").count())
    visitor.until_query(**{each.name: str(turn(visitor, case, each, design))})
    visitor.page.get_by_text("What changed.").wait_for()


def apart(before, after):
    """The largest distance, in pixels, between a side of the chart before and after."""
    return max(abs(after["chart"][side] - before["chart"][side]) for side in ("x", "y", "width", "height"))
