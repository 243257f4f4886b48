"""Every knob of every page, moved by hand in a real browser, one after the other from where the last one left off."""

import pytest

from core.catalog import CASES
from core.contract.design import canonical, knobs
from tests.browser.conftest import design_of, turn

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.slug)
def test_every_knob_is_moved_in_the_browser_and_the_page_follows(case, server, visit, subtests):
    visitor = visit(server).open(f"/{case.slug}")
    assert len(visitor.tiles()) == 4
    visitor.open_knobs()
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
            assert len(visitor.tiles()) == 4
