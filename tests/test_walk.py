"""The seven steps in the real app, without a browser: every step, the way in, what was done, and bad input."""

import re
import time
from dataclasses import replace
from html import unescape

import pytest
from streamlit.testing.v1 import AppTest

from core.catalog import BY_SLUG, CASES
from core.checks.common import checks_of
from core.checks.results import VERDICTS, CheckResult
from core.contract.check import Check, Verdict
from core.contract.design import knobs, to_query
from core.contract.interview_spec import STEPS
from core.interview.decision import backing, sentence
from core.metrics.trials import audits_needed, size_for_rates
from core.runtime.results import RESULTS
from core.ui import jobs
from core.ui.cards import BADGES
from core.ui.case import sections
from core.ui.home import gallery
from core.ui.interview import walk, walk_card
from tests.page_driver import as_read
from tests.test_pages import FigureCards

ROUTER, PATIENCE_S = "../core/ui/router.py", 300
CASE = BY_SLUG["visual_search"]
EVIDENCE = {
    "clarify": "From users to dollars",
    "frame": "Each framing is this design with one thing changed",
    "data": "real rows",
    "model": "One move of a knob at a time",
    "training": "Learning curve",
    "serving": "One replica takes up to",
    "monitoring": "What is watched",
}
SMALL = CASE.Design(dataset="fashion", catalogue=2_000)


