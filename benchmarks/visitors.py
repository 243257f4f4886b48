"""Visitors of case pages: each opens one, turns one knob, looks at the figures, thinks, and turns the next."""

from __future__ import annotations

import asyncio
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

import numpy as np
from streamlit.proto.WidgetStates_pb2 import WidgetState

from benchmarks.page_tree import PageTree, state_of
from benchmarks.tally import FAILED, FRESH, MOVES, RECORDED, REMEMBERED, Tally, Waited
from benchmarks.websocket_session import WebsocketSession
from core.contract.case import Case
from core.contract.design import Design, from_query, knobs, neighbours
from core.runtime.recorded import recorded_designs

TILE, NOT_FROM_HERE = "kp-tile", "kp-badge recorded"
UNDER_WAY = "under way"  # a design that somebody waits for: a move to it would be neither remembered nor fresh
IN_LINE = re.compile(r"In line: (\d+) measurement")


@dataclass
class Known:
    """What this server has measured and what is on record, so that a fresh design is one that nobody has seen."""

    on_record: dict[str, set[Design]] = field(default_factory=dict)
    measured: dict[str, set[Design]] = field(default_factory=dict)
    under_way: Counter[tuple[str, Design]] = field(default_factory=Counter)  # how many visitors wait for it
    elsewhere: set[tuple[str, Design]] = field(default_factory=set)  # a move there led to another design

    def of(self, case: Case) -> set[Design]:
        """The designs of a case that were measured."""
        return self.measured.setdefault(case.slug, {case.baseline})

    def kind(self, case: Case, design: Design) -> str:
        """Remembered by this server, under way on it, recorded by another machine, or fresh."""
        if case.slug not in self.on_record:
            self.on_record[case.slug] = {one.design for one in recorded_designs(case)}
        if design in self.of(case):
            return REMEMBERED
        if self.under_way[case.slug, design]:
            return UNDER_WAY
        return RECORDED if design in self.on_record[case.slug] else FRESH

    def expected(self, case: Case, design: Design) -> str:
        """The kind of a move there, as it is chosen; one that led to another design before leads there again."""
        return REMEMBERED if (case.slug, design) in self.elsewhere else self.kind(case, design)

    @contextmanager
    def waited_for(self, case: Case, design: Design) -> Iterator[None]:
        """Inside the block a visitor waits for the design, so that nobody else takes it for fresh."""
        self.under_way[case.slug, design] += 1
        try:
            yield
        finally:
            self.under_way[case.slug, design] -= 1


