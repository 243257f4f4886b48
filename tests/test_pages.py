"""The real app, page by page and knob by knob, without a browser."""

import json
import re
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from core.catalog import BY_SLUG, CASES
from core.contract.case import SEED
from core.contract.check import Check, Verdict
from core.contract.design import canonical, from_query, knobs, neighbours
from core.datasets.files import DataError
from core.runtime.results import Results
from core.runtime.timing import TOO_BUSY
from core.serving import slo
from core.serving.evaluate import evaluate
from core.serving.requirement_text import LIMITS
from core.serving.scenario import Scenario
from core.ui import jobs, page_run
from core.ui.cards import BADGES
from core.ui.case import changed as changed_section
from core.ui.home import gallery
from core.ui.state import SEEDS
from tests.cases_of_tests import few_or_all
from tests.page_driver import (
    ALWAYS,
    PANEL,
    FigureCards,
    Pictures,
    as_read,
    captions,
    changed,
    design_of,
    edit_slo,
    finished,
    go,
    in_every_tab,
    link_to,
    open_tab,
    place,
    press,
    require,
    stands,
    tab_titles,
    tiles,
    told,
    visit,
    whole_link,
    widgets,
    words,
)
from tests.test_contract import reaching

UI = Path(__file__).parents[1] / "core" / "ui"

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
    """(case, its page as it first opens, {tab: the page with it open}), shared by the tests that only look."""
    case, app = request.param, visit(request.param)
    address = dict(app.query_params)
    assert not app.warning
    return case, address, in_every_tab(app, case)


def _dollars(text):
    return re.findall(r"\$[\d.,]+(?: million)?", text)


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


@each_case
def test_every_page_opens_with_its_question_its_widgets_and_its_tabs(case):
    app = visit(case)
    stands(app, case)
    assert design_of(app, case) == (case.Design(), SEED)
    assert case.question in words(told(app))
    assert not app.warning
    assert [tile.badge in BADGES for tile in tiles(app)] == [True, True, True, False]  # the last is a verdict


def test_the_address_carries_every_knob_the_seed_and_the_requirements(opened):
    case, address, _ = opened
    assert address.keys() == {*knobs(case.Design), "seed", "v", *LIMITS}
    assert from_query(case.Design, {k: v for k, v in address.items() if k not in LIMITS})[2] == []


def test_every_figure_card_says_what_kind_of_number_it_holds(opened):
    _, _, tabs = opened
    cards = FigureCards()
    for tab in tabs.values():
        for text in tab.markdown:
            if "kp-tile" not in text.value:  # see below
                cards.feed(text.value)
    assert len(cards.badges) >= 8
    assert all(len(badges) == 1 and badges[0] in BADGES for badges in cards.badges), cards.badges


def test_every_column_of_figures_says_what_kind_they_are(opened):
    case, _, tabs = opened
    assert {column for tab in tabs.values() for column in untold(tab)} <= FACTS.get(case.slug, set())


def untold(tab):
    """Columns of figures whose kind stands neither in their title nor below the table."""
    below = [caption.value for caption in tab.caption if any(f"-badge[{kind}]" in caption.value for kind in BADGES)]
    return {
        str(column)
        for table in (*tab.get("arrow_data_frame"), *tab.get("arrow_table"))
        for column, cells in table.value.items()
        if any(is_figure(cell) for cell in cells)
        and not any(kind in str(column) for kind in BADGES)
        and not any(str(column) in told for told in below)
    }


def is_figure(cell):
    """A number with a fraction, or one with a unit; a place, a count of things and a year are not."""
    if isinstance(cell, float):
        return cell == cell and not cell.is_integer()
    return isinstance(cell, str) and bool(
        re.fullmatch(r"[+−-]?[\d,]*\.\d+( .*)?|[+−-]?[\d,.]+ ?(%|ms|µs|s|[kMG]B)", cell)
    )


