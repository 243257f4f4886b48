"""The real app, page by page and knob by knob, without a browser."""

import re
import sys
import time
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.catalog import BY_SLUG, CASES
from core.contract.case import SEED
from core.contract.check import Check, Verdict
from core.contract.design import canonical, from_query, knobs, neighbours, to_query
from core.datasets.files import DataError
from core.runtime.results import Results
from core.runtime.timing import TOO_BUSY
from core.serving import slo
from core.serving.evaluate import evaluate
from core.serving.requirement_text import LIMITS
from core.serving.scenario import Scenario
from core.ui import jobs, page_run
from core.ui.cards import BADGES
from core.ui.case import sections
from core.ui.checks import background
from core.ui.home import gallery
from core.ui.state import SEEDS
from tests.cases_of_tests import few_or_all
from tests.test_contract import reaching

ROUTER = "../core/ui/router.py"  # from this file, as AppTest wants it
UI = Path(__file__).parents[1] / "core" / "ui"
PATIENCE_S = 300  # a busy machine is slow, and slow is not wrong
EVERY_PAGE = ("Findings, checked here", "Sources")  # these a page shows even without a measurement
MEASURED = ("Quality against what it costs", "The pipeline, step by step", "What would be built")

FACTS = {"event_recommendation": {"km"}}  # columns that hold facts of the data

each_case = few_or_all(CASES)


@pytest.fixture(scope="module", autouse=True)
def no_sweep_behind_the_tests():
    """Home asks for no designs, unless a test says how many."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(gallery, "SAMPLE", 0)
        yield


@pytest.fixture(scope="module", params=CASES, ids=lambda case: case.slug)
def opened(request):
    """(case, its page as it first opens), shared by the tests that only look."""
    return request.param, visit(request.param)


PANEL = ("Data dials", "What was asked", "Prices and assumptions")


def visit(case=None, link=None):
    """A new visitor on home, or on a case's page by a link."""
    app = AppTest.from_file(ROUTER, default_timeout=PATIENCE_S).run()
    return app if case is None else go(app, f"{case.slug}.py", link)


def go(app, page, link=None, folded=False):
    """To a page by a link, with the parts of its panel open unless `folded`."""
    for part in () if folded else PANEL[:2]:
        app.session_state[f"{page.removesuffix('.py')}.{part}.open"] = True
    app.query_params.clear()
    app.query_params.update(link or {})
    return app.switch_page(f"../../pages/{page}").run()


def link_to(case, design=None, **changed):
    return {**to_query(case.Design() if design is None else design, SEED), **changed}


def whole_link(case, design=None, **changed):
    """What the address bar shows: every knob, the seed and everything that was asked."""
    asked = {name: getattr(case.requirements, name) for name in LIMITS}
    texts = {name: "none" if value is None else f"{value:.15g}" for name, value in asked.items()}
    return {**link_to(case, design), **texts, **changed}


def widgets(app, case):
    """{knob name: its widget}, for every knob that the page shows."""
    found = {w.key: w for kind in (app.select_slider, app.selectbox, app.button_group) for w in kind}
    return {name: found[f"{case.slug}.{name}"] for name in knobs(case.Design) if f"{case.slug}.{name}" in found}


def design_of(app, case):
    """(design, seed) that the widgets say."""
    values = {name: widget.value for name, widget in widgets(app, case).items()}
    return case.Design(**values), app.session_state[f"{case.slug}.seed"]


def told(app):
    """Everything the page says, cards included."""
    return " ".join(text.value for text in app.markdown)


def _dollars(text):
    return re.findall(r"\$[\d.,]+(?: million)?", text)


def words(markdown):
    """What a reader reads: without the tags of tooltips."""
    return unescape(re.sub(r"<[^>]+>", "", markdown))


def subheaders(app):
    return [each.value for each in app.subheader]


def stands(app, case):
    """Nothing raised, nothing failed, and all widgets and the sections that every page has are there."""
    assert not app.exception, app.exception
    assert not app.error, app.error
    assert [each.value for each in app.title] == [case.title]
    assert set(widgets(app, case)) == set(knobs(case.Design))
    assert {*MEASURED, *EVERY_PAGE} <= set(subheaders(app))
    idle = {name for name, each in knobs(case.Design).items() if not each.active(design_of(app, case)[0])}
    assert {name for name, widget in widgets(app, case).items() if widget.disabled} == idle


