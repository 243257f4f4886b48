"""The checks page: what it lists, runs, cancels and answers to bad links; and checks in the background."""

import re
import threading
import time
from collections import Counter
from dataclasses import replace
from html import unescape

import pytest
from streamlit.testing.v1 import AppTest

from core.catalog import CASES
from core.checks.common import checks_of
from core.checks.results import VERDICTS, CheckResult, check_results
from core.contract.case import Published
from core.contract.check import Check, Verdict
from core.runtime.recorded import RecordedVerdict
from core.ui import jobs
from core.ui.case import check_list
from core.ui.checks import all_checks, background, filters
from core.ui.home import gallery
from tests import factory
from tests.page_driver import as_read

ROUTER = "../core/ui/router.py"
PATIENCE_S = 120
NOT_YET = "-badge[not run yet]"
FIRST = CASES[0]
QUICK = (
    Check("T1", "Water is wet.", "INV", lambda seed: Verdict(True, f"wet in 3 of 3 glasses, seed {seed}")),
    Check("T2", "Ice is warm.", "DIR", lambda seed: Verdict(False, "0 degrees"), "it is below zero"),
    Check("T3", "Steam is broken.", "FLIP", lambda seed: 1 / 0),
)


@pytest.fixture(autouse=True)
def nothing_has_run(monkeypatch):
    monkeypatch.setattr(gallery, "SAMPLE", 0)
    VERDICTS.clear()
    jobs._JOBS.clear()
    yield
    for job in jobs._JOBS.values():
        job.cancel()
    VERDICTS.clear()


@pytest.fixture
def quick(monkeypatch):
    """Two cases with three quick checks each."""
    made = [replace(case, checks=QUICK, published=()) for case in CASES[:2]]
    for module in (all_checks, filters):
        monkeypatch.setattr(module, "CASES", made)
    monkeypatch.setattr("core.checks.results.checks_of", lambda case: QUICK)
    return made


def visit(link=None, page="truth.py"):
    app = AppTest.from_file(ROUTER, default_timeout=PATIENCE_S).run()
    app.query_params.clear()
    app.query_params.update(link or {})
    return app.switch_page(f"../../pages/{page}").run()


def words(app):
    return unescape(re.sub(r"<[^>]+>", "", "\n".join(text.value for text in app.markdown)))


def finish():
    until = time.monotonic() + PATIENCE_S
    while any(job.running for job in jobs._JOBS.values()):
        assert time.monotonic() < until
        time.sleep(0.02)


def press(app, label):
    next(button for button in app.button if label in button.label).click().run()


# -- the page --------------------------------------------------------------------------------------------------------


def listed_at_first(results):
    """How many checks a page lists before “show all”: at most ten of each case."""
    return sum(min(check_list.AT_FIRST, n) for n in Counter(result.case.slug for result in results).values())


def test_it_lists_every_check_of_every_case_and_none_as_passing_before_it_ran(monkeypatch):
    monkeypatch.setattr(check_list, "AT_FIRST", 1_000)
    app = visit()
    assert not app.exception and not app.warning
    shown, told = words(app), check_results(CASES, 0)
    assert len(told) >= 100
    assert shown.count(NOT_YET) == len(told)
    assert all(each.check.sentence in shown for each in told)
    assert ": passes]" not in shown and ": fails" not in shown
    assert f"{len(told)} checks over 10 cases; none of them has run" in shown


def test_it_shows_every_published_figure_with_its_source_and_what_is_known_of_its_direction():
    shown = words(visit())
    figures = [each for case in CASES for each in case.published]
    assert figures and all(each.what in shown and each.source.title in shown for each in figures)
    assert shown.count("Direction: ") == len(figures)
    assert "Direction: the same" not in shown and "Direction: not the same" not in shown  # nothing has run


def test_what_our_checks_say_of_a_published_direction_is_told_with_their_numbers(quick, monkeypatch):
    figures = [Published("Size", "14×", FIRST.sources[0], "T1.", agrees=(id,)) for id in ("T1", "T2")]
    cases = [replace(quick[0], published=tuple(figures))]
    for module in (all_checks, filters):
        monkeypatch.setattr(module, "CASES", cases)
    app = visit()
    press(app, "Run here: 3 checks")
    finish()
    app.run()
    shown = words(app)
    assert "Direction: the sameT1: “Water is wet.” passes (wet in 3 of 3 glasses, seed 0) measured" in shown
    assert "Direction: not the sameT2: “Ice is warm.” fails as known (0 degrees) measured" in shown


