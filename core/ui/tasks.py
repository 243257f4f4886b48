"""Measurings that somebody asked for by a button: one at a time in the background, with progress and a cancel."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from core.beyond.scale import Cancelled
from core.ui import jobs, state
from core.ui.study import TOLD, Study

POLL_S = 0.7
ORPHANED_S = 30.0  # a task that no page has looked at for so long stops by itself
MOST = 200
_POOL = ThreadPoolExecutor(max_workers=1, thread_name_prefix="deeper")
_TASKS: dict[tuple[str, str], Task] = {}
_LOCK = threading.Lock()

Work = Callable[[Callable[[float, str], None], Callable[[], bool]], Any]  # work(progress, cancelled)


@dataclass
class Task:
    """One measuring of one session: how far it is, what went wrong, and the switch that stops it."""

    share: float = 0.0
    text: str = "Waiting for another measuring to finish"
    error: str = ""
    cancelled: bool = False
    last_seen: float = field(default_factory=time.monotonic)
    future: Future | None = None

    @property
    def running(self) -> bool:
        """True until it is done or the cancel has taken effect."""
        return self.future is not None and not self.future.done()

    def cancel(self) -> None:
        """Stop before the next size or design; what was measured stays."""
        self.cancelled = True
        if self.future is not None:
            self.future.cancel()

    def tell(self, share: float, text: str) -> None:
        """How far it is, from 0 to 1, and with what."""
        self.share, self.text = share, text

    def stopped(self) -> bool:
        """True when it was cancelled or no page shows it any more."""
        return self.cancelled or time.monotonic() - self.last_seen > ORPHANED_S

    def run(self, work: Work) -> None:
        """Do the work; a failure with a message for the reader is kept, a cancel is none."""
        try:
            if not self.stopped():
                work(self.tell, self.stopped)
        except Cancelled:
            self.cancelled = True
        except TOLD as error:
            self.error = str(error)


def of(name: str) -> Task | None:
    """The session's task of that name, running or done."""
    return _TASKS.get((jobs.session(), name))


def start(name: str, work: Work) -> Task:
    """Start a task for this session; one of the same name is cancelled first."""
    with _LOCK:
        old = _TASKS.pop((jobs.session(), name), None)
        if old is not None:
            old.cancel()
        for done in [key for key, task in _TASKS.items() if not task.running][: max(0, len(_TASKS) - MOST)]:
            del _TASKS[done]
        task = _TASKS[jobs.session(), name] = Task()
        task.future = _POOL.submit(task.run, work)
    return task


def panel(study: Study, name: str, title: str, draw: Callable[[Study], None]) -> None:
    """An expander that draws only when it is opened, by itself, and again while a task of it runs."""
    key = state.key(study.case, f"deeper.{name}")
    task = of(key)
    running = task is not None and task.running

    def live(study: Study) -> None:
        opened = st.expander(title, key=f"{key}.open", on_change="rerun")
        if opened.open:
            with opened:
                draw(study)
        if running and not task.running:
            st.rerun()  # it is done: draw the page once more, this time without polling

    st.fragment(live, run_every=POLL_S if running else None)(study)


def button(study: Study, name: str, label: str, work: Work, icon: str = ":material/play_arrow:") -> None:
    """A button that starts the work; while it runs, its progress and a cancel instead."""
    key = state.key(study.case, f"deeper.{name}")
    task = of(key)
    if task is not None and task.running:
        task.last_seen = time.monotonic()
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            st.progress(min(1.0, task.share), task.text)
            st.button("Cancel", on_click=task.cancel, key=f"{key}.cancel", icon=":material/stop:")
        return
    if task is not None and task.error:
        st.warning(task.error, icon=":material/warning:")
    if st.button(label, key=f"{key}.start", icon=icon):
        start(key, work)
        st.rerun()


def runs(study: Study, designs: list[Any]) -> Work:
    """Work that measures designs into the ledger, one after the other."""
    from core.ledger import LEDGER

    def work(progress: Callable[[float, str], None], cancelled: Callable[[], bool]) -> None:
        for done, design in enumerate(designs):
            if cancelled():
                raise Cancelled("stopped before the next design")
            progress(done / len(designs), f"{done} of {len(designs)} designs measured")
            LEDGER.measure(study.case, design, study.seed)

    return work
