"""Work in a process of its own: its lines, its end, and that it stands still while a visitor waits."""

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from core.runtime import beside

PATIENCE_S = 60


@pytest.fixture
def runs(monkeypatch):
    """Run a script instead of the command line of the project."""
    return lambda script: monkeypatch.setattr(beside, "COMMAND", (sys.executable, "-u", "-c", script))


def until(holds):
    end = time.monotonic() + PATIENCE_S
    while not holds() and time.monotonic() < end:
        time.sleep(0.02)
    assert holds()


def test_lines_come_in_order_and_with_the_arguments(runs):
    runs("import sys; print(sys.argv[1]); print('last')")
    assert list(beside.lines_of(["worlds"], lambda: False)) == ["worlds", "last"]


def test_a_command_that_fails_is_told(runs):
    runs("print('first'); raise SystemExit(2)")
    lines = beside.lines_of(["worlds"], lambda: False)
    assert next(lines) == "first"
    with pytest.raises(RuntimeError, match="worlds ended with 2"):
        list(lines)


def test_a_stop_ends_the_process(runs):
    runs("import os, time; print(os.getpid()); time.sleep(600)")
    seen = []
    lines = beside.lines_of([], stopped=lambda: bool(seen))
    seen.append(int(next(lines)))
    assert list(lines) == []
    with pytest.raises(ProcessLookupError):
        os.kill(seen[0], 0)


def test_what_was_stopped_before_it_began_never_begins(runs):
    runs("print('begun')")
    with beside.held():
        assert list(beside.lines_of([], stopped=lambda: True)) == []


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP") or not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_while_a_visitor_waits_the_process_stands_still(runs):
    runs("import os; print(os.getpid())\nwhile True: pass")
    lines = beside.lines_of([], stopped=lambda: False)
    pid = int(next(lines))

    def state():
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]

    with beside.held():
        with beside.held():
            until(lambda: state() == "T")
        assert state() == "T"  # two visitors wait, and one of them is served
    until(lambda: state() != "T")
    lines.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