@dataclass
class Visitor:
    """A visitor of one case page, who gives up after waiting `patience_s`."""

    number: int
    port: int
    case: Case
    fresh_share: float  # of the moves
    known: Known
    tally: Tally
    random: np.random.Generator
    think_s: float = 3.0
    patience_s: float = 300.0
    link: str = ""  # the parameters that the page is opened with

    async def stay(self, until: float = float("inf"), most_moves: int = sys.maxsize) -> None:
        """Open the page and make moves until a moment of time.perf_counter().

        What goes wrong is counted; a lost connection or redraw and a wait beyond patience end the visit.
        """
        async with self.tally.visit(self._session(), self.case.slug) as session:
            await self._open(session)
            for _ in range(most_moves):
                await asyncio.sleep(self.random.exponential(self.think_s))
                if time.perf_counter() > until or not await self._move(session):
                    return
                await self._look(session)

    def _session(self) -> WebsocketSession:
        return WebsocketSession(self.port, self.case.slug, self.link)

    async def _come(self, session: WebsocketSession) -> float:
        """Ask for the case page; the moment of that, by time.perf_counter()."""
        began = time.perf_counter()
        await session.rerun()
        return began

    async def _look(self, session: WebsocketSession) -> None:
        """What comes of the figures before the next move; nothing here."""

    async def _open(self, session: WebsocketSession) -> None:
        with self.tally.waits(self.number):
            async with asyncio.timeout(self.patience_s):
                began = await self._come(session)
                runs = session.page.finished
                first = await session.until(lambda: any(session.page.markup(TILE)) or any(session.page.red()))
                self._count("first_page", first - began, session.n_bytes)
                ended = await session.until(lambda: session.page.finished > runs and settled(session.page))
                self._count("first_page_finished", ended - began, session.n_bytes)
        self.known.of(self.case).add(design_of(self.case, session.query))

    async def _move(self, session: WebsocketSession) -> bool:
        """One knob turned and the figures seen; False where no knob leads on."""
        known, chosen = self.known.of(self.case), self._chosen(session)
        if chosen is None:
            return False
        name, target = chosen
        runs, n_bytes, option = session.page.finished, session.n_bytes, str(getattr(target, name))
        states, kind, ahead = self._states(session, name, target), self.known.kind(self.case, target), 0

        def arrived() -> bool:
            nonlocal ahead
            ahead = max(ahead, measurements_ahead(session.page))
            return session.page.finished > runs and link_of(session).get(name) == option and settled(session.page)

        with self.tally.waits(self.number), self.known.waited_for(self.case, target):
            async with asyncio.timeout(self.patience_s):
                began = time.perf_counter()
                await session.rerun(states)
                ended = await session.until(arrived)
        reached = design_of(self.case, session.query)  # another one, where a knob comes back as it was left
        if reached != target:
            kind = self.known.kind(self.case, reached)
            self.known.elsewhere.add((self.case.slug, target))
        failed = any(session.page.red())
        self._count(FAILED if failed else kind, ended - began, session.n_bytes - n_bytes, ahead)
        known.add(reached)
        return True

    def _chosen(self, session: WebsocketSession) -> tuple[str, Design] | None:
        """The knob to turn and the design that it leads to, among the knobs on the page that can be turned."""
        moves = [
            (name, target)
            for name, target in neighbours(design_of(self.case, session.query))
            if (widget := session.page.widget(f"{self.case.slug}.{name}")) is not None and not widget.content.disabled
        ]
        pools: dict[str, list[tuple[str, Design]]] = {kind: [] for kind in (*MOVES, UNDER_WAY)}
        for name, target in moves:
            pools[self.known.expected(self.case, target)].append((name, target))
        wants_fresh = self.random.random() < self.fresh_share
        # from a page's first design every knob leads to one on record; what nobody has seen is two moves away
        moves_on = (REMEMBERED, RECORDED, FRESH) if self.fresh_share else (REMEMBERED,)
        wanted = (FRESH, RECORDED, REMEMBERED) if wants_fresh else moves_on
        pool = next((pools[kind] for kind in wanted if pools[kind]), [])
        return pool[self.random.integers(len(pool))] if pool else None

    def _states(self, session: WebsocketSession, moved: str, target: Design) -> list[WidgetState]:
        """The state of every knob on the page, as the browser sends it, with one of them moved."""
        present, states = design_of(self.case, session.query), []
        for name, knob in knobs(self.case.Design).items():
            widget = session.page.widget(f"{self.case.slug}.{name}")
            if widget is not None:
                states.append(state_of(widget, knob.text(getattr(target if name == moved else present, name))))
        return states

    def _count(self, kind: str, waited_s: float, n_bytes: int, ahead: int = 0) -> None:
        self.tally.waited.append(Waited(self.number, kind, self.case.slug, 1e3 * waited_s, n_bytes, ahead))


def measurements_ahead(page: PageTree) -> int:
    """How many measurements the page says are taken before the one that it waits for."""
    return max(
        (int(number) for text in page.markup('class="kp-waiting"') for number in IN_LINE.findall(text)), default=0
    )


def settled(page: PageTree) -> bool:
    """True where the page shows figures that were measured here, or says why it cannot."""
    tiles = list(page.markup(TILE))
    return bool(tiles and not any(NOT_FROM_HERE in tile for tile in tiles)) or any(page.red())


def link_of(session: WebsocketSession) -> dict[str, str]:
    """The parameters of the page's link."""
    return dict(parse_qsl(session.query))


def design_of(case: Case, query: str) -> Design:
    """The design of a link."""
    design, _, _ = from_query(case.Design, dict(parse_qsl(query)))
    return design
