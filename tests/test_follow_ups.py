"""What follows from a design, on the real pages without a browser: opened, run by button, and given bad numbers."""

import time
from dataclasses import replace

import pytest

from core.analysis import batch_vs_online
from core.catalog import BY_SLUG, CASES
from core.contract.design import to_query
from core.scaling import Cancelled, samples
from core.serving import slo
from core.ui import jobs
from tests.cases_of_tests import few_or_all
from tests.test_pages import visit

TABS = {  # panel → the tab that holds it
    "ceiling": "Quality loss",
    "scale": "Scale",
    "crossover": "Scale",
    "breakeven": "Scale",
    "selectivity": "Scale",
    "load": "Load & failure",
    "inserting": "Load & failure",
}
SMALL = {name: (1_000, 1_500, 2_000, 4_000) for name in ("flat", None, "nprobe", "efSearch")}
each_case = few_or_all(CASES)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Small sizes, so that a law is fitted in a blink."""
    monkeypatch.setattr(samples, "SIZES", SMALL)


def opened(case, panel, link=None):
    """The case's page with the tab of this panel open."""
    app = visit(case, link)
    app.session_state[f"{case.slug}.tab"] = TABS[panel]
    app.run()
    assert not app.exception
    return app


def words(app):
    return "\n".join(str(each.value) for each in (*app.markdown, *app.caption, *app.info, *app.warning))


def pressed(app, case, panel):
    """The page once the panel's button was pressed and its work is done."""
    key = f"{case.slug}.deeper.{panel}"
    if not any(button.key == f"{key}.start" for button in app.button):
        return app  # another test's work is remembered
    app.button(key=f"{key}.start").click().run()
    task = next(job for (_, name), job in jobs._JOBS.items() if name == key)
    until = time.monotonic() + 240
    while task.running:  # the page asks again every second, and so keeps its work from being given up
        task.seen()
        assert time.monotonic() < until, task.text
        time.sleep(0.02)
    app.run()
    assert not app.exception and not task.failure
    return app


@each_case
def test_every_panel_opens_on_every_page(case):
    said = "\n".join(words(opened(case, panel)) for panel in ("ceiling", "scale", "load"))
    assert case.scaling_parts is None or "grows" in said or "does not grow" in said
    for rung in case.ablation_steps:
        assert not rung.why_not or rung.why_not in said


def test_nothing_is_drawn_before_it_is_opened():
    app = visit(BY_SLUG["visual_search"])
    assert not any(".deeper." in (button.key or "") for button in app.button)


def test_the_ceiling_is_taken_apart_on_a_button():
    case = BY_SLUG["visual_search"]
    app = pressed(opened(case, "ceiling"), case, "ceiling")
    assert "at the ceiling to" in words(app) and "add up exactly" in words(app)


def test_the_fit_is_shown_before_the_design_is_extrapolated():
    case = BY_SLUG["visual_search"]
    app = opened(case, "scale")
    app = pressed(app, case, "scale")
    said = words(app)
    assert "Fit of the index" in said and "the law said" in said
    assert "Time of a search =" in said and "bytes a vector of 64 numbers" in said
    assert "new images per day" in said and "to take in while serving" in said
    next(field for field in app.number_input if ".items." in field.key).set_value(1_000_000)
    assert "p99 under load" in words(app.run())


def test_a_trillion_items_and_none_have_a_clear_answer():
    case = BY_SLUG["visual_search"]
    app = opened(case, "scale")
    fields = [field for field in app.number_input if ".items." in field.key]
    assert len(fields) == 2
    for field in fields:
        field.set_value(0)
    app.run()
    assert not app.exception and words(app).count("umber of items must be from 1 to 10^15") == 2
    for field in [field for field in app.number_input if ".items." in field.key]:
        field.set_value(10**12)
    app.run()
    said = words(app)
    assert not app.exception and "1,000,000,000,000" in said and "shards" in said


def test_the_crossover_is_found_by_runs():
    case = BY_SLUG["visual_search"]
    app = pressed(opened(case, "crossover"), case, "crossover")
    assert any(said in words(app) for said in ("Flat wins", "wins at every size tried"))


def test_a_design_without_an_index_says_so():
    assert "searches no vectors" in words(opened(BY_SLUG["ad_click"], "crossover"))