def another(each, design):
    """The option to move to: the first on offer that is not the present one."""
    return next(option for option in each.offered(design) if option != getattr(design, each.name))


# -- home ------------------------------------------------------------------------------------------------------------


def test_home_opens_and_leads_to_every_case():
    app = visit()
    assert not app.exception
    assert app.title[0].value == "Kneepoint"
    led_to = [link.proto.page for link in app.get("page_link")]
    assert {case.slug for case in CASES} <= set(led_to)


# -- a page as it opens ----------------------------------------------------------------------------------------------


def test_every_page_opens_with_its_question_its_widgets_and_its_sections(opened):
    case, app = opened
    stands(app, case)
    assert design_of(app, case) == (case.Design(), SEED)
    assert case.question in [text.value for text in app.markdown]
    assert not app.warning


def test_the_address_carries_every_knob_the_seed_the_load_and_the_bound(opened):
    case, app = opened
    assert app.query_params.keys() == {*knobs(case.Design), "seed", "v", *LIMITS}
    assert from_query(case.Design, {k: v for k, v in app.query_params.items() if k not in LIMITS})[2] == []


def test_every_figure_card_says_what_kind_of_number_it_holds(opened):
    _, app = opened
    cards = FigureCards()
    for text in app.markdown:
        cards.feed(text.value)
    assert len(cards.badges) >= 4
    assert all(len(badges) == 1 and badges[0] in BADGES for badges in cards.badges), cards.badges


def test_every_column_of_figures_says_what_kind_they_are(opened):
    case, app = opened
    below = [caption.value for caption in app.caption if any(f"-badge[{kind}]" in caption.value for kind in BADGES)]
    untold = {
        str(column)
        for table in (*app.dataframe, *app.table)
        for column, cells in table.value.items()
        if any(is_figure(cell) for cell in cells)
        and not any(kind in str(column) for kind in BADGES)
        and not any(str(column) in told for told in below)
    }
    assert untold <= FACTS.get(case.slug, set())


def is_figure(cell):
    """A number with a fraction, or one with a unit; a place, a count of things and a year are not."""
    if isinstance(cell, float):
        return cell == cell and not cell.is_integer()
    return isinstance(cell, str) and bool(
        re.fullmatch(r"[+−-]?[\d,]*\.\d+( .*)?|[+−-]?[\d,.]+ ?(%|ms|µs|s|[kMG]B)", cell)
    )


def test_every_chart_is_told_in_words_to_those_who_do_not_see_it(opened):
    _, app = opened
    shown = list(app.main)
    charts = app.get("plotly_chart")
    assert charts
    for chart in charts:
        assert len(chart.proto.alt.split()) >= 8, chart.key
    followed = {before.proto.alt: after for before, after in pairwise(shown) if before.type == "plotly_chart"}
    assert followed.keys() == {chart.proto.alt for chart in charts}
    for words, after in followed.items():
        assert after.type == "caption" and len(after.value.split()) >= 8, words


def test_every_picture_and_drawing_has_words_in_its_place(opened):
    _, app = opened
    pictures = Pictures()
    for text in app.markdown:
        pictures.feed(text.value)
    assert pictures.words and all(words.strip() for words in pictures.words)


class FigureCards(HTMLParser):
    """Collects the badges of every figure card."""

    def __init__(self):
        super().__init__()
        self.badges = []

    def handle_starttag(self, tag, attrs):
        classes = (dict(attrs).get("class") or "").split()
        if {"kp-figure", "kp-constraint"} & set(classes):
            self.badges.append([])
        if "kp-badge" in classes and self.badges:
            self.badges[-1] += [name for name in classes if name != "kp-badge"]


class Pictures(HTMLParser):
    """Collects the words of every image (its alt) and drawing (its title)."""

    def __init__(self):
        super().__init__()
        self.words, self.open = [], ""

    def handle_starttag(self, tag, attrs):
        if tag == "img":
            self.words.append(dict(attrs).get("alt", ""))
        if tag == "svg":
            self.words.append("")
        self.open = tag

    def handle_data(self, data):
        if self.open == "title":
            self.words[-1] += data

    def handle_endtag(self, tag):
        self.open = ""