def test_every_chart_is_told_in_words_to_those_who_do_not_see_it(opened):
    _, _, tabs = opened
    for title, tab in tabs.items():
        charts = tab.get("plotly_chart")
        assert charts, title
        for chart in charts:
            assert len(chart.proto.alt.split()) >= 8, chart.key
        followed = {b.proto.alt: after for b, after in pairwise(tab) if b.type == "plotly_chart"}
        assert followed.keys() == {chart.proto.alt for chart in charts}
        for alt in {chart.proto.alt for chart in charts if not chart.proto.selection_mode}:
            after = followed[alt]  # a chart whose marks are clicked has its controls or its table below
            assert after.type == "caption" and len(after.value.split()) >= 8, alt


def test_every_picture_and_drawing_has_words_in_its_place(opened):
    _, _, tabs = opened
    for title, tab in tabs.items():
        pictures = Pictures()
        for text in tab.markdown:
            pictures.feed(text.value)
        assert all(words.strip() for words in pictures.words), title
        assert pictures.words or title != "Architecture"


def test_every_tab_of_every_page_says_something(opened):
    _, _, tabs = opened
    closed = len(list(tabs[""]))
    assert all(len(list(tab)) > closed for title, tab in tabs.items() if title)


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
    app = press(visit(case), "Back to the baseline")
    stands(app, case)
    assert design_of(app, case) == (case.baseline, SEED)


@each_case
def test_a_move_is_told_in_a_sentence(case):
    app = visit(case)
    assert changed(app).startswith("**Vs baseline.**")
    assert changed(press(app, "Back to the baseline")).startswith("**What changed.**")
    alone = visit(case, link_to(case, case.baseline))
    assert changed(alone).startswith("**The baseline.**")


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
    assert tiles(app)[3].value == "? Cannot say"
    assert [(tile.value, tile.words) for tile in tiles(app)[1:3]] == [("?", "too noisy")] * 2
    open_tab(app, case, "SLO & cost")
    assert "Too noisy to say" in told(app)
    press(app, "Time again")
    assert "Too noisy to say" not in told(app) and slo.TOO_NOISY not in told(app)
    assert not any(button.label == "Time again" for button in app.button)


