"""Students of a class: each joins by the class's link, moves on the case page, and submits designs now and then."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from urllib.parse import urlencode

from benchmarks.page_tree import state_of
from benchmarks.tally import FAILED
from benchmarks.visitors import Visitor, design_of
from benchmarks.websocket_session import WebsocketSession
from core.classroom.store import Bounds

CLASSROOM = "classroom"  # the page
NICKNAME, JOIN, READY = "class.nickname", "FormSubmitter:class.join-Join", "class.submit.ready"  # keys of widgets
SUBMITTED = ":material/check: Submitted"
SUBMIT = "submit"  # a kind of wait


@dataclass(kw_only=True)
class Student(Visitor):
    """A visitor who is in a class; `link` is that of the own page, once the class is joined."""

    code: str
    submit_share: float  # of the moves
    submitted: int = 0

    async def attend(self, until: float) -> None:
        """Join and stay until a moment of time.perf_counter(); whose page was lost comes back by its link."""
        await asyncio.sleep(self.random.uniform(0, self.think_s))  # thirty people do not click in the same millisecond
        while time.perf_counter() < until:
            await self.stay(until)
            await asyncio.sleep(self.random.exponential(self.think_s))

    def _session(self) -> WebsocketSession:
        if self.link:
            return super()._session()
        return WebsocketSession(self.port, CLASSROOM, urlencode({"class": self.code}))

    async def _come(self, session: WebsocketSession) -> float:
        """Type a nickname and press “Join”; the moment of the press."""
        if self.link:
            return await super()._come(session)
        await session.rerun()
        await session.until(lambda: session.page.finished > 0)
        name, button = session.page.widget(NICKNAME), session.page.widget(JOIN)
        if name is None or button is None:
            return time.perf_counter()  # the page says why in red
        began = time.perf_counter()
        await session.rerun([state_of(name, f"Student {self.number + 1}"), state_of(button, True)])
        return began

    async def _open(self, session: WebsocketSession) -> None:
        await super()._open(session)
        self.link = "" if any(session.page.red()) else session.query

    async def _look(self, session: WebsocketSession) -> None:
        """Submit the design in one of so many cases, after some thought."""
        if self.random.random() < self.submit_share and self.submitted < Bounds().submissions:
            await asyncio.sleep(self.random.exponential(self.think_s))
            await self._submit(session)

    async def _submit(self, session: WebsocketSession) -> None:
        button, runs, n_bytes = session.page.widget(READY), session.page.finished, session.n_bytes
        if button is None:
            return
        states = self._states(session, "", design_of(self.case, session.query))
        with self.tally.waits(self.number):
            async with asyncio.timeout(self.patience_s):
                began = time.perf_counter()
                await session.rerun([*states, state_of(button, True)])
                ended = await session.until(
                    lambda: (
                        session.page.finished > runs
                        and (any(session.page.markup(SUBMITTED)) or any(session.page.red()))
                    )
                )
        failed = any(session.page.red())
        self.submitted += not failed
        self._count(FAILED if failed else SUBMIT, ended - began, session.n_bytes - n_bytes)
