"""Pins, attempts, the compare page and what is taken along, in the real app without a browser."""

import json
from dataclasses import replace

import pytest

from core.analysis.compare import NO_DIFFERENCE
from core.catalog import BY_SLUG, CASES
from core.contract.comparison_link import LETTERS, Pin, to_link
from core.export.document import FIELDS, MOST_TYPED
from core.ui.home import gallery
from tests.cases_of_tests import few_or_all
from tests.page_driver import design_of, go, open_tab, visit

CASE = BY_SLUG["visual_search"]
DEFAULT, BASELINE = Pin(CASE.Design()), Pin(CASE.baseline)
ATTACK = "<script>alert(1)</script>"


@pytest.fixture(scope="module", autouse=True)
def no_sweep_behind_the_tests():
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(gallery, "SAMPLE", 0)
        yield


def press(app, label):
    found = [each for each in app.button if each.label == label]
    assert found, [each.label for each in app.button]
    return found[0].click().run()


def compare(link=None, app=None):
    return go(visit() if app is None else app, "compare.py", link)


def both(**changed):
    return compare({**to_link(CASE, [DEFAULT, BASELINE]), **changed})


def texts(app):
    return [each.value for each in app.markdown]


def has(app, words):
    return any(words in text for text in texts(app))


def stands(app):
    assert not app.exception, app.exception
    assert not app.error, app.error


def open_box(app, key):
    """AppTest cannot press an expander or a popover: say that it is open, as the browser would."""
    app.session_state[key] = True
    return app.run()


# -- pins and attempts on the page of a case ---------------------------------------------------------------------------


@few_or_all(CASES)
def test_a_design_of_every_case_can_be_saved_and_removed(case):
    app = press(visit(case), "Save")
    stands(app)
    assert app.session_state[f"{case.slug}.pins"] == [Pin(case.Design())]
    app = press(app, "Saved")
    assert app.session_state[f"{case.slug}.pins"] == []
    assert any(each.label == "Save" for each in app.button)


def test_no_more_designs_are_saved_than_there_are_letters():
    app = visit(CASE)
    app.session_state["visual_search.pins"] = [Pin(CASE.Design(), seed) for seed in range(1, len(LETTERS) + 1)]
    app.run()
    assert next(each for each in app.button if each.label == "Save").disabled


def test_an_attempt_is_kept_with_its_figures_and_loaded_by_a_press():
    app = press(visit(CASE), "Back to the baseline")
    assert design_of(app, CASE)[0] == CASE.baseline
    app = open_box(open_tab(app, CASE, "Metrics"), "visual_search.attempts")
    (attempt,) = [each for each in app.button if each.key == "visual_search.attempt.0"]
    assert "nDCG@10 0." in attempt.label and "per month" in attempt.label
    app = attempt.click().run()
    stands(app)
    assert design_of(app, CASE)[0] == CASE.Design()


def test_attempts_come_once_each_and_the_latest_first():
    app = press(press(visit(CASE), "Back to the baseline"), "Save")
    app.session_state["visual_search.opened"] = [(CASE.baseline, 0), (CASE.Design(), 0), (CASE.baseline, 0)] * 20
    app = compare(app=app)
    stands(app)
    (shown,) = app.dataframe
    assert shown.value["design"].iloc[0] == "1. the baseline"
    assert len(shown.value) == 2


def test_the_trail_of_attempts_is_bounded():
    app = visit(CASE)
    app.session_state["visual_search.opened"] = [(CASE.Design(), seed) for seed in range(1, 500)]
    app = press(app, "Back to the baseline")
    assert len(app.session_state["visual_search.opened"]) <= 50


# -- the compare page --------------------------------------------------------------------------------------------------


def test_with_nothing_saved_the_page_compares_the_opening_design_with_the_baseline():
    app = compare()
    stands(app)
    assert has(app, "dominate") and len(app.get("plotly_chart")) == 2
    assert [button.label.split("** ")[1] for button in app.menu_button] == ["baseline (reference)", "opening design"]
    assert not app.session_state[f"{CASES[0].slug}.pins"]
    expected = to_link(CASES[0], [Pin(CASES[0].baseline), Pin(CASES[0].Design())])
    assert {name: app.query_params[name] for name in expected} == expected


def test_the_page_opens_with_the_case_that_was_visited_last():
    app = press(visit(CASE), "Save")
    assert compare(app=app).selectbox(key="compare.case").value == CASE.slug
    app = compare(app=go(app, "ad_click.py"))
    stands(app)
    assert app.selectbox(key="compare.case").value == "ad_click"


def test_one_saved_design_is_compared_with_the_baseline_and_the_baseline_with_the_opening_design():
    other = Pin(replace(CASE.Design(), dim=16))
    for saved, shown in (
        ([other], [BASELINE, other]),
        ([BASELINE], [BASELINE, DEFAULT]),
        ([DEFAULT], [BASELINE, DEFAULT]),
    ):
        app = compare(to_link(CASE, saved))
        stands(app)
        expected = to_link(CASE, shown)
        assert [app.query_params[letter] for letter in "ab"] == [expected[letter] for letter in "ab"]


