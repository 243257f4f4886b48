"""What a page says while a call waits or runs, and what a cancel leaves."""

import time
from types import SimpleNamespace

import pytest

from core.catalog import BY_SLUG
from core.runtime.results import RESULTS
from core.runtime.ticket import Place
from core.ui import waiting
from tests.page_driver import go, visit

CASE = BY_SLUG["people_you_may_know"]


@pytest.fixture
def placed(monkeypatch):
    """A line in which every ticket has the place that is given."""
    return lambda ahead, wait_s: monkeypatch.setattr(waiting.QUEUE, "place", lambda ticket: Place(ahead, wait_s))


@pytest.mark.parametrize(
    ("ahead", "wait_s", "said", "look_s"),
    [
        (1, 0.2, "In line: 1 measurement ahead, about 1 s to wait", 0.5),
        (7, 12.4, "In line: 7 measurements ahead, about 12 s to wait", 1.24),
        (90, 300.0, "In line: 90 measurements ahead, about 5 min to wait", 3.0),
    ],
)
def test_the_place_is_told_and_looked_for_less_often_the_longer_the_wait(placed, ahead, wait_s, said, look_s):
    placed(ahead, wait_s)
    assert waiting._told(SimpleNamespace(waiting=True), "Measuring") == (said, pytest.approx(look_s))


def test_a_running_call_says_what_runs_and_for_how_long(monkeypatch):
    monkeypatch.setattr(waiting.time, "monotonic", lambda: 103.2)
    assert waiting._told(SimpleNamespace(waiting=False, began_s=100.0), "Measuring")[0] == "Measuring… 3 s"


def test_a_call_that_ends_soon_says_nothing_and_a_slow_one_takes_its_line_away(monkeypatch):
    said = []
    monkeypatch.setattr(waiting, "_told", lambda ticket, what: said.append(what) or (what, 0.01))
    assert waiting.here("Adding")(sum, (1, 2)) == 3 and not said
    monkeypatch.setattr(waiting, "QUIET_S", 0.0)
    assert waiting.here("Sleeping")(lambda: time.sleep(0.05) or "slept") == "slept" and said[0] == "Sleeping"


def test_a_failure_is_raised_where_the_page_asked():
    def fails():
        raise ValueError("no such city")

    with pytest.raises(ValueError, match="no such city"):
        waiting.here("Failing")(fails)


def test_a_cancelled_design_is_not_measured_until_the_visitor_says_so():
    RESULTS.clear()
    app = visit()
    app.session_state[waiting.STOPPED] = (CASE.slug, repr(CASE.Design()), 0)
    go(app, f"{CASE.slug}.py")
    assert RESULTS.known(CASE, CASE.Design(), 0) is None and not app.exception
    assert any("This design was not measured here" in text.value for text in app.markdown)
    next(button for button in app.button if button.label == "Measure it").click().run()
    assert RESULTS.known(CASE, CASE.Design(), 0) is not None and not app.exception
    assert not any("was not measured here" in text.value for text in app.markdown)


def test_a_cancel_holds_for_that_very_call_alone():
    app = visit()
    app.session_state[waiting.STOPPED] = (CASE.slug, repr(CASE.Design()), 1)
    go(app, f"{CASE.slug}.py")
    assert RESULTS.known(CASE, CASE.Design(), 0) is not None and not app.exception