def test_the_checks_run_from_the_page_and_all_states_are_told(quick):
    app = visit()
    press(app, "Run here: 6 checks")
    finish()
    app.run()
    assert not app.exception
    shown = words(app)
    assert "6 checks over 2 cases; 4 ran on this server: 2 pass, 0 fail, 2 fail as known, 2 could not run." in shown
    assert shown.count("wet in 3 of 3 glasses, seed 0") == 2
    assert "0 degrees" in shown and "it is below zero" in shown and "ZeroDivisionError" in shown
    assert any("Run here: 2 checks" in button.label for button in app.button)  # those that could not


def on_a_case_page():
    from core.ui.case import sections
    from tests.toy_case import CASE

    sections.notices(CASE, 0)


def test_on_a_case_page_checks_run_in_the_background_and_can_be_cancelled(quick, monkeypatch):
    gate, ran = threading.Event(), []
    held = (Check("T1", "Water is wet.", "INV", slow(gate, ran)), *QUICK[1:])
    monkeypatch.setattr("core.checks.results.checks_of", lambda case: held)
    app = AppTest.from_function(on_a_case_page).run()
    press(app, "Run here: 3 checks")  # comes back at once, though the first check waits
    assert app.get("progress") and not any("Run here" in button.label for button in app.button)
    wait_for(lambda: ran)
    press(app, "Cancel")
    gate.set()
    finish()
    app.run()
    assert not app.exception and any("Cancelled after 1 of 3 checks" in each.value for each in app.caption)
    assert any("Run here: 2 checks" in button.label for button in app.button) and len(ran) == 1


def test_what_one_visitor_ran_another_sees_and_only_under_its_seed(quick):
    press(visit({"case": quick[0].slug}), "Run here: 3 checks")
    finish()
    assert words(visit()).count("wet in 3 of 3 glasses") == 1
    assert "none of them has run" in words(visit({"seed": "5"}))


def test_a_link_to_one_check_shows_that_one_first_and_closes(quick):
    app = visit({"check": f"{quick[1].slug}/T2"})
    sentences = [text.value for text in app.markdown if "is warm" in text.value or "is wet" in text.value]
    assert "is wet" not in sentences[0] and "is warm" in sentences[0]
    press(app, "Run this check")
    finish()
    app.run()
    assert "fails as known" in next(text.value for text in app.markdown if "is warm" in text.value)
    press(app, "Close")
    assert "check" not in app.query_params and not app.exception


@pytest.mark.parametrize(
    "link, listed",
    [
        ({"case": FIRST.slug}, check_list.AT_FIRST),
        ({"kind": "FLIP"}, listed_at_first([r for r in check_results(CASES, 0) if r.check.kind == "FLIP"])),
        ({"case": FIRST.slug, "kind": "INV"}, sum(each.kind == "INV" for each in checks_of(FIRST))),
        ({"state": "passes"}, 0),
    ],
    ids=str,
)
def test_a_link_carries_the_filters(link, listed):
    app = visit(link)
    assert not app.exception and not app.warning
    assert words(app).count(NOT_YET) == listed
    assert app.query_params == link
    assert (listed > 0) == (not app.info)


def test_turning_a_filter_rewrites_the_link_and_coming_back_finds_it(quick):
    app = visit()
    app.selectbox(key="truth.kind").set_value("DIR").run()
    assert app.query_params == {"kind": "DIR"}
    assert "is warm" in words(app) and "is wet" not in words(app)
    app.query_params.clear()
    app.switch_page("../../pages/home.py").run()
    app.switch_page("../../pages/truth.py").run()
    assert app.selectbox(key="truth.kind").value == "DIR"


