"""The line before the workers: whose turn it is, one call for all who ask the same, bounds, cancels, dead workers."""

import threading
import time
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool

import pytest

from core.runtime import fair_queue
from core.runtime.channel import Cancelled, Channel, stop_if_asked
from core.runtime.fair_queue import FairQueue
from core.runtime.ticket import QueueFull, Rank, WorkerDied
from core.runtime.workers import Workers, in_process, perform

PATIENCE_S = 60


class ByHand:
    """An executor whose calls end when the test says so."""

    def __init__(self):
        self.sent = []

    def submit(self, function, channel, call, arguments, talks):
        future = Future()
        self.sent.append((arguments[0], future))
        return future

    def shutdown(self, wait):
        pass

    def end(self, value="done"):
        """End the call that was sent first and is not done; returns what it was."""
        what, future = next((what, future) for what, future in self.sent if not future.done())
        future.set_exception(value) if isinstance(value, Exception) else future.set_result(value)
        return what


@pytest.fixture
def hand():
    return ByHand()


@pytest.fixture
def line(hand):
    return FairQueue(Workers(lambda: hand, 1))


def asked(line, visitor, what, rank=Rank.DESIGN, key=None):
    return line.submit(visitor, rank, key or what, str, what, kind="a kind")


def order(hand):
    """Ends every call; what they were, in the order in which the workers took them."""
    found = []
    while any(not future.done() for _, future in hand.sent):
        found.append(hand.end())
    return found


def test_visitors_take_turns(line, hand):
    for what in ("a1", "a2", "a3"):
        asked(line, "a", what)
    asked(line, "b", "b1")
    asked(line, "c", "c1")
    assert order(hand) == ["a1", "b1", "c1", "a2", "a3"]


def test_who_was_served_longest_ago_is_next(line, hand):
    asked(line, "a", "a1")
    asked(line, "b", "b1")
    assert order(hand) == ["a1", "b1"]
    asked(line, "c", "c1")
    asked(line, "b", "b2")
    asked(line, "a", "a2")
    assert order(hand) == ["c1", "a2", "b2"]


def test_a_visitors_own_design_goes_before_sweeps_and_those_before_checks_worlds_and_recordings(line, hand):
    asked(line, "x", "running")
    for rank in reversed(Rank):
        asked(line, "y", rank.name, rank)
    assert order(hand) == ["running", "DESIGN", "SWEEP", "CHECK", "WORLD", "RECORD"]


def test_what_is_asked_for_twice_is_called_once_and_moves_up_to_the_better_rank(line, hand):
    asked(line, "x", "running")
    first = asked(line, "a", "same", Rank.SWEEP)
    asked(line, "b", "other", Rank.SWEEP)
    assert asked(line, "c", "same", Rank.DESIGN) is first
    assert order(hand) == ["running", "same", "other"]
    assert first.future.result() == "done"


def test_a_call_is_made_again_once_the_first_is_done(line, hand):
    asked(line, "a", "same")
    order(hand)
    asked(line, "a", "same")
    assert order(hand) == ["same"]


def test_who_leaves_frees_the_place_unless_others_wait_for_the_same(line, hand):
    asked(line, "x", "running")
    alone, shared = asked(line, "a", "alone"), asked(line, "a", "shared")
    asked(line, "b", "shared")
    line.leave(alone, "a")
    line.leave(shared, "a")
    with pytest.raises(Cancelled):
        alone.future.result(0)
    assert order(hand) == ["running", "shared"]


def test_a_running_call_that_nobody_waits_for_is_asked_to_stop_and_nobody_joins_it(line, hand):
    running = asked(line, "a", "same")
    line.leave(running, "a")
    assert running.channel.stopped()
    assert asked(line, "b", "same") is not running


def test_who_leaves_the_line_before_a_worker_took_the_call_leaves_no_file(line):
    asked(line, "x", "running")
    ticket = asked(line, "a", "design")
    line.leave(ticket, "a")
    assert ticket.future.done() and not ticket.channel.stopped()


def test_a_world_makes_way_for_a_visitors_design_and_begins_again_after_it(line, hand):
    world = asked(line, "a", "world", Rank.WORLD)
    asked(line, "b", "sweep", Rank.SWEEP)
    assert not world.channel.stopped()  # a sweep waits for its turn
    asked(line, "b", "design")
    assert world.channel.stopped()
    hand.end(Cancelled("between two stages"))
    assert not world.channel.stopped() and not world.future.done()
    assert order(hand) == ["design", "sweep", "world"]
    assert world.future.result(0) == "done"


def test_calls_whose_workers_died_together_are_made_again_one_by_one_so_that_no_other_visitor_pays(hand):
    line = FairQueue(Workers(lambda: hand, 2))
    guilty, innocent = asked(line, "a", "guilty"), asked(line, "b", "innocent")
    for _ in range(2):
        hand.end(BrokenProcessPool("killed"))
    assert [what for what, future in hand.sent if not future.done()] == ["guilty"]
    hand.end(BrokenProcessPool("killed"))
    with pytest.raises(WorkerDied):
        guilty.future.result(0)
    assert order(hand) == ["innocent"] and innocent.future.result(0) == "done"


def test_who_has_waited_long_goes_before_visitors_who_have_never_been_served(line, hand, monkeypatch):
    now = [100.0]
    monkeypatch.setattr(fair_queue.time, "monotonic", lambda: now[0])
    asked(line, "a", "running")
    asked(line, "a", "long")
    now[0] += fair_queue.LONG_S + 1
    asked(line, "a", "short")
    asked(line, "newcomer", "new")
    assert order(hand) == ["running", "long", "new", "short"]