# -- knobs -----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@each_case
def test_every_knob_can_be_moved_and_the_page_stands(case):
    app = visit(case)
    for name, each in knobs(case.Design).items():
        other = next(option for option in reversed(each.options) if option != each.default)
        start = canonical(replace(reaching(case, name, other), **{name: each.default}))
        if start != design_of(app, case)[0]:
            app = go(app, f"{case.slug}.py", link_to(case, start))
        option = another(each, start)
        widgets(app, case)[name].set_value(option).run()
        stands(app, case)
        assert getattr(design_of(app, case)[0], name) == option
        assert app.query_params[name] == str(option)


@each_case
def test_one_press_goes_back_to_the_baseline(case):
    app = visit(case)
    next(button for button in app.button if button.label == "Back to the baseline").click().run()
    stands(app, case)
    assert design_of(app, case) == (case.baseline, SEED)


@each_case
def test_a_move_is_told_in_a_sentence(case):
    app = visit(case)
    assert not any("What changed" in text.value for text in app.markdown)
    next(button for button in app.button if button.label == "Back to the baseline").click().run()
    assert any("What changed" in text.value for text in app.markdown)


def test_a_machine_too_busy_to_say_is_told_and_timing_again_gives_the_verdict_back(monkeypatch):
    case = CASES[0]
    noise = iter([50.0, 1.0])
    run = replace(case, run=lambda design, seed: replace(case.run(design, seed=seed), noise=next(noise, 1.0)))
    monkeypatch.setattr(slo, "TOO_BUSY", TOO_BUSY)
    monkeypatch.setattr(page_run, "RESULTS", Results())
    real = Results.measure, Results.time_again
    monkeypatch.setattr(Results, "measure", lambda self, _, *rest: real[0](self, run, *rest))
    monkeypatch.setattr(Results, "time_again", lambda self, _, *rest: real[1](self, run, *rest))
    app = visit(case)
    stands(app, case)
    assert any("Too noisy to say" in text.value for text in app.markdown) and slo.TOO_NOISY in told(app)
    next(button for button in app.button if button.label == "Time again").click().run()
    assert not any("Too noisy to say" in text.value for text in app.markdown) and slo.TOO_NOISY not in told(app)
    assert not any(button.label == "Time again" for button in app.button)