def test_a_design_that_stands_in_is_saved_from_its_menu():
    app = compare().menu_button[1].set_value("Save to comparison").run()
    stands(app)
    assert app.session_state[f"{CASES[0].slug}.pins"] == [Pin(CASES[0].Design())]
    assert len(app.menu_button) == 2


def test_pins_of_the_page_of_a_case_come_to_the_comparison_and_into_its_link():
    app = press(visit(CASE), "Save")
    app = press(press(app, "Back to the baseline"), "Save")
    app = compare(app=app)
    stands(app)
    assert not app.warning
    expected = to_link(CASE, [DEFAULT, BASELINE])
    assert {name: app.query_params[name] for name in expected} == expected
    assert {each.value for each in app.subheader} >= {"Paired tests", "Quality vs latency vs cost"}


def test_a_shared_link_opens_the_same_comparison_and_stays_as_it_was():
    app = both()
    stands(app)
    assert not app.warning
    again = dict(app.query_params)
    app = compare(again)
    stands(app)
    assert not app.warning and app.query_params == again


def test_a_comparison_says_which_figures_differ_with_their_kind_and_tests_each_quality():
    app = both()
    (table,) = [text for text in texts(app) if 'class="kp-side"' in text]
    for badge in ("measured", "projected"):
        assert f'class="kp-badge {badge}"' in table
    assert table.count('class="kp-badge') == 4 + 6  # qualities; times, memory, build and cost
    assert table.index("Quality") < table.index("Time, memory and cost") < table.index("Knobs that differ")
    assert has(app, "The largest difference")
    (tested,) = app.table
    assert list(tested.value.index) == [f"{label} (measured)" for label in ("nDCG@10", "recall@10", "R@1", "R@10")]
    assert set(tested.value["verdict"]) <= {"better than A", "worse than A", NO_DIFFERENCE}


def test_every_chart_of_the_comparison_is_told_in_words_to_those_who_do_not_see_it():
    shown = both().get("plotly_chart")
    assert len(shown) == 2 and all("A has" in chart.proto.alt for chart in shown)


def test_the_charts_draw_each_compared_design_and_ghosts_of_the_rest():
    from core.contract.design import neighbours
    from core.runtime.results import RESULTS

    RESULTS.measure(CASE, neighbours(CASE.Design())[0][1], 0)
    app = both()
    for chart in app.get("plotly_chart"):
        traces = json.loads(chart.proto.spec)["data"]
        assert [trace["name"] for trace in traces if trace.get("meta") == "pinned"] == ["A", "B"]
        assert any(trace.get("meta") == "ghost" for trace in traces)


def test_another_reference_turns_the_deltas():
    app = both()
    app = app.menu_button[1].set_value("Make it the reference").run()
    stands(app)
    assert app.query_params["ref"] == "b"
    assert set(app.table[0].value["design"]) == {"A − B"}


def test_a_design_is_removed_from_the_comparison():
    third = Pin(replace(CASE.Design(), dim=16))
    app = compare(to_link(CASE, [DEFAULT, BASELINE, third]))
    app = app.menu_button[1].set_value("Remove from comparison").run()
    stands(app)
    assert "c" not in app.query_params
    assert app.session_state["visual_search.pins"] == [DEFAULT, third]


def test_a_design_opens_on_its_own_page():
    app = both()
    app = app.menu_button[1].set_value("Open its page").run()
    stands(app)
    assert has(app, f">{CASE.title}</h1>")
    assert design_of(app, CASE)[0] == CASE.baseline


def test_a_design_opens_whole_although_its_page_was_left_with_another_one_and_folded():
    pin = Pin(replace(CASE.Design(), dataset="fashion", catalogue=5_000, dim=16), 3)
    app = go(visit(), f"{CASE.slug}.py", {"catalogue": "2000", "dim": "32", "seed": "1"}, folded=True)
    app = go(app, "compare.py", to_link(CASE, [DEFAULT, pin]), folded=True)
    app = app.menu_button[1].set_value("Open its page").run()
    stands(app)
    assert app.query_params["seed"] == "3"
    assert (app.query_params["catalogue"], app.query_params["dim"]) == ("5000", "16")


def test_another_seed_is_not_paired_and_the_page_says_so():
    app = compare(to_link(CASE, [DEFAULT, Pin(CASE.Design(), 1)]))
    stands(app)
    assert not app.table
    assert any("no query can be paired" in each.value for each in app.caption)


def test_what_was_asked_goes_with_the_link():
    app = both(p99_ms="77")
    stands(app)
    assert app.query_params["p99_ms"] == "77" and not app.warning