@pytest.fixture(scope="module", autouse=True)
def no_sweep_behind_the_tests():
    """Home, where every visitor here starts, measures no designs."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(gallery, "SAMPLE", 0)
        yield


def page(**link):
    """A new visitor on the page by a link."""
    return walk_to(AppTest.from_file(ROUTER, default_timeout=PATIENCE_S).run(), **link)


def walk_to(app, **link):
    app.query_params.clear()
    app.query_params.update(link)
    return app.switch_page("../../pages/walk.py").run()


def at_step(step, **more):
    return page(case=CASE.slug, step=step, **to_query(SMALL, 0), **more)


def go(app, step):
    return app.button_group(key=walk.STEP).set_value(step).run()


def texts(app):
    """What the page says, without the tooltips of its terms."""
    said = "\n".join(each.value for kind in (app.markdown, app.caption) for each in kind)
    return unescape(re.sub(r"</?abbr[^>]*>", "", said))


def tables(app):
    return [each.value for each in app.table]


def stands(app):
    assert not app.exception, app.exception
    assert not app.error, app.error


@pytest.fixture(scope="module")
def walked():
    """{step: what the page shows there} for one visitor who walks from the first step to the last."""
    app, seen = at_step("clarify"), {}
    for step in STEPS:
        go(app, step)
        stands(app)
        seen[step] = (texts(app), tables(app), [each.value for each in app.subheader], dict(app.query_params))
    return app, seen


@pytest.mark.parametrize("step", STEPS)
def test_each_step_asks_decides_warns_and_shows_evidence(walked, step):
    text, _, headers, link = walked[1][step]
    stop = CASE.interview.stops[step]
    assert headers[0].endswith(f"{STEPS[step]}: evidence from this design")  # before any prose
    remarks = (sentence(remark, backing(CASE, checks_of(CASE), remark)) for remark in stop.remarks)
    for said in (*stop.questions, stop.decision, *stop.pitfalls, *remarks):
        assert said in text
    assert "Binding: " in text and "No reason written yet" in text
    assert EVIDENCE[step] in text
    assert link["case"] == CASE.slug and link["step"] == step
    assert {name: link[name] for name in knobs(CASE.Design)} == {n: str(getattr(SMALL, n)) for n in knobs(CASE.Design)}


def test_every_figure_card_on_every_step_says_what_kind_of_number_it_holds(walked):
    for text, *_ in walked[1].values():
        cards = FigureCards()
        cards.feed(text)
        assert len(cards.badges) >= 2
        assert all(len(badges) == 1 and badges[0] in BADGES for badges in cards.badges), cards.badges


def test_each_knob_of_a_decision_stands_with_its_option(walked):
    for step, (text, *_) in walked[1].items():
        for name in CASE.interview.stops[step].knobs:
            each = knobs(CASE.Design)[name]
            assert f"{each.label} **{each.text(getattr(SMALL, name))}**" in text, (step, name)


def test_the_checklist_ticks_what_opening_the_steps_really_did_and_nothing_else(walked):
    text = walked[1]["monitoring"][0]
    ticked = {line.split("**")[1] for line in text.split("\n") if "done]" in line}
    assert ticked == {"Requirements", "ML task", "Data", "Serving", "Monitoring"}
    assert "5 of 9 done" in text


def test_a_new_visitor_has_done_nothing_but_open_the_step():
    app = at_step("training")
    assert "1 of 9 done" in texts(app)  # the baseline, which every page measures


def test_the_planted_batch_is_stopped_and_the_real_one_let_in(walked):
    text, shown, *_ = walked[1]["data"]
    assert "let in] Every rule is kept" in text and "stopped] 3 rules are broken" in text
    assert {"image", "kind", "mean_brightness"} == set(shown[-1]["column"])


def test_opening_every_step_again_runs_no_design(walked, monkeypatch):
    app, _ = walked
    monkeypatch.setattr(type(RESULTS), "add", lambda *_: pytest.fail("a design was run"))
    for step in STEPS:
        go(app, step)
        stands(app)


def test_next_and_back_lead_through_the_steps():
    app = at_step("clarify")
    assert [b.label for b in app.button if b.key in ("walk.Back", "walk.Next")] == ["Next: ML task"]
    app.button(key="walk.Next").click().run()
    assert app.query_params["step"] == "frame"
    app.button(key="walk.Back").click().run()
    assert app.query_params["step"] == "clarify"


def test_a_reason_is_kept_by_step_and_an_empty_one_is_marked():
    app = at_step("frame")
    why = f"{CASE.slug}.walk.why.frame"
    app.text_area(key=why).set_value("Learned similarity earns its cost.").run()
    assert "No reason written yet" not in texts(app) and "Decided with a reason: ML task." in texts(app)
    go(app, "data")
    assert "No reason written yet" in texts(app)
    go(app, "frame")
    assert app.text_area(key=why).value == "Learned similarity earns its cost."
    app.text_area(key=why).set_value("   \n ").run()
    stands(app)
    assert "No reason written yet" in texts(app) and "Decided with a reason: no step yet." in texts(app)


def test_a_reason_with_markup_is_text():
    app = at_step("frame")
    app.text_area(key=f"{CASE.slug}.walk.why.frame").set_value("<script>alert(1)</script> **bold**").run()
    stands(app)
    assert "<script>" not in texts(app)


def finished(app, label, then):
    """Click a button that starts long work, wait until it is done, and draw the page once more."""
    next(each for each in app.button if each.label.startswith(label)).click().run()
    until = time.monotonic() + PATIENCE_S
    while any(job.running for job in jobs._JOBS.values()) and time.monotonic() < until:
        time.sleep(1)
        app.run()  # work that no page looks at stops by itself
    app.run()
    stands(app)
    assert then in texts(app)


@pytest.mark.slow
def test_framings_run_on_request_and_are_compared_by_paired_tests():
    RESULTS.clear()
    app = page(case=CASE.slug, step="frame", **to_query(replace(SMALL, encoder="hog", reduce="pca"), 0))
    assert "1 of 3 measured" in texts(app) and "framings side by side" not in texts(app)
    finished(app, "Measure the other 2", "3 framings side by side")
    (shown,) = tables(app)
    assert len(shown) == 4  # with the baseline
    learned = shown[shown.iloc[:, 0] == "Contrastive learning"].iloc[0]
    assert "nDCG@10 +0.0" in learned["vs this design (paired)"]


@pytest.mark.slow
def test_three_seeds_and_a_tuning_run_are_measured_on_request():
    app = at_step("training")
    finished(app, "Measure the 2 seeds left", "Standard deviation over seeds")
    finished(app, "Run 10 trials", "in 10 trials")
    assert {"against", "gain where it was chosen", "gain held out", "lost"} == set(tables(app)[-1])
    assert "over 3 seeds; 10 trials" in texts(app)


def test_a_task_can_be_cancelled_and_says_so(monkeypatch):
    design = CASE.Design(dataset="fashion", catalogue=2_000, dim=16)

    def slow(case, asked, cancelled):
        for one in asked:
            until = time.monotonic() + 20
            while not cancelled() and time.monotonic() < until:
                time.sleep(0.05)
            if cancelled():
                return
            yield one

    monkeypatch.setattr("core.ui.interview.walk_training.runs", slow)
    app = page(case=CASE.slug, step="training", **to_query(design, 0))
    next(each for each in app.button if "seeds left" in each.label).click().run()
    app.button(key=f"{CASE.slug}.walk.seeds.cancel").click().run()
    until = time.monotonic() + 15
    while any(job.running for job in jobs._JOBS.values()) and time.monotonic() < until:
        time.sleep(0.1)
    app.run()
    stands(app)
    assert "Cancelled after 0 of 2" in texts(app)


def test_the_checks_behind_the_remarks_run_in_the_background_and_say_whether_they_hold():
    app = at_step("frame")
    (check,) = (each for each in checks_of(CASE) if each.id == "G2")
    assert VERDICTS.known(CASE, check, 0) is None
    finished(app, "Run the 2 checks", "passes")
    stands(app)
    assert VERDICTS.known(CASE, check, 0).holds and "passes" in texts(app) and "not run yet" not in texts(app)


def test_a_recorded_verdict_stands_beside_its_remark_with_its_badge():
    backed = [(each, backing(CASE, checks_of(CASE), each)) for each in CASE.interview.stops["frame"].remarks]
    remark, check = next((each, behind) for each, behind in backed if isinstance(behind, Check))
    kept = CheckResult(CASE, check, 0, Verdict(True, "3 of 3"), "recorded on a machine")
    said = walk_card._remark(remark, check, {check.id: kept})
    assert "passes" in said and "-badge[recorded]" in said and "3 of 3" in said
    assert "not run yet" in walk_card._remark(remark, check, {check.id: CheckResult(CASE, check, 0, None)})


def test_a_move_ticks_iteration_and_every_step_follows():
    app = at_step("model")
    app.select_slider(key=f"{CASE.slug}.dim").set_value(32).run()
    stands(app)
    assert "1 move of the design" in texts(app) and "Embedding size **32**" in texts(app)
    assert app.query_params["dim"] == "32" and app.query_params["step"] == "model"


def test_monitoring_follows_what_is_asked_of_it():
    app = at_step("monitoring")
    before = tables(app)[0]
    app.button_group(key=f"{CASE.slug}.walk.watch.Labelled requests per day").set_value(3_000).run()
    stands(app)
    after = tables(app)[0]
    row = list(before["what"]).index("nDCG@10 of a day's labels")
    rings = [float(t["rings (modelled)"].iloc[row].removeprefix("below ")) for t in (before, after)]
    assert rings[0] < rings[1]  # more labels, a threshold nearer to what is normal


# -- the way in ------------------------------------------------------------------------------------------------------


def test_the_calculators_stand_where_their_step_speaks_of_them_and_follow_their_numbers():
    app, key = at_step("serving"), f"{CASE.slug}.walk.calculator"
    assert "in **63.4%** of requests" in texts(app) and "at its **p99.99**" in texts(app)
    app.number_input(key=f"{key}.shards").set_value(1).run()
    assert "in **1.0%** of requests" in texts(app) and "at its **p99**; here that is" in texts(app)
    go(app, "training")
    assert "in **14.2%** of cases" in texts(app) and "p < 0.016 at each look" in texts(app)
    assert f"**{size_for_rates(0.05, 0.051):,} users in each group**" in texts(app)
    app.number_input(key=f"{key}.looks").set_value(1).run()
    assert "one in 5% of cases, as it promises" in texts(app)
    app.number_input(key=f"{key}.rate").set_value(99.0).run()
    assert "cannot rise by 0.02" in texts(app)
    go(app, "monitoring")
    assert "**598 random audits** without a miss" in texts(app)
    app.number_input(key=f"{key}.missed").set_value(2).run()
    assert f"**{audits_needed(0.005, 2):,} random audits** with 2 misses" in texts(app)
    stands(app)


def test_a_case_page_leads_here_with_its_design():
    app = AppTest.from_file(ROUTER, default_timeout=PATIENCE_S).run()
    app.query_params.update(to_query(SMALL, 0))
    app.switch_page("../../pages/visual_search.py").run()
    app.session_state["visual_search.tab"] = "Metrics"
    app.run()
    (link,) = [each for each in app.get("page_link") if each.proto.label == sections.WALK]
    assert link.proto.page == "walk"
    assert "catalogue=2000" in link.proto.query_string and "case=visual_search" in link.proto.query_string


def test_without_a_design_in_the_link_the_sessions_own_is_opened():
    app = AppTest.from_file(ROUTER, default_timeout=PATIENCE_S).run()
    app.query_params.update(to_query(SMALL, 0) | {"p99_ms": "250"})
    app.switch_page("../../pages/visual_search.py").run()
    walk_to(app, case=CASE.slug, step="serving")
    stands(app)
    assert app.query_params["catalogue"] == "2000" and app.query_params["p99_ms"] == "250"


def test_leaving_and_coming_back_finds_the_step_again():
    app = at_step("data")
    app.query_params.clear()
    app.switch_page("../../pages/home.py").run()
    walk_to(app)
    stands(app)
    assert app.query_params["step"] == "data" and app.query_params["catalogue"] == "2000"


def test_two_tabs_walk_apart():
    one, other = at_step("frame"), at_step("data")
    one.text_area(key=f"{CASE.slug}.walk.why.frame").set_value("Mine.").run()
    other.run()
    assert "real rows passed" in texts(other) and "real rows passed" not in texts(one)
    go(other, "frame")
    assert other.text_area(key=f"{CASE.slug}.walk.why.frame").value == ""
    assert one.query_params["step"] == "frame"


# -- bad input -------------------------------------------------------------------------------------------------------


def test_an_unknown_case_opens_another_and_says_so():
    app = page(case="rocket_science", step="data", dim="32")
    stands(app)
    (warning,) = app.warning
    assert as_read(warning.value) == "“rocket_science” is not a case, so this opens Visual search."
    assert app.query_params["case"] == CASE.slug and app.query_params["step"] == "data"


def test_an_unknown_step_opens_the_first_and_says_so():
    app = page(case=CASE.slug, step="<b>9", **to_query(SMALL, 0))
    stands(app)
    assert [as_read(each.value) for each in app.warning] == ["“<b>9” is not a step, so this opens the first."]
    assert app.query_params["step"] == "clarify" and app.query_params["catalogue"] == "2000"


def test_a_knob_that_is_not_on_offer_is_told():
    app = page(case=CASE.slug, step="clarify", dim="33", colour="red", dataset="fashion", catalogue="2000")
    stands(app)
    told = " ".join(each.value for each in app.warning)
    assert "“33” is not on offer" in told and "“colour” is not a knob" in told and "step" not in told


def test_another_case_is_opened_without_a_word_about_the_knobs_of_the_first():
    others = [case for case in CASES if case.interview is not None and case.slug != CASE.slug]
    if not others:
        pytest.skip("one case alone has its seven steps")
    app = at_step("data")
    app.selectbox(key=walk.CASE).set_value(others[0].slug).run()
    stands(app)
    assert not app.warning
    assert app.query_params["case"] == others[0].slug and app.query_params["step"] == "data"


def test_a_case_without_steps_is_told(monkeypatch):
    monkeypatch.setattr(walk, "OPEN", {CASE.slug: CASE})
    other = next(case for case in CASES if case.slug != CASE.slug)
    app = page(case=other.slug, step="data")
    stands(app)
    assert "has no interview walkthrough yet" in app.warning[0].value


# -- long work -------------------------------------------------------------------------------------------------------


def done(job):
    """Wait for a task."""
    until = time.monotonic() + 10
    while job.running and time.monotonic() < until:
        time.sleep(0.02)
    return job


def test_a_task_keeps_its_results_in_order_and_tells_when_it_breaks():
    def work(stopped):
        yield "one"
        yield "two"
        raise RuntimeError("the disk is full")

    job = done(jobs.start("a visitor", "walk.test", 3, lambda job: job.collect(work(job.stopped))))
    assert (job.results, job.done, job.failure) == (["one", "two"], 2, "the disk is full")
    assert jobs.task("a visitor", "walk.test") is job
    assert jobs.task("another visitor", "walk.test") is None


def test_starting_a_task_again_stops_the_one_that_runs():
    def work(stopped):
        while not stopped():
            time.sleep(0.02)
        yield "stopped"

    first = jobs.start("a visitor", "walk.again", 1, lambda job: job.collect(work(job.stopped)))
    second = jobs.start("a visitor", "walk.again", 1, lambda job: job.collect(["new"]))
    assert done(first).cancelled and done(second).results == ["new"]


def test_work_that_breaks_is_told_on_the_page(monkeypatch):
    def broken(case, asked, cancelled):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("core.ui.interview.walk_training.runs", broken)
    app = page(case=CASE.slug, step="training", **to_query(CASE.Design(dataset="fashion", catalogue=2_000, dim=8), 0))
    next(each for each in app.button if "seeds left" in each.label).click().run()
    done(next(job for (_, name), job in jobs._JOBS.items() if name.startswith("walk.seeds") and "dim=8" in name))
    app.run()
    assert not app.exception
    assert "the disk is full" in app.warning[0].value