def test_batch_and_online_are_weighed():
    case = BY_SLUG["news_feed"]
    app = pressed(opened(case, "breakeven"), case, "breakeven")
    assert "of a core online" in words(app)
    assert any(said in words(app) for said in ("Batch pays from", "Batch never pays", "Batch always pays"))
    assert "The store knows the key of **100.0%** of the requests." in words(app)


@pytest.mark.parametrize(("rate", "cheaper"), [(1e-6, "online"), (1e6, "batch")])
def test_the_requirements_have_their_place_on_the_chart(monkeypatch, rate, cheaper):
    monkeypatch.setattr(batch_vs_online, "todays_requests", lambda *asked: (1e6, rate))
    case = BY_SLUG["news_feed"]
    app = pressed(opened(case, "breakeven"), case, "breakeven")
    assert f"**{cheaper} is the cheaper**" in words(app) and "At the requested load, per month: online" in words(app)


def test_the_load_test_and_the_break_even_say_nothing_where_the_machine_was_too_busy(monkeypatch):
    case = BY_SLUG["news_feed"]
    app = pressed(opened(case, "breakeven"), case, "breakeven")
    app.session_state[f"{case.slug}.tab"] = TABS["load"]
    said = words(app.run())
    assert not app.exception
    assert "(goodput)" in said and "Replay of a recorded trace" in said and "Too noisy" not in said
    monkeypatch.setattr(slo, "TOO_BUSY", 0.0)
    noisy = words(app.run())
    app.session_state[f"{case.slug}.tab"] = TABS["breakeven"]
    noisy += words(app.run())
    assert not app.exception
    assert "while this design was timed" in noisy and "while these were timed" in noisy
    assert not any(told in noisy for told in ("(goodput)", "Replay of a recorded trace", "of a core online"))


def test_a_task_keeps_its_message_and_stops_when_cancelled():
    def fails(job):
        raise ValueError("nothing to measure")

    def waits(job):
        while not job.stopped():
            time.sleep(0.01)
        raise Cancelled("stopped")

    failed = jobs.start("a visitor", "test.fails", 1, fails)
    failed.thread.join(timeout=30)
    assert failed.failure == "nothing to measure" and not failed.running
    waiting = jobs.start("a visitor", "test.waits", 1, waits)
    waiting.cancel()
    started = time.monotonic()
    while waiting.running and time.monotonic() - started < 30:
        time.sleep(0.01)
    assert waiting.cancelled and not waiting.running and not waiting.failure


def test_tasks_that_a_busy_server_refuses_are_forgotten_in_their_turn(monkeypatch):
    monkeypatch.setattr(jobs, "_JOBS", {})
    monkeypatch.setattr(jobs, "MOST_RUNNING", 0)
    refused = [jobs.start(f"visitor {n}", "test", 1, lambda job: None) for n in range(500)]
    assert all("too much to do" in job.failure for job in refused)
    assert len(jobs._JOBS) <= 201 and jobs.task("visitor 499", "test") is refused[-1]


def test_a_task_that_nobody_looks_at_stops():
    task = jobs.Job(total=1)
    assert not task.stopped()
    task.last_seen -= jobs.ORPHANED_S + 1
    assert task.stopped()


@pytest.mark.slow
def test_filters_are_tried_at_every_share_on_a_button_and_the_table_follows_the_dial():
    case = BY_SLUG["similar_listings"]
    app = pressed(opened(case, "selectivity"), case, "selectivity")
    assert "99.9 % filtered out leaves 2 listings. Post-filter fills" in words(app)
    app.select_slider(key=f"{case.slug}.selectivity.share").set_value(0.5)
    app.button_group(key=f"{case.slug}.selectivity.figure").set_value("ms")
    assert "50 % filtered out leaves 1,102 listings" in words(app.run()) and not app.exception


@pytest.mark.slow
def test_images_are_inserted_on_a_button_while_searches_go_on():
    case = BY_SLUG["visual_search"]
    small = replace(case.Design(), dataset="fashion", catalogue=2_000)
    app = pressed(opened(case, "inserting", to_query(small, 0)), case, "inserting")
    assert "At 2,000 images, 1,400 of them built and the rest inserted" in words(app)
    app.button_group(key=f"{case.slug}.inserting.figure").set_value("distances").run()
    assert not app.exception and "distances per search against images in the index" in words(app)
    app = opened(case, "inserting", to_query(replace(small, serving="batch"), 0))
    assert "found after the next refresh" in words(app)