@each_case
def test_what_comes_and_goes_moves_nothing_that_follows(case, monkeypatch):
    """The browser knows a part by its place and makes anew what changes it: a redraw then takes half as long again."""
    app = visit(case)
    page, body = kinds(app.main), kinds(place(app, "body"))
    monkeypatch.setattr(changed_section, "BUSY", 0.0)  # now all was measured on a busy machine, which the page says
    near = [design for _, design in neighbours(case.Design())]
    for design in near[:: max(1, len(near) // 4)]:
        app = go(app, f"{case.slug}.py", link_to(case, design))
        assert any(button.label == "Time again" for button in app.button)
        assert "What changed" in changed(app)
        assert (kinds(app.main), kinds(place(app, "body"))) == (page, body)


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
    assert not set(dials) & set(widgets(app, case)) and not app.number_input and not app.text_input
    assert app.query_params == whole_link(case, design, **changed)

    for part in PANEL:
        app.session_state[f"{case.slug}.{part}.open"] = True
    app.run()
    stands(app, case)
    assert design_of(app, case) == (design, seed)
    app.text_input(key=f"{case.slug}.text.peak_factor").set_value("9")
    app.number_input(key=f"{case.slug}.assume.vcpu_hour").set_value(0.5)
    app.number_input(key=f"{case.slug}.seed").set_value(4).run()

    for part in PANEL:
        app.session_state[f"{case.slug}.{part}.open"] = False
    app.run()
    app.run()
    assert not app.number_input and not app.text_input
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
    edit_slo(app, case)
    texts = {name: app.text_input(key=f"{case.slug}.text.{name}").value for name in changed if name != "seed"}
    assert texts == {"daily_users": "7", "p99_ms": "250", "budget_usd": "", "quality_floor": "0.25"}
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
            said = [as_read(warning.value) for warning in app.warning]
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
    said = [as_read(warning.value) for warning in app.warning if "stands twice" in warning.value]
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
    said = [as_read(warning.value) for warning in app.warning]
    assert len(said) == 2 and all("without the punctuation" in each for each in said), said
    edit_slo(app, case)
    assert "-0" not in [str(widget.value)[:2] for widget in (*app.text_input, *app.number_input)]


@each_case
def test_the_hardest_requirements_that_a_link_may_carry_are_answered(case):
    hard = {name: f"{high:.15g}" for name, (_, high) in LIMITS.items()}
    hard |= {"p99_ms": "0.1", "budget_usd": "0", "freshness_h": "0"}
    app = visit(case, link_to(case, **hard))
    stands(app, case)
    assert not app.warning
    assert tiles(app)[3].value == "✗ No"
    assert "**No.**" in told(open_tab(app, case, "SLO & cost"))


@each_case
def test_without_users_the_page_still_answers(case):
    app = visit(case, link_to(case, daily_users="0"))
    stands(app, case)
    assert not app.warning
    assert "nobody asks" in told(open_tab(app, case, "Metrics"))


@each_case
def test_a_price_set_by_the_visitor_moves_the_bill_and_nothing_else(case):
    app = visit(case, link_to(case, assume_vcpu_hour="100"))
    stands(app, case)
    assert not app.warning
    assert app.query_params == whole_link(case, assume_vcpu_hour="100")
    assert design_of(app, case) == (case.Design(), SEED)
    asides = []
    for each in (visit(case), app):
        tile = tiles(each)[2].value
        asides.append((tile, _dollars(told(open_tab(each, case, "SLO & cost"))[len(told(each)) :] or told(each))))
    assert asides[0][0] != asides[1][0] and asides[0][1] != asides[1][1]


@each_case
def test_a_design_that_cannot_ship_says_why_and_an_offer_that_can_is_taken(case):
    most, any_quality = ("1", "0") if case.qualities[0].better == "higher" else ("0", "1")
    app = visit(case, link_to(case, quality_floor=most, budget_usd="0"))
    stands(app, case)
    open_tab(app, case, "SLO & cost")
    assert "**No.**" in told(app) and "Closest to meeting the SLO" in told(app)
    easy = {"budget_usd": "none", "freshness_h": "none", "p99_ms": "60000", "items": "none"}
    app = visit(case, link_to(case, case.baseline, quality_floor=any_quality, **easy))
    open_tab(app, case, "SLO & cost")
    assert "that meets the SLO" in told(app)
    taking = [button for button in app.button if ".take." in (button.key or "")]
    if taking:  # else the baseline is all that was measured, and the best of it
        taking[0].click().run()
        stands(app, case)
        assert design_of(app, case) != (case.baseline, SEED)


@each_case
def test_an_offer_that_passes_is_taken_in_the_tab_of_the_requirements(case):
    app, worse = ruled_out(case)
    open_tab(app, case, "SLO & cost")
    assert "**Yes.**" not in told(app)
    taking = next(button for button in app.button if ".take." in (button.key or ""))
    taking.click().run()
    stands(app, case)
    assert "**Yes.**" in told(app) and tiles(app)[3].value == "✓ Yes"
    assert design_of(app, case) != (worse, SEED)


@each_case
def test_an_offer_beside_the_verdict_says_what_it_changes_is_taken_and_undone(case):
    app, worse = ruled_out(case)
    (offer,) = (button for button in app.button if button.key == f"{case.slug}.cheapest")
    assert offer.label == "Use cheapest" and ("→" in offer.help or " knobs: " in offer.help)
    offer.click().run()
    stands(app, case)
    assert tiles(app)[3].value == "✓ Yes" and changed(app).startswith("**What changed.**")
    assert not any(button.key == f"{case.slug}.cheapest" for button in app.button)
    press(app, "Undo")
    assert design_of(app, case) == (worse, SEED) and tiles(app)[3].value != "✓ Yes"


def ruled_out(case):
    """(a page with a design that the quality floor rules out while a measured one surely passes, that design)."""
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
    stands(app, case)
    assert tiles(app)[3].value != "✓ Yes"  # its interval reaches below what the better one surely has
    return app, worse


@each_case
def test_requirements_left_empty_or_at_nothing_are_answered(case):
    app = visit(case)
    edit_slo(app, case)
    for name in ("daily_users", "p99_ms", "freshness_h", "quality_floor", "budget_usd"):
        app.text_input(key=f"{case.slug}.text.{name}").set_value("")
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
    design, _ = design_of(app, case)
    assert set(widgets(app, case)) == {name for name, each in knobs(case.Design).items() if each.active(design)}
    assert tab_titles(app, case) == [*ALWAYS]
    assert not app.get("plotly_chart") and not tiles(app)
    open_tab(app, case, "Checks")
    more = [button for button in app.button if button.label.startswith("Show all")]
    read = words(told(more[0].click().run() if more else app))
    assert all(check.sentence in read for check in case.checks)
    read = words(told(open_tab(app, case, "Sources")))
    assert all(source.title in read for source in case.sources)
    assert "Measured on:" in captions(app)
    (message,) = app.error
    assert "data/pictures.npz is corrupt" in message.value


@each_case
def test_two_visitors_do_not_disturb_each_other(case):
    one, other = visit(case), visit(case, link_to(case, case.baseline))
    require(edit_slo(one, case), case, "daily_users", "3")
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
    open_tab(app, case, "Checks")
    assert sum(text.value.count("-badge[not run yet]") for text in app.markdown) == 3
    app.button(key=f"{case.slug}.check.run").click().run()
    finished(jobs._JOBS)
    app.run()
    stands(app, case)
    read = words(next(text.value for text in app.markdown if "Water is wet." in text.value))
    wet, warm, steam = read.split("\n\n")
    assert "passes" in wet and "wet in 3 of 3 glasses" in wet
    assert "fails" in warm and "0 degrees" in warm and "it is below zero." in warm
    assert "fails" in steam and "no such array" in steam
    assert app.button(key=f"{case.slug}.check.run").label == "Run here: 1 check"  # the one that could not


def test_no_module_beside_the_router_hides_one_of_the_standard_library():
    """`streamlit run core/ui/router.py` puts that folder on the path before the standard library."""
    assert not {path.stem for path in UI.glob("*.py")} & sys.stdlib_module_names


@each_case
def test_the_axis_of_the_chart_and_the_size_it_shows_are_chosen_below_it(case):
    app = visit(case)
    for axis, word in (("usd", "cost"), ("memory_mb", "memory"), ("load_p99_ms", "p99")):
        assert word in drawn_with(app, case, "axis", axis)["layout"]["xaxis"]["title"]["text"]
    if any(group.key == f"{case.slug}.size shown" for group in app.button_group):
        shown = {}
        for axis in ("usd", "memory_mb", "load_p99_ms"):
            drawn_with(app, case, "axis", axis)
            for size in ("measured", "projected"):
                shown.setdefault(size, []).append(drawn_with(app, case, "size shown", size)["data"])
        assert shown["measured"] != shown["projected"]


def drawn_with(app, case, name, value):
    """The chart once one of the buttons below it is pressed, as Plotly reads it."""
    next(group for group in app.button_group if group.key == f"{case.slug}.{name}").set_value(value).run()
    assert not app.exception
    (chart,) = place(app, "tradeoff").get("plotly_chart")
    return json.loads(chart.proto.spec)


def test_a_sweep_started_below_the_chart_adds_designs_and_leaves_the_page_where_it_was():
    case = BY_SLUG["people_you_may_know"]
    app = visit(case)
    before = page_run.RESULTS.rows(case, SEED, case.Design())
    app.session_state[f"{case.slug}.sweep.open"] = True
    app.run()
    asked = []
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(jobs, "start_sweep", lambda session, case, designs, seed: asked.append((designs, seed)))
        press(app, "Start")
    ((designs, seed),) = asked
    assert len(designs) > 10 and seed == SEED and set(designs) - set(before)
    stands(app, case)
