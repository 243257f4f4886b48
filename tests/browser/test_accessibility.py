"""Every page in both themes: no serious finding of axe-core, and a focus that can be seen all the way through."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from core.catalog import CASES

PAGES = (
    "/",
    *(f"/{case.slug}" for case in CASES),
    "/compare",
    "/truth",
    "/walk",
    "/rehearsal",
    "/glossary",
    "/classroom",
)
SERIOUS = {"serious", "critical"}
GROUNDS = {"light": "rgb(252, 253, 253)", "dark": "rgb(17, 23, 27)"}  # theme → the page's background, once it is drawn
PAINTED = "ground => getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor === ground"
# the app's own style arrives as an element of the page, a moment after the first words
STYLED = "() => [...document.querySelectorAll('style')].some(e => e.textContent.includes('stCaptionContainer'))"
pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]


@pytest.mark.parametrize("page", PAGES)
def test_no_page_has_a_serious_finding_in_either_theme(server, visit, page):
    visitor, told = visit(server, bypass_csp=True, reduced_motion="reduce").open(page), []
    for scheme, ground in GROUNDS.items():
        visitor.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        visitor.page.wait_for_function(PAINTED, arg=ground)
        visitor.page.wait_for_function(STYLED)
        visitor.settled()  # what a running script has not drawn again yet is paler
        found = Axe().run(visitor.page).response["violations"]
        told += [
            f"{scheme}: {one['id']} ({one['impact']}): {node['html'][:160]} — {node['failureSummary'][:200]}"
            for one in found
            if one["impact"] in SERIOUS
            for node in one["nodes"][:2]
        ]
    assert not told, "\n".join(told)


def test_the_keyboard_reaches_every_part_of_the_first_screen_and_its_focus_shows(server, visit):
    visitor = visit(server).open("/visual_search").settled()
    reached, unseen = set(), []
    for _ in range(120):
        visitor.page.keyboard.press("Tab")
        at = visitor.page.evaluate(
            """() => {const e = document.activeElement, style = getComputedStyle(e);
            const part = e.closest('[class*=st-key-]');
            const ring = style.outlineStyle != 'none' || style.boxShadow != 'none' || style.borderColor != '';
            return [part ? part.className.match(/st-key-[\\w-]+/)[0] : '', e.tagName, ring]}"""
        )
        reached.add(at[0].removeprefix("st-key-").removeprefix("visual_search-"))
        unseen += [] if at[2] else [at[1]]
    assert {"encoder", "dim", "index", "slo-open", "axis", "tab"} <= reached and not unseen


def test_the_text_of_a_chart_follows_the_theme_while_the_page_is_open(server, visit):
    visitor = visit(server, reduced_motion="reduce").open("/visual_search")
    tick = visitor.page.locator(".st-key-tradeoff .xtick text").first
    tick.wait_for()
    for scheme, ground in GROUNDS.items():
        visitor.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        visitor.page.wait_for_function(PAINTED, arg=ground)
        red = int(tick.evaluate("e => getComputedStyle(e).fill").removeprefix("rgb(").split(",")[0])
        assert (red > 200) == (scheme == "dark")