@each_case
def test_what_comes_and_goes_moves_nothing_that_follows(case, monkeypatch):
    """The browser knows a part by its place and makes anew what changes it: a redraw then takes half as long again."""
    monkeypatch.setattr(jobs, "start_sweep", lambda *args: None)
    app = visit(case)
    places = kinds(app.main)
    monkeypatch.setattr(sections, "BUSY", 0.0)  # now all was measured on a busy machine, which the page says
    near = [design for _, design in neighbours(case.Design())]
    for design in near[:: max(1, len(near) // 4)]:
        app = go(app, f"{case.slug}.py", link_to(case, design))
        assert any("The machine was busy" in text.value for text in app.caption)
        assert any("What changed" in text.value for text in app.markdown)
        assert kinds(app.main) == places


def kinds(block):
    """Where which kind of element stands, in a part of the page."""
    return {place: each.type for place, each in block.children.items()}


# -- links -----------------------------------------------------------------------------------------------------------


@each_case
def test_what_is_folded_in_the_panel_still_counts_and_stays_as_it_was_set(case):
    dials = [name for name, each in knobs(case.Design).items() if each.family == "data" and each.ordered]
    design, seed = neighbours(case.Design())[0][1], 3
    changed = {"peak_factor": "7", "budget_usd": "none", "seed": str(seed)}
    app = go(visit(), f"{case.slug}.py", link_to(case, design, **changed), folded=True)
    assert not app.exception and not app.error and not app.warning
    assert not set(dials) & set(widgets(app, case)) and not app.number_input
    assert app.query_params == whole_link(case, design, **changed)

    for part in PANEL:
        app.session_state[f"{case.slug}.{part}.open"] = True
    app.run()
    assert set(widgets(app, case)) == set(knobs(case.Design)) and design_of(app, case) == (design, seed)
    app.number_input(key=f"{case.slug}.peak_factor").set_value(9.0)
    app.number_input(key=f"{case.slug}.assume.vcpu_hour").set_value(0.5)
    app.number_input(key=f"{case.slug}.seed").set_value(4).run()

    for part in PANEL:
        app.session_state[f"{case.slug}.{part}.open"] = False
    app.run()
    app.run()
    assert not app.number_input
    changed |= {"peak_factor": "9", "seed": "4", "assume_vcpu_hour": "0.5"}
    assert app.query_params == whole_link(case, design, **changed)


@each_case
def test_a_link_opens_its_design_under_the_largest_seed_on_offer(case):
    design, seed = neighbours(case.baseline)[0][1], max(SEEDS)
    changed = {"daily_users": "7", "p99_ms": "250", "budget_usd": "none", "quality_floor": "0.25", "seed": str(seed)}
    app = visit(case, link_to(case, design, **changed))
    stands(app, case)
    assert not app.warning
    assert design_of(app, case) == (design, seed)
    assert app.number_input(key=f"{case.slug}.daily_users").value == 7
    assert app.number_input(key=f"{case.slug}.p99_ms").value == 250
    assert app.number_input(key=f"{case.slug}.budget_usd").value is None
    assert app.query_params == whole_link(case, design, **changed)


@each_case
def test_a_link_of_few_fields_opens_the_rest_at_their_defaults(case):
    name, design = neighbours(case.Design())[0]
    app = visit(case, {name: str(getattr(design, name))})
    stands(app, case)
    assert design_of(app, case) == (design, SEED)


@each_case
def test_a_bad_link_opens_the_nearest_design_and_says_what_changed(case, subtests):
    active = [each for each in knobs(case.Design).values() if each.active(case.Design())]
    number = next(each for each in active if each.ordered and each.family != "data").name
    choice = next(each for each in active if not each.ordered).name
    nearest = {number: max(knobs(case.Design)[number].options)}
    wrong_words = {"no_such_knob": "1", choice: "<script>alert(1)</script>", "seed": "banana", "budget_usd": "much"}
    too_large = {number: "1e9", "seed": "9" * 400, "p99_ms": "inf", "quality_floor": "1.5"}
    too_small = {"seed": "-1", "daily_users": "-3", "assume_headroom": "0"}
    no_number = {number: "nan", choice: "x" * 10_000, "seed": str(max(SEEDS) + 1), "assume_vcpu_hour": "dear"}
    app = visit(case)
    for bad, opens in ((wrong_words, {}), (too_large, nearest), (too_small, {}), (no_number, {})):
        with subtests.test(bad=", ".join(bad)):
            app = go(app, f"{case.slug}.py", link_to(case, **bad))
            stands(app, case)
            assert design_of(app, case) == (canonical(replace(case.Design(), **opens)), SEED)
            said = [warning.value for warning in app.warning]
            assert len(said) == len(bad) and all(len(each) < 300 for each in said), said
            for field, text in bad.items():
                shown = field if field == "no_such_knob" else "not on offer" if field == choice else text[:4]
                assert any(shown in each for each in said), (field, said)
                assert app.query_params.get(field) != text
    assert not app.run().warning


def test_a_name_that_stands_twice_is_told_once_and_leaves_the_address():
    case = BY_SLUG["people_you_may_know"]
    name = next(name for name, each in knobs(case.Design).items() if each.family == "model")
    first, other = (str(option) for option in knobs(case.Design)[name].options[:2])
    app = go(visit(case), f"{case.slug}.py", {**link_to(case), name: [first, other], "daily_users": ["5", "7"]})
    stands(app, case)
    said = [warning.value for warning in app.warning if "stands twice" in warning.value]
    assert len(said) == 2 and f"“{other}” is used, not “{first}”" in said[0], said
    assert (app.query_params[name], app.query_params["daily_users"]) == (other, "7")
    assert not app.run().warning


def test_minus_zero_and_punctuation_behind_a_number_leave_no_trace():
    case = BY_SLUG["people_you_may_know"]
    zeros = {"daily_users": "-0", "items": "-0", "budget_usd": "-0.0"}
    app = visit(case, link_to(case, p99_ms="250).", assume_vcpu_hour="0.5,", predict="on.", **zeros))
    stands(app, case)
    assert {name: app.query_params[name] for name in zeros} == dict.fromkeys(zeros, "0")
    assert (app.query_params["p99_ms"], app.query_params["assume_vcpu_hour"]) == ("250", "0.5")
    assert app.query_params["predict"] == "on"
    assert "-0" not in [str(widget.value)[:2] for widget in app.number_input]
    said = [warning.value for warning in app.warning]
    assert len(said) == 2 and all("without the punctuation" in each for each in said), said


@each_case
def test_the_hardest_requirements_that_a_link_may_carry_are_answered(case):
    hard = {name: f"{high:.15g}" for name, (_, high) in LIMITS.items()}
    hard |= {"p99_ms": "0.1", "budget_usd": "0", "freshness_h": "0"}
    app = visit(case, link_to(case, **hard))
    stands(app, case)
    assert not app.warning
    assert any("It cannot" in text.value for text in app.markdown)


@each_case
def test_without_users_the_page_still_answers(case):
    app = visit(case, link_to(case, daily_users="0"))
    stands(app, case)
    assert not app.warning
    assert "nobody asks" in told(app)


@each_case
def test_a_price_set_by_the_visitor_moves_the_bill_and_nothing_else(case):
    app = visit(case, link_to(case, assume_vcpu_hour="100"))
    stands(app, case)
    assert not app.warning
    assert app.query_params == whole_link(case, assume_vcpu_hour="100")
    assert design_of(app, case) == (case.Design(), SEED)
    ours, dear = (_dollars(told(each)) for each in (visit(case), app))
    assert ours != dear


@each_case
def test_a_design_that_cannot_ship_says_why_and_an_offer_that_can_is_taken(case):
    most, any_quality = ("1", "0") if case.qualities[0].better == "higher" else ("0", "1")
    app = visit(case, link_to(case, quality_floor=most, budget_usd="0"))
    stands(app, case)
    assert any("It cannot" in text.value for text in app.markdown)
    assert any("closest to shipping" in text.value for text in app.markdown)
    easy = {"budget_usd": "none", "freshness_h": "none", "p99_ms": "60000", "items": "none"}
    app = visit(case, link_to(case, case.baseline, quality_floor=any_quality, **easy))
    assert any("ships" in text.value for text in app.markdown)
    taking = [button for button in app.button if ".take." in (button.key or "")]
    if taking:  # else the baseline is all that was measured, and the best of it
        taking[0].click().run()
        stands(app, case)
        assert design_of(app, case) != (case.baseline, SEED)


@each_case
def test_what_was_asked_rules_a_design_out_and_an_offer_that_is_taken_passes(case):
    axis, scenario = case.qualities[0], Scenario(replace(case.requirements, items=None))
    quality = {
        design: evaluate(case, design, case.run(design), scenario).quality(axis.key)
        for design in (case.baseline, case.Design())
    }
    worse, better = sorted(quality, key=lambda design: quality[design].value, reverse=axis.better == "lower")
    ends = [quality[design].low if axis.better == "higher" else -quality[design].high for design in (worse, better)]
    if ends[0] >= ends[1]:
        pytest.skip("worlds differ by more than these two designs, so that no floor tells them apart")
    app = visit(case, link_to(case, better))  # it is measured, so it can be offered
    surely = quality[better].low - 1e-4 if axis.better == "higher" else quality[better].high + 1e-4
    asked = {"quality_floor": f"{surely:.6g}", "budget_usd": "none", "freshness_h": "none", "p99_ms": "60000"}
    app = go(app, f"{case.slug}.py", link_to(case, worse, items="none", **asked))
    assert "**It can.**" not in told(app)  # its interval reaches below what the better one surely has
    taking = next(button for button in app.button if ".take." in (button.key or ""))
    taking.click().run()
    stands(app, case)
    assert "**It can.**" in told(app)
    assert design_of(app, case) != (worse, SEED)


@each_case
def test_requirements_left_empty_or_at_nothing_are_answered(case):
    app = visit(case)
    for name in ("daily_users", "p99_ms", "freshness_h", "quality_floor", "budget_usd"):
        app.number_input(key=f"{case.slug}.{name}").set_value(None)
    app.run()
    stands(app, case)
    assert app.query_params["budget_usd"] == "none" and float(app.query_params["daily_users"]) > 0


# -- what goes wrong, and who else is there --------------------------------------------------------------------------


@each_case
def test_a_failing_data_file_is_told_once_and_the_rest_of_the_page_stands(case, monkeypatch):
    def broken(design, seed=SEED):
        raise DataError("data/pictures.npz is corrupt: its sha256 is not the recorded one")

    monkeypatch.setitem(BY_SLUG, case.slug, replace(case, run=broken))
    app = visit(case, link_to(case, seed="977"))  # a seed that no other test measures
    assert not app.exception
    (message,) = app.error
    assert "data/pictures.npz is corrupt" in message.value
    assert set(EVERY_PAGE) <= set(subheaders(app))
    assert set(widgets(app, case)) == set(knobs(case.Design))
    assert not app.get("plotly_chart")
    read = words(told(app))
    assert all(check.sentence in read for check in case.checks)
    assert all(source.title in read for source in case.sources)


@each_case
def test_two_visitors_do_not_disturb_each_other(case):
    one, other = visit(case), visit(case, link_to(case, case.baseline))
    one.number_input(key=f"{case.slug}.daily_users").set_value(3.0).run()
    other.run()
    assert design_of(one, case) == (case.Design(), SEED)
    assert design_of(other, case) == (case.baseline, SEED)
    assert one.query_params["daily_users"] == "3"
    assert other.query_params["daily_users"] == f"{case.requirements.daily_users:.15g}"


@pytest.mark.parametrize("folded", [False, True])
@each_case
def test_home_and_back_brings_the_last_design_back(case, folded):
    design = neighbours(case.baseline)[0][1]
    app = go(visit(), f"{case.slug}.py", link_to(case, design, p99_ms="250"), folded)
    app = go(app, "home.py", folded=True)
    assert not app.exception and app.title[0].value == "Kneepoint"
    app = go(app, f"{case.slug}.py", folded=folded)
    assert not app.exception and not app.error
    assert folded or design_of(app, case) == (design, SEED)
    assert app.query_params == whole_link(case, design, p99_ms="250")


@each_case
def test_the_checks_run_on_the_page_and_say_which_hold(case, monkeypatch):
    def broken(seed):
        raise ValueError("no such array")

    checks = (
        Check("T1", "Water is wet.", "INV", lambda seed: Verdict(True, "wet in 3 of 3 glasses")),
        Check("T2", "Ice is warm.", "DIR", lambda seed: Verdict(False, "0 degrees"), "it is below zero."),
        Check("T3", "Steam is broken.", "FLIP", broken),
    )
    monkeypatch.setattr("core.checks.results.checks_of", lambda case: checks)
    app = visit(case)
    assert sum(text.value.count("-badge[not run yet]") for text in app.markdown) == 3
    app.button(key=f"{case.slug}.check.run").click().run()
    until = time.monotonic() + PATIENCE_S
    while any(job.running for job in background._JOBS.values()) and time.monotonic() < until:
        time.sleep(0.02)
    app.run()
    stands(app, case)
    told = words(next(text.value for text in app.markdown if "Water is wet." in text.value))
    wet, warm, steam = told.split("\n\n")
    assert "passes" in wet and "wet in 3 of 3 glasses" in wet
    assert "fails" in warm and "0 degrees" in warm and "it is below zero." in warm
    assert "fails" in steam and "no such array" in steam
    assert app.button(key=f"{case.slug}.check.run").label == "Run here: 1 check"  # the one that could not


def test_no_module_beside_the_router_hides_one_of_the_standard_library():
    """`streamlit run core/ui/router.py` puts that folder on the path before the standard library."""
    assert not {path.stem for path in UI.glob("*.py")} & sys.stdlib_module_names


def test_a_second_chart_stands_beside_the_first_when_asked_for():
    app = visit(CASES[0])
    before = len(app.get("plotly_chart"))
    app.toggle(key=f"{CASES[0].slug}.two charts").set_value(True).run()
    assert not app.exception and len(app.get("plotly_chart")) == before + 1