@pytest.mark.parametrize(
    "changed, said",
    [
        ({"a": "encoder-gone~seed-0"}, "“gone” is not on offer"),
        ({"a": f"encoder-{ATTACK}"}, "is not on offer"),
        ({"defaults": "00000000"}, "Defaults of this case have changed"),
        ({"p99_ms": "-5"}, "“-5” is not between"),
        ({"p99_ms": "nan"}, "“nan” is not between"),
        ({"ref": "q"}, "“q” is not among the designs"),
        ({"case": "gone"}, "There is no case “gone”"),
        ({"unknown": "1"}, "“unknown” is not a part"),
        ({"p99_ms": "77)."}, "“77).” is read as 77"),
        ({"p99_ms": ["5", "77"]}, "“77” is used, not “5”"),
    ],
)
def test_an_old_or_broken_link_opens_what_it_can_and_says_what_changed(changed, said):
    app = both(**changed)
    stands(app)
    assert any(said in warning.value for warning in app.warning), [w.value for w in app.warning]
    assert all(len(warning.value) < 300 for warning in app.warning)
    assert not app.run().warning


def test_a_design_that_fails_leaves_the_others(monkeypatch):
    from core.runtime.results import RESULTS

    known = RESULTS.measure(CASE, CASE.Design(), 0)
    monkeypatch.setattr(RESULTS, "known", lambda case, design, seed: known if design == CASE.Design() else None)

    def broken(case, design, seed):
        raise ValueError("no such data")

    monkeypatch.setattr(RESULTS, "measure", broken)
    app = both()
    assert not app.exception
    assert "B could not be run" in app.error[0].value and "no such data" in app.error[0].value
    assert len(app.menu_button) == 1


# -- a design from a file ----------------------------------------------------------------------------------------------


def upload(app, text):
    return app.file_uploader[0].upload("design.json", text.encode(), "application/json").run()


def test_a_file_that_is_not_ours_is_told_why():
    for text, said in (("{", "not JSON"), ("{}", "not a design saved"),
                       (json.dumps({"schema": "kneepoint/design", "version": 9}), "of version 9")):  # fmt: skip
        app = upload(compare(), text)
        assert not app.exception
        assert said in app.error[0].value


def test_a_design_in_a_file_is_saved_again_with_its_case():
    saved = {"schema": "kneepoint/design", "version": 1, "case": "ad_click", "design": {"seed": "0"}, "figures": {}}
    app = upload(compare(), json.dumps(saved))
    stands(app)
    assert app.session_state["ad_click.pins"] == [Pin(BY_SLUG["ad_click"].Design())]
    assert app.selectbox(key="compare.case").value == "ad_click"
    assert len(app.run().session_state["ad_click.pins"]) == 1


# -- take it along -----------------------------------------------------------------------------------------------------


@few_or_all(CASES)
def test_every_case_can_be_taken_along(case):
    app = visit(case)
    assert not typed(app)  # nothing is made before it is opened
    app = open_box(app, f"{case.slug}.export.open")
    stands(app)
    labels = [each.label for each in app.get("download_button")]
    for label in ("Document, HTML", "Document, Markdown", "Python script", "All figures, JSON", "Everything, zip"):
        assert label in labels
    assert {"quality.csv", "designs.csv", "drawing.svg", "chart-usd.svg"} <= set(labels)
    assert [area.label.removesuffix(" (optional)") for area in typed(app)] == [field.label for field in FIELDS]
    assert any(f"/{case.slug}" in code.value or "seed=0" in code.value for code in app.code)


def typed(app):
    return [area for area in app.text_area if ".typed." in area.key]


def test_required_fields_left_empty_are_named_and_what_is_typed_is_kept():
    app = open_box(visit(CASE), "visual_search.export.open")
    assert any("“not filled in”" in each.value and "Risks" in each.value for each in app.caption)
    for area in app.text_area:
        assert area.max_chars == MOST_TYPED
        area.set_value(ATTACK)
    app.run()
    stands(app)
    assert not any("“not filled in”" in each.value for each in app.caption)
    assert not has(app, ATTACK)
    app = go(compare(app=app), "visual_search.py")
    app = open_box(app, "visual_search.export.open")
    assert [area.value for area in app.text_area] == [ATTACK] * len(FIELDS)


def test_a_chart_is_saved_as_the_visitor_chose():
    app = open_box(visit(CASE), "visual_search.export.open")
    assert saved_as(app) == {"png"}
    next(each for each in app.segmented_control if each.label.startswith("The camera")).set_value("SVG").run()
    assert saved_as(app) == {"svg"}


def saved_as(app):
    configs = [json.loads(chart.proto.config) for chart in app.get("plotly_chart")]
    return {each["toImageButtonOptions"]["format"] for each in configs if "toImageButtonOptions" in each}


def test_a_link_carries_the_price_of_people_where_a_case_pays_them():
    case = BY_SLUG["harmful_content"]
    link = to_link(case, [Pin(case.baseline), Pin(replace(case.baseline, reviewers=5))])
    ours, theirs = compare(link), compare({**link, "assume_review_usd": "7.5", "assume_vcpu_hour": "0.5"})
    for app in (ours, theirs):
        stands(app)
        assert not app.warning
    assert float(theirs.query_params["assume_review_usd"]) == 7.5 and "assume_review_usd" not in ours.query_params
    (before,), (after,) = ([text for text in texts(app) if 'class="kp-side"' in text] for app in (ours, theirs))
    assert before != after
    refused = compare({**link, "assume_review_usd": "-1"})
    assert "is not between 0" in refused.warning[0].value
