"""The presenter of a class: keeps the wall open, and knows when a drawing of it held which submission."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import unescape
from typing import NamedTuple
from urllib.parse import urlencode

from benchmarks.students import CLASSROOM
from benchmarks.tally import Tally
from benchmarks.websocket_session import WebsocketSession
from core.classroom import wall
from core.classroom.lesson import Lesson
from core.classroom.submissions import Entry

CHANGED = re.compile(r'What changed</div><div class="kp-wall-d">(.*?)</div>')
BACK_S = 1.0  # until a presenter whose page was lost has it again

Ring = tuple[float, float]


class Drawing(NamedTuple):
    """One drawing of the wall: when it had come, in Unix seconds, its last change, and where its chart rings that."""

    at_s: float
    changed: str
    ring: Ring | None


@dataclass
class Presenter:
    """A session with the wall open, which is redrawn as its page asks for it."""

    port: int
    code: str
    secret: str
    tally: Tally
    drawings: list[Drawing] = field(default_factory=list)

    async def watch(self) -> None:
        """Keep the wall open and note every drawing."""
        query = urlencode({"class": self.code, "presenter": self.secret})
        while True:
            async with self.tally.visit(WebsocketSession(self.port, CLASSROOM, query), "the wall") as session:
                await session.rerun()
                while True:
                    await session.until(lambda: self._shows_more(session))
                    self.drawings.append(Drawing(time.time(), changed(session), ringed(session)))
            await asyncio.sleep(BACK_S)

    async def until_open(self) -> None:
        """Wait for the first drawing."""
        while not self.drawings:
            await asyncio.sleep(0.1)

    def lags_s(self, lesson: Lesson, entries: Sequence[Entry]) -> list[float]:
        """Seconds from each submission to the first drawing that holds it; those that no drawing holds are left out."""
        texts = [wall.what_changed(lesson, entries[: n + 1]) for n in range(len(entries))]
        lags: list[float] = []
        for drawing in self.drawings:
            held = [
                n for n, text in enumerate(texts) if text == drawing.changed and _rings(lesson, entries[n], drawing)
            ]
            n_held = 1 + max(held, default=-1)
            lags += [drawing.at_s - entry.at_s for entry in entries[len(lags) : n_held]]
        return lags

    def _shows_more(self, session: WebsocketSession) -> bool:
        now = (changed(session), ringed(session))
        return bool(now[0]) and (not self.drawings or now != self.drawings[-1][1:])


def changed(session: WebsocketSession) -> str:
    """What changed last, as the wall says it; empty before it is drawn."""
    return next((unescape(text) for part in session.page.markup("What changed") for text in CHANGED.findall(part)), "")


def ringed(session: WebsocketSession) -> Ring | None:
    """The place of the last submission on the chart; None where its figures are not known."""
    chart = session.page.widget("wall.chart")
    traces = json.loads(chart.content.spec)["data"] if chart else []
    return next(((trace["x"][0], trace["y"][0]) for trace in traces if trace.get("meta") == "latest"), None)


def _rings(lesson: Lesson, entry: Entry, drawing: Drawing) -> bool:
    """Whether a drawing can be the one that a submission was the last of: it came later and rings its figures."""
    x, y = (entry.submission.figures.get(axis.column) for axis in wall.axes(lesson))
    place = None if x is None or y is None else (x, y)
    return entry.at_s <= drawing.at_s and place == drawing.ring