@pytest.mark.parametrize(
    "link, said",
    [
        ({"check": "visual_search/NOSUCH"}, "no check “visual_search/NOSUCH”"),
        ({"check": "nosuch/V1"}, "no check “nosuch/V1”"),
        ({"check": "<script>" + "x" * 9_000}, "no check “<script>"),
        ({"case": "nosuch"}, "no case “nosuch”"),
        ({"kind": "inv"}, "no kind “inv”"),
        ({"state": "true"}, "no state “true”"),
        ({"seed": "-1"}, "“-1” is not a number"),
        ({"seed": "9" * 30}, "is not a number"),
        ({"seed": "²"}, "“²” is not a number"),
    ],
    ids=lambda value: str(value)[:50],
)
def test_a_bad_link_opens_everything_and_says_what_there_is_not(link, said):
    app = visit(link)
    assert not app.exception
    (warning,) = app.warning
    assert said in as_read(warning.value) and len(warning.value) < 200
    assert words(app).count(NOT_YET) == listed_at_first(check_results(CASES, 0))
    assert not app.query_params


def test_every_check_on_a_case_page_leads_to_the_truth_page_with_it_first():
    told = check_results(CASES, 0)
    for each in told:
        link = filters.link_to(each)
        assert f"]({link})" in check_list.paragraphs([each])
        assert " " not in link and link.startswith("truth?check=")


def test_a_state_is_found_under_the_name_that_older_links_carry():
    app = visit({"state": "holds"})
    assert not app.warning and app.query_params == {"state": "passes"}


def test_ten_checks_of_a_case_are_listed_those_that_fail_first_and_a_press_lists_all(quick, monkeypatch):
    many = tuple(Check(f"T{i}", f"It is {i}.", "INV", lambda seed: Verdict(True, "")) for i in range(12))
    many = (*many, Check("T99", "It fails.", "INV", lambda seed: Verdict(False, "")))
    monkeypatch.setattr("core.checks.results.checks_of", lambda case: many)
    for case in quick:
        VERDICTS.add(case, many[-1], 0, Verdict(False, "0 of 1"))
    app = visit()
    (first, second) = [text.value for text in app.markdown if "It fails." in text.value]
    assert first.count(NOT_YET) == 9 and first.index("It fails.") < first.index("It is 0.")
    press(app, "Show all 13")
    (first, second) = [text.value for text in app.markdown if "It fails." in text.value]
    assert (first.count(NOT_YET), second.count(NOT_YET)) == (12, 9)


@pytest.mark.parametrize("on", ["page", "case"])
def test_recorded_verdicts_are_there_at_once_with_their_badge_and_run_here_replaces_them(on, quick, monkeypatch):
    slug = quick[0].slug if on == "page" else "toy"
    kept = RecordedVerdict("Water is wet.", False, True, "dry in 3 of 3 glasses", "A CPU", "2026-11-01")
    record = {(slug, "T1", 0): kept}
    monkeypatch.setattr("core.checks.results.recorded_verdicts", lambda: record)
    app = visit({"case": slug}) if on == "page" else AppTest.from_function(on_a_case_page).run()
    assert "recorded on A CPU, 2026-11-01" in words(app).replace("Recorded", "recorded")
    row = next(text.value for text in app.markdown if "Water is wet." in text.value)
    assert "fails]" in row and ":gray-badge[recorded]" in row and "dry in 3" in row
    press(app, "Run here: 3 checks")
    finish()
    app.run()
    row = next(text.value for text in app.markdown if "Water is wet." in text.value)
    assert "passes]" in row and ":gray-badge[recorded]" not in row and "dry" not in row


def test_the_files_hold_what_is_shown(quick):
    app = visit({"kind": "DIR"})
    assert [button.proto.label for button in app.get("download_button")] == ["These as CSV", "These as JSON"]


# -- one claim in words ----------------------------------------------------------------------------------------------


def test_an_error_of_several_lines_with_brackets_stays_one_paragraph_of_small_print():
    claim = CheckResult(FIRST, QUICK[2], 0, Verdict(False, "could not run: E: a[0]\n\n# big <b>", ran=False))
    told = check_list.paragraphs([claim])
    assert "\n\n" not in told and "# big" not in told.split("\n") and "<b>" not in told
    assert told.endswith(":small[could not run: E: a(0) # big &lt;b&gt;.]")


# -- in the background -----------------------------------------------------------------------------------------------


def slow(gate, ran):
    def run(seed):
        ran.append(seed)
        assert gate.wait(PATIENCE_S)
        return Verdict(True, "")

    return run