def test_what_goes_before_a_rank_is_counted_whether_it_waits_or_runs(line, hand):
    assert line.n_before(Rank.WORLD) == 0
    asked(line, "a", "world", Rank.WORLD)
    assert line.n_before(Rank.WORLD) == 0
    asked(line, "b", "sweep", Rank.SWEEP)
    asked(line, "b", "design")
    assert (line.n_before(Rank.WORLD), line.n_before(Rank.SWEEP)) == (2, 1)
    order(hand)
    assert line.n_before(Rank.WORLD) == 0


def test_the_place_and_the_wait_follow_from_what_such_calls_took(line, hand, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(fair_queue.time, "monotonic", lambda: now[0])
    asked(line, "x", "first")
    now[0] = 4.0
    hand.end()  # a call of this kind takes 4 s
    asked(line, "x", "running")
    now[0] = 5.0  # it has run for 1 s
    ahead, last = asked(line, "a", "ahead"), asked(line, "b", "last")
    assert (line.place(ahead).ahead, line.place(ahead).wait_s) == (1, pytest.approx(3.0))
    assert (line.place(last).ahead, line.place(last).wait_s) == (2, pytest.approx(7.0))


def test_a_visitor_and_all_together_have_a_bound(line, monkeypatch):
    monkeypatch.setattr(fair_queue, "MOST_EACH", 2)
    monkeypatch.setattr(fair_queue, "MOST_WAITING", 3)
    asked(line, "x", "running")
    asked(line, "a", "a1")
    asked(line, "a", "a2")
    with pytest.raises(QueueFull, match="You have 2 measurements waiting"):
        asked(line, "a", "a3")
    asked(line, "b", "b1")
    with pytest.raises(QueueFull, match="3 measurements wait on this server"):
        asked(line, "c", "c1")
    assert asked(line, "c", "a1")  # joining costs no place


def test_an_error_is_told_to_who_asked_and_the_line_goes_on(line, hand):
    fails, next_one = asked(line, "a", "fails"), asked(line, "b", "next")
    hand.end(ValueError("no such city"))
    with pytest.raises(ValueError, match="no such city"):
        fails.future.result(0)
    order(hand)
    assert next_one.future.result(0) == "done"


def test_a_dead_worker_is_replaced_its_call_is_made_once_more_and_nothing_else_is_lost(hand):
    made = []
    line = FairQueue(Workers(lambda: made.append(1) or hand, 1))
    ticket, waiting = asked(line, "a", "design"), asked(line, "b", "next")
    hand.end(BrokenProcessPool("killed"))
    assert len(made) == 2 and not ticket.future.done()
    hand.end("the second try")
    assert ticket.future.result(0) == "the second try"
    assert order(hand) == ["next"] and waiting.future.result(0) == "done"


def test_a_call_that_takes_its_worker_down_twice_is_told_and_the_line_goes_on(line, hand):
    ticket, waiting = asked(line, "a", "too large"), asked(line, "b", "next")
    hand.end(BrokenProcessPool("killed"))
    hand.end(BrokenProcessPool("killed"))
    with pytest.raises(WorkerDied, match="It may need more memory"):
        ticket.future.result(0)
    assert order(hand) == ["next"] and waiting.future.result(0) == "done"


def test_where_no_worker_can_be_had_who_asked_is_told_and_the_next_call_has_its_turn(hand):
    tries = iter([OSError("no memory for a process")])

    def make():
        for error in tries:
            raise error
        return hand

    line = FairQueue(Workers(make, 1))
    fails = asked(line, "a", "fails")
    with pytest.raises(OSError, match="no memory for a process"):
        fails.future.result(0)
    next_one = asked(line, "a", "next")
    assert order(hand) == ["next"] and next_one.future.result(0) == "done"


def test_after_the_workers_were_shut_down_a_long_line_is_told_and_no_process_is_begun(hand):
    made = []
    line = FairQueue(Workers(lambda: made.append(1) or hand, 1))
    tickets = [asked(line, f"visitor {n}", n) for n in range(900)]
    line.workers.shutdown()
    hand.end()
    assert all(ticket.future.done() for ticket in tickets) and made == [1]
    with pytest.raises(RuntimeError, match="being shut down"):
        asked(line, "late", "late").future.result(0)


def test_other_workers_take_over_although_those_before_still_work(hand):
    def ends(executor):
        told = threading.Thread(target=hand.end, args=(RuntimeError("ended"),))  # as a pool tells: in its own thread
        told.start()
        told.join(PATIENCE_S)

    line, other = FairQueue(Workers(lambda: hand, 1, ends)), ByHand()
    before, after = asked(line, "a", "before"), asked(line, "b", "after")
    line.use(Workers(lambda: other, 1))
    assert before.future.exception(0) and order(other) == ["after"] and after.future.result(0) == "done"


def test_a_running_call_stops_between_two_stages():
    line, stages = FairQueue(in_process()), []

    def pipeline(begun):
        for stage in range(10_000):
            stop_if_asked()
            stages.append(stage)
            begun.set()
            time.sleep(0.01)

    begun = threading.Event()
    ticket = line.submit("a", Rank.DESIGN, "pipeline", pipeline, begun)
    assert begun.wait(PATIENCE_S)
    line.leave(ticket, "a")
    with pytest.raises(Cancelled):
        ticket.future.result(PATIENCE_S)
    assert len(stages) < 10_000


def test_a_call_that_talks_is_given_progress_and_cancelled(tmp_path):
    def half(what, progress, cancelled):
        progress(0.5, what)
        return cancelled()

    channel = Channel(str(tmp_path / "1"))
    assert perform(channel, half, ("half",), True) is False
    assert channel.said() == (0.5, "half")
