"""What a call and the page that waits for it say to one another."""

import pytest

from core.runtime import channel
from core.runtime.channel import Cancelled, Channel, stop_if_asked, stopped_by


@pytest.fixture
def line(tmp_path):
    return Channel(str(tmp_path / "1"))


def test_the_last_word_is_heard(line):
    assert line.said() is None
    line.tell(0.25, "Building")
    line.tell(0.5, "Timing")
    assert line.said() == (0.5, "Timing")


def test_a_stop_is_heard_and_only_inside_the_call(line, monkeypatch):
    monkeypatch.setattr(channel, "LOOKED_EVERY_S", -1.0)
    with stopped_by(line) as stopped:
        stop_if_asked()
        line.stop()
        assert stopped()
        with pytest.raises(Cancelled):
            stop_if_asked()
    stop_if_asked()


def test_a_call_that_asks_all_the_time_looks_ten_times_a_second(line, monkeypatch):
    looked = []
    monkeypatch.setattr(Channel, "stopped", lambda self: bool(looked.append(1)))
    with stopped_by(line) as stopped:
        for _ in range(10_000):
            stopped()
    assert len(looked) < 100


def test_closing_takes_the_files_away(line, tmp_path):
    line.tell(1.0, "Done")
    line.stop()
    line.close()
    assert not list(tmp_path.iterdir())


def test_where_the_files_cannot_be_reached_nothing_is_said_and_nothing_fails():
    nowhere = Channel("/no such folder/1")
    nowhere.tell(0.5, "Timing")
    nowhere.stop()
    nowhere.close()
    assert nowhere.said() is None and not nowhere.stopped()
