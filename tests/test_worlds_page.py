"""The headline's line on a page: what its interval covers, and worlds that come in while the page stands."""

import pytest

from core.catalog import BY_SLUG
from core.metrics.worlds import Span
from core.runtime.results import RESULTS
from core.runtime.worlds import WORLDS, World
from core.ui import jobs
from core.ui.case import worlds
from tests.page_driver import captions, finished, open_tab, tiles, visit

CASE = BY_SLUG["people_you_may_know"]
KEY = CASE.qualities[0].key


@pytest.fixture(autouse=True)
def no_worlds():
    WORLDS.clear()
    jobs._JOBS.clear()
    yield
    WORLDS.clear()


@pytest.fixture
def graded(monkeypatch):
    """Three worlds that come at once, and the arguments under which they were asked for."""
    asked = []

    def drawn(case, design, seed):
        asked.append((case.slug, design, seed))
        quality = RESULTS.known(CASE, CASE.Design(), 0).quality
        for seed, more in enumerate((0.0, 0.03, 0.06)):
            spans = {key: Span(e.value + more, e.low + more, e.high + more) for key, e in quality.items()}
            yield World(seed, spans)

    monkeypatch.setattr(worlds, "worlds_of", drawn)
    monkeypatch.setattr(worlds, "ON", True)
    monkeypatch.setattr(worlds, "AFTER_S", 0.0)
    return asked


def headline(app):
    return next(text.value for text in app.markdown if '<dl class="kp-figures"' in text.value)


def test_the_mean_over_worlds_becomes_the_headline_when_they_are_in(graded):
    app = open_tab(visit(CASE), CASE, "Metrics")
    finished(jobs._JOBS)
    app.run()
    assert not app.exception
    own = RESULTS.known(CASE, CASE.Design(), 0).quality[KEY].value
    assert f'kp-value">{own + 0.03:.3f}' in headline(app)
    assert tiles(app)[0].value.startswith(f"{own + 0.03:.3f} ±")
    assert "95 % over 3 drawn worlds of" in captions(app) and f"With seed 0 alone it is {own:.3f}" in captions(app)
    assert graded == [(CASE.slug, CASE.Design(), 0)]


def test_without_worlds_the_line_says_what_was_recorded():
    app = open_tab(visit(CASE), CASE, "Metrics")
    assert not app.exception
    assert "of one world and the recorded spread of worlds" in captions(app)
    assert not any(name.endswith("worlds") for _, name in jobs._JOBS)
