"""The load generator of a class: what a drawing of the wall holds, what is told, and three students on a server."""

import asyncio
from types import SimpleNamespace

import pytest

from benchmarks import bench_class, class_report
from benchmarks.page_tree import Placed, state_of
from benchmarks.presenter import Drawing, Presenter
from benchmarks.server_process import Usage, serving
from benchmarks.tally import FRESH, REMEMBERED, Tally, Waited
from benchmarks.visitors import Known
from core.catalog import BY_SLUG
from core.classroom import wall
from tests.classroom.made import entry, lesson, submission

QUICK = BY_SLUG["people_you_may_know"]  # to measure
LESSON = lesson()


def presenter(*drawings):
    return Presenter(0, "", "", Tally(), list(drawings))


def drawn(at_s, *entries):
    """The drawing of these entries."""
    figures = entries[-1].submission.figures
    x, y = (figures[axis.column] for axis in wall.axes(LESSON))
    return Drawing(at_s, wall.what_changed(LESSON, entries), (x, y))


def test_a_submission_is_on_the_wall_with_the_first_drawing_of_it_or_of_a_later_one():
    first, second, third = (entry(n, n, submission(quality=n / 10)) for n in (1, 2, 3))
    late = drawn(4.5, first, second, third)
    assert presenter(drawn(1.5, first), late).lags_s(LESSON, [first, second, third]) == [0.5, 2.5, 1.5]
    assert presenter(drawn(1.5, first)).lags_s(LESSON, [first, second]) == [0.5]
    assert presenter().lags_s(LESSON, [first]) == []


def test_a_drawing_whose_chart_rings_another_design_does_not_hold_the_submission():
    one = entry(1, 1, submission())
    assert presenter(drawn(1.5, one)._replace(ring=(9.0, 9.0))).lags_s(LESSON, [one]) == []
    assert presenter(drawn(1.5, one)._replace(ring=None)).lags_s(LESSON, [one]) == []


def test_of_the_same_submission_made_twice_the_second_waits_for_its_own_drawing():
    one, other, again = entry(1, 1, submission()), entry(2, 2, submission()), entry(3, 1, submission())
    assert wall.what_changed(LESSON, [one]) == wall.what_changed(LESSON, [one, other, again])
    shown = presenter(drawn(1.5, one))
    assert shown.lags_s(LESSON, [one, other, again]) == [0.5]
    shown.drawings += [drawn(2.5, one, other), drawn(3.25, one, other, again)]
    assert shown.lags_s(LESSON, [one, other, again]) == [0.5, 0.5, 0.25]


def test_a_wait_is_held_against_the_designs_that_were_ahead():
    seen = SimpleNamespace(before=Usage(0, 0.0, 0, 0), after=Usage(0, 3.0, 0, 0))
    waited = [Waited(0, FRESH, "toy", ms, ahead=ahead) for ms, ahead in ((4_900, 3), (3_100, 1), (500, 0))]
    told = class_report.fresh_waits(Tally([*waited, Waited(0, REMEMBERED, "toy", 9_000)]), seen)
    assert told == {
        "longest_wait_s": 4.9,
        "designs_ahead_then": 3,
        "cpu_s_per_fresh_design": 1.0,
        "beyond_goal": 1,
        "beyond_goal_with_own": 0,
    }
    assert class_report.fresh_waits(Tally(), seen)["longest_wait_s"] is None


def test_a_button_is_pressed():
    content = SimpleNamespace(id="$$ID-0a1b-toy.go")
    assert state_of(Placed("button", content, "1", ""), True).trigger_value


@pytest.mark.slow
def test_three_students_submit_without_an_error_and_everything_arrives_on_the_wall():
    words = [
        "--case",
        QUICK.slug,
        "--think",
        "1",
        "--fresh",
        "0.3",
        "--submit",
        "1",
        "--seconds",
        "600",
        "--designs",
        "3",
    ]
    asked, known, tally = bench_class.arguments(words), Known(), Tally()

    async def a_lesson(server):
        async with bench_class.opened(server, asked, tally) as held:
            coming = [bench_class.student(number, server, asked, known, tally, held.code) for number in range(3)]
            await asyncio.gather(*(one.stay(most_moves=3) for one in coming))
            return await held.lags_s(), held.store.entries(held.code)

    with serving() as server:
        server.wait_until_healthy()
        asyncio.run(bench_class.warm(server, asked, known, tally))
        lags_s, entries = asyncio.run(a_lesson(server))
        assert not server.tracebacks()
    assert not tally.errors
    assert sorted(one.nickname for one in entries) == sorted(3 * ["Student 1", "Student 2", "Student 3"])
    assert len(lags_s) == len(entries)