def asked(run, n, slug="made"):
    case = factory.case(lambda design, seed: factory.measurement(), slug)
    return [CheckResult(case, Check(f"T{i}", "It holds.", "INV", run), 0, None) for i in range(n)]


def wait_for(condition):
    until = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_cancel_stops_before_the_next_check_and_keeps_what_ran():
    gate, ran = threading.Event(), []
    told = [*asked(lambda seed: ran.append(seed) or Verdict(True, ""), 1), *asked(slow(gate, ran), 5)[1:]]
    job = background.start("one", told)
    wait_for(lambda: len(ran) == 2)
    job.cancel()
    wait_for(lambda: not job.running)  # at once, while its check still runs
    gate.set()
    finish()
    assert (len(ran), job.done, job.total) == (2, 1, 5)
    known = [VERDICTS.known(each.case, each.check, 0) is not None for each in told]
    assert known == [True, False, False, False, False]


def test_a_cancelled_run_is_told_on_the_page(quick, monkeypatch):
    gate, ran = threading.Event(), []
    held = (QUICK[0], Check("T2", "Ice is warm.", "DIR", slow(gate, ran)), QUICK[2])
    monkeypatch.setattr("core.checks.results.checks_of", lambda case: held)
    app = visit()
    press(app, "Run here: 6 checks")
    wait_for(lambda: ran)
    app.query_params["check"] = f"{quick[0].slug}/T2"
    app.run()
    assert not any("Run this check" in button.label for button in app.button)  # it would end the run that goes on
    press(app, "Cancel")
    finish()  # before the check that still runs
    gate.set()
    app.run()
    assert any("Cancelled after 1 of 6 checks" in caption.value for caption in app.caption)
    assert not app.exception


def test_visitors_take_turns_and_one_check_runs_at_a_time():
    order, gate = [], threading.Event()

    def run_of(name):
        return lambda seed: (gate.wait(PATIENCE_S), order.append(name), time.sleep(0.05), Verdict(True, ""))[-1]

    background.start("one", asked(run_of("one"), 3, "one"))
    background.start("two", asked(run_of("two"), 3, "two"))
    gate.set()
    finish()
    assert order == ["one", "two"] * 3


def test_what_somebody_else_has_run_meanwhile_does_not_run_again():
    ran = []
    told = asked(lambda seed: ran.append(seed) or Verdict(True, ""), 2)
    background.start("one", told)
    finish()
    job = background.start("two", told)
    finish()
    assert len(ran) == 2 and job.done == 2


def test_a_new_run_of_a_visitor_stops_the_old_one():
    gate, ran = threading.Event(), []
    old = background.start("one", asked(slow(gate, ran), 4, "old"))
    wait_for(lambda: ran)
    background.start("one", asked(lambda seed: Verdict(True, ""), 1, "new"))
    gate.set()
    finish()
    wait_for(lambda: not old.running)
    assert len(ran) == 1 and old.cancelled


def test_a_run_that_no_page_looks_at_stops_by_itself(monkeypatch):
    monkeypatch.setattr(jobs, "ORPHANED_S", -1.0)
    ran = []
    background.start("one", asked(lambda seed: ran.append(seed) or Verdict(True, ""), 3))
    finish()
    assert not ran


# -- the glossary's page ---------------------------------------------------------------------------------------------


def test_the_glossary_lists_its_terms_and_searches_them():
    from core.interview.glossary import TERMS

    app = visit(page="glossary.py")
    assert not app.exception and all(term.meaning in words(app) for term in TERMS)
    app.text_input(key="glossary.search").set_value("knee").run()
    assert "furthest from the line" in words(app) and "nprobe" not in words(app)
    app.text_input(key="glossary.search").set_value("<b>zzz</b>").run()
    assert not app.exception and any("No term has" in caption.value for caption in app.caption)


def test_a_link_to_a_term_shows_it_first_and_a_bad_one_is_told():
    app = visit({"term": "recall-at-k"}, "glossary.py")
    assert words(app).count("among the first k") == 2 and not app.warning
    app = visit({"term": "<script>" * 99}, "glossary.py")
    (warning,) = app.warning
    assert "is not a term" in warning.value and len(warning.value) < 120 and not app.exception
