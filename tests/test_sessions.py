"""The visitors of the load generator: what they speak, how they choose their moves, and what is said of their waits."""

import asyncio
from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks import bench_sessions, report, visitors
from benchmarks.page_tree import state_of
from benchmarks.server_process import Usage, serving
from benchmarks.tally import FRESH, RECORDED, REMEMBERED, Tally, Waited
from benchmarks.visitors import UNDER_WAY, Known, Visitor, measurements_ahead, settled
from benchmarks.websocket_session import WebsocketSession
from benchmarks.window import Samples
from core.catalog import BY_SLUG

CASE = BY_SLUG["people_you_may_know"]  # the quickest to measure
IN_FULL, OF_A_PART = ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY


def begun(run, *fragments):
    message = ForwardMsg()
    message.metadata.run.script_run_id = run
    message.metadata.run.fragment_ids.extend(fragments)
    message.new_session.config.max_cached_message_age = 2
    return message


def ended(run, *fragments, how=IN_FULL):
    message = ForwardMsg(script_finished=how)
    message.metadata.run.script_run_id = run
    message.metadata.run.fragment_ids.extend(fragments)
    return message


def drawn(path, body, fragment="", kept_as=""):
    message = ForwardMsg(hash=kept_as)
    message.metadata.delta_path.extend(path)
    message.metadata.cacheable = bool(kept_as)
    message.delta.fragment_id = fragment
    message.delta.new_element.markdown.body = body
    return message


def texts(page):
    return [placed.content.body for placed in page.placed.values()]


def followed(*messages):
    session = WebsocketSession(0)
    for message in messages:
        session._follow(message)
    return session.page


def test_what_a_run_did_not_draw_again_is_gone_at_its_end():
    first = [begun("1"), drawn([0, 0], "a"), drawn([0, 1], "b"), ended("1")]
    again = [begun("2"), drawn([0, 0], "c")]
    assert texts(followed(*first, *again)) == ["b", "c"]
    assert texts(followed(*first, *again, ended("2"))) == ["c"]


def test_a_run_that_gave_way_to_another_takes_nothing_away_and_is_no_end():
    given_way = ended("1", how=ForwardMsg.FINISHED_EARLY_FOR_RERUN)
    page = followed(begun("0"), drawn([0], "a"), ended("0"), begun("1"), given_way)
    assert (texts(page), page.finished) == (["a"], 1)


def test_a_part_that_runs_before_the_page_has_ended_tells_of_a_lost_redraw():
    whole, part = [begun("1"), drawn([0], "a"), ended("1")], begun("2", "part")
    assert not followed(*whole, part).lost
    assert followed(*whole[:2], part).lost
    given_way = ended("1", how=ForwardMsg.FINISHED_EARLY_FOR_RERUN)
    assert not followed(*whole[:2], given_way, part).lost


def test_a_part_that_redraws_on_its_own_replaces_what_is_its_own():
    whole = [begun("1"), drawn([0], "a"), drawn([1], "b", "part"), drawn([2], "c", "part"), ended("1")]
    page = followed(*whole, begun("2", "part"), drawn([1], "d", "part"), ended("2", "part", how=OF_A_PART))
    assert (sorted(texts(page)), page.finished) == (["a", "d"], 1)


def test_an_element_replaces_all_that_stood_below_its_place():
    page = followed(begun("1"), drawn([0, 1], "a"), drawn([0, 1, 2], "b"), drawn([0, 1], "c"))
    assert texts(page) == ["c"]


def test_a_message_stands_for_one_that_came_before_until_it_is_too_old():
    again = ForwardMsg(ref_hash="x")
    again.metadata.delta_path.extend([5])
    page = followed(begun("1"), drawn([0], "a", kept_as="x"), ended("1"), begun("2"), again, ended("2"))
    assert texts(page) == ["a"] and list(page.cached) == ["x"]
    for run in "345":
        page.begin(begun(run))
        page.finish(ended(run))
    assert not page.cached


def test_exceptions_and_red_messages_are_errors_and_warnings_are_not():
    crash, warning = drawn([0], ""), drawn([1], "")
    crash.delta.new_element.exception.type = "ZeroDivisionError"
    warning.delta.new_element.alert.body = "take care"
    warning.delta.new_element.alert.format = 2
    page = followed(begun("1"), crash, warning)
    assert page.errors == list(page.red()) == ["ZeroDivisionError: "]


def test_a_widget_is_found_by_its_key_and_told_its_option():
    slider, menu = drawn([0], ""), drawn([1], "")
    slider.delta.new_element.slider.id = "$$ID-0a1b-toy.dim"
    menu.delta.new_element.selectbox.id = "$$ID-2c3d-toy.index-kind"
    page = followed(begun("1"), slider, menu)
    assert list(state_of(page.widget("toy.dim"), "16").string_array_value.data) == ["16"]
    assert state_of(page.widget("toy.index-kind"), "HNSW").string_value == "HNSW"
    assert page.widget("toy.index") is None


