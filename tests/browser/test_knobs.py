"""Every knob of every page, moved by hand in a real browser, one after the other from where the last one left off."""

import pytest

from core.catalog import CASES
from core.contract.design import canonical, from_query, knobs
from tests.browser.conftest import serving

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def alone(chromium, tmp_path_factory):
    """A server that measures nothing without being asked."""
    with serving(tmp_path_factory.mktemp("knobs"), KNEEPOINT_NEIGHBOURS="off") as address:
        yield address


def design_of(visitor, case):
    query = {name: text for name, text in visitor.query().items() if name in knobs(case.Design)}
    return from_query(case.Design, query)[0]


def turn(visitor, case, each, design):
    """Move a knob's widget to another of its options as a visitor does; returns the option's place on it."""
    box = visitor.page.locator(f".st-key-{case.slug}-{each.name}").first
    box.scroll_into_view_if_needed()
    options = each.offered(design)
    at = options.index(getattr(design, each.name))
    other = at + 1 if at + 1 < len(options) else at - 1
    slider = box.get_by_role("slider")
    if slider.count():
        slider.first.focus()
        visitor.page.keyboard.press("ArrowRight" if other > at else "ArrowLeft")
    elif box.get_by_role("combobox").count():
        box.get_by_role("combobox").click()
        visitor.page.get_by_role("option").nth(other).click()
    else:
        box.get_by_role("radio").nth(other).click()
    return options[other]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.slug)
def test_every_knob_is_moved_in_the_browser_and_the_page_follows(case, alone, visit, subtests):
    visitor = visit(alone).open(f"/{case.slug}")
    visitor.figures()
    visitor.page.get_by_text("Data dials").click()
    for name, each in knobs(case.Design).items():
        design = design_of(visitor, case)
        if not each.active(design) or len(each.offered(design)) < 2:
            continue
        with subtests.test(knob=name):
            to = turn(visitor, case, each, design)
            visitor.until_query(**{name: str(to)})
            assert getattr(design_of(visitor, case), name) == to
            assert canonical(design_of(visitor, case)) == design_of(visitor, case)
            assert visitor.page.get_by_text("could not be run").count() == 0
            assert visitor.page.get_by_test_id("stException").count() == 0
            assert visitor.figures()