def test_figures_of_another_machine_do_not_end_a_move():
    recorded = '<div class="kp-tile"><span class="kp-badge recorded">recorded</span></div>'
    assert not settled(followed(begun("1")))
    assert not settled(followed(begun("1"), drawn([0], recorded)))
    assert settled(followed(begun("1"), drawn([0], '<div class="kp-tile">1</div>')))


def test_a_design_is_fresh_until_it_is_recorded_or_measured(monkeypatch):
    kept, other = (CASE.Design(dim=dim) for dim in (16, 64))
    monkeypatch.setattr(visitors, "recorded_designs", lambda case: (SimpleNamespace(design=kept),))
    known = Known()
    assert [known.kind(CASE, one) for one in (CASE.baseline, kept, other)] == [REMEMBERED, RECORDED, FRESH]
    with known.waited_for(CASE, other):
        assert known.kind(CASE, other) == UNDER_WAY
    assert known.kind(CASE, other) == FRESH
    known.elsewhere.add((CASE.slug, other))
    assert (known.expected(CASE, other), known.kind(CASE, other)) == (REMEMBERED, FRESH)
    known.of(CASE).add(other)
    assert known.kind(CASE, other) == REMEMBERED


def test_the_line_on_the_page_tells_how_many_measurements_are_ahead():
    waiting = [begun("1"), drawn([0], '<div class="kp-waiting">In line: 3 measurements ahead, about 4 s</div>')]
    assert measurements_ahead(followed(*waiting)) == 3
    assert measurements_ahead(followed(*waiting, drawn([0], '<div class="kp-waiting">Running… 2 s</div>'))) == 0


def test_waits_are_told_by_kind_and_those_of_the_mode_stand_first():
    waited = [Waited(0, REMEMBERED, "toy", ms, 1_000) for ms in (100.0, 200.0, 300.0)]
    waited += [Waited(0, FRESH, "toy", 9_000.0), Waited(0, "first_page", "toy", 50.0)]
    told = bench_sessions.waits(Tally(waited), REMEMBERED)
    assert (told["moves"], told["p50_ms"], told["p95_ms"]) == (3, 200.0, 290.0)
    assert told["first_page_p95_ms"] == 50.0 and told["bytes_per_move"] == 750
    assert told["by_kind"]["fresh"] == {"n": 1, "p50_ms": 9_000.0, "p95_ms": 9_000.0, "slowest_ms": 9_000.0}
    assert bench_sessions.waits(Tally(waited), "mixed")["moves"] == 4
    assert bench_sessions.waits(Tally(), FRESH)["p50_ms"] is None


def test_cpu_time_is_told_per_move_or_first_page():
    told = report.used(2, Usage(1.0, 0.0, 0, 0), Usage(1.5, 3.0, 0, 0), 0.02)
    assert told == {"cpu_ms_per_move": 250.0, "worker_cpu_ms_per_move": 1_500.0, "client_cpu_ms_per_move": 10.0}
    assert report.used(0, Usage(1, 0, 0, 0), Usage(2, 0, 0, 0), 0.0)["cpu_ms_per_move"] is None


def test_growth_counts_from_the_tenth_minute():
    at_s = [60.0 * minute for minute in range(1, 31)]
    usage = [Usage(0, 0, 500.0 if at <= 600 else 600.0 + at / 60, 100.0) for at in at_s]
    told = report.memory(Samples(at_s, usage), usage[-1])
    assert told["growth_after_ten_minutes_mb"] == 16.0 and told["both_most_mb"] == 730
    assert report.memory(Samples(), usage[0])["growth_after_ten_minutes_mb"] is None


@pytest.mark.slow
def test_three_visitors_move_among_measured_designs_without_an_error():
    asked = bench_sessions.arguments(["--case", CASE.slug, "--designs", "3", "--sessions", "3", "--think", "1"])
    known, tally = Known(), Tally()

    async def come_and_go(port):
        coming = (
            Visitor(number, port, CASE, 0.0, known, tally, np.random.default_rng(number), think_s=1)
            for number in range(asked.sessions)
        )
        await asyncio.gather(*(visitor.stay(most_moves=4) for visitor in coming))

    with serving() as server:
        server.wait_until_healthy()
        asyncio.run(bench_sessions.warm(server, asked, known, tally))
        tally.waited.clear()
        asyncio.run(come_and_go(server.port))
        assert server.usage().rss_mb > 50
    assert not tally.errors
    moves = Counter(one.visitor for one in tally.waited if one.kind == REMEMBERED)
    assert moves == {0: 4, 1: 4, 2: 4}
