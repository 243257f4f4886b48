"""Visitors of case pages: each opens one, turns one knob, looks at the figures, thinks, and turns the next."""

from __future__ import annotations

import asyncio
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
from benchmarks.websocket_session import Disconnected, LostRedraw, WebsocketSession
from core.contract.case import Case
from core.contract.design import Design, from_query, knobs, neighbours
from core.runtime.recorded import recorded_designs

TILE, NOT_FROM_HERE = "kp-tile", "kp-badge recorded"
REMEMBERED, RECORDED, FRESH = MOVES = ("remembered", "recorded", "fresh")  # what a move leads to
MIXED = "mixed"
FAILED = "failed"  # a move that ended with an error on the page
ON_PAGE = "on the page"  # a kind of error
FRESH_SHARE = 0.2  # of mixed moves


@dataclass
class Known:
    """What this server has measured and what is on record, so that a fresh design is one that nobody has seen."""

    on_record: dict[str, set[Design]] = field(default_factory=dict)
    measured: dict[str, set[Design]] = field(default_factory=dict)

    def of(self, case: Case) -> set[Design]:
        """The designs of a case that were measured."""
        return self.measured.setdefault(case.slug, {case.baseline})

    def kind(self, case: Case, design: Design) -> str:
        """Remembered by this server, recorded by another machine, or fresh."""
        if case.slug not in self.on_record:
            self.on_record[case.slug] = {one.design for one in recorded_designs(case)}
        if design in self.of(case):
            return REMEMBERED
        return RECORDED if design in self.on_record[case.slug] else FRESH


@dataclass(frozen=True)
class Waited:
    """One wait of a visitor: for a first page, its end, or a move."""

    visitor: int
    kind: str
    case: str
    ms: float
    n_bytes: int = 0


@dataclass
class Tally:
    """What happened to all visitors."""

    waited: list[Waited] = field(default_factory=list)
    errors: Counter[tuple[str, str]] = field(default_factory=Counter)  # by kind and text
    since: dict[int, float] = field(default_factory=dict)  # visitor → when a wait that goes on began
    polls: int = 0

    @contextmanager
    def waits(self, visitor: int) -> Iterator[None]:
        """Inside the block this visitor waits."""
        self.since[visitor] = time.perf_counter()
        try:
            yield
        finally:
            del self.since[visitor]

    def error(self, kind: str, text: str) -> None:
        """Count an error and say it."""
        self.errors[kind, text[:200]] += 1
        print(f"{kind}: {text[:200]}", file=sys.stderr, flush=True)


@dataclass
class Visitor:
    """A visitor of one case page, who gives up after waiting `patience_s`."""

    number: int
    port: int
    case: Case
    mode: str
    known: Known
    tally: Tally
    random: np.random.Generator
    think_s: float = 3.0
    patience_s: float = 300.0

    async def stay(self, until: float = float("inf"), most_moves: int = sys.maxsize) -> None:
        """Open the page and make moves until a moment of time.perf_counter().

        What goes wrong is counted; a lost connection or redraw and a wait beyond patience end the visit.
        """
        try:
            async with WebsocketSession(self.port, self.case.slug) as session:
                try:
                    await self._stay(session, until, most_moves)
                finally:
                    self.tally.polls += session.polls
                    for text in session.page.errors:
                        self.tally.error(ON_PAGE, text)
        except Disconnected as gone:
            self.tally.error("disconnected", str(gone))
        except LostRedraw:
            self.tally.error("lost redraw", f"{self.case.slug} stayed as it was")
        except TimeoutError:
            self.tally.error("timeout", f"nothing for {self.patience_s:g} s on {self.case.slug}")
        except OSError as refused:
            self.tally.error("refused", str(refused))

    async def _stay(self, session: WebsocketSession, until: float, most_moves: int) -> None:
        await self._open(session)
        for _ in range(most_moves):
            await asyncio.sleep(self.random.exponential(self.think_s))
            if time.perf_counter() > until or not await self._move(session):
                return

    async def _open(self, session: WebsocketSession) -> None:
        with self.tally.waits(self.number):
            async with asyncio.timeout(self.patience_s):
                began = time.perf_counter()
                await session.rerun()
                first = await session.until(lambda: any(session.page.markup(TILE)) or any(session.page.red()))
                self._count("first_page", first - began, session.n_bytes)
                ended = await session.until(lambda: session.page.finished > 0 and settled(session.page))
                self._count("first_page_finished", ended - began, session.n_bytes)
        self.known.of(self.case).add(design_of(self.case, session.query))

    async def _move(self, session: WebsocketSession) -> bool:
        """One knob turned and the figures seen; False where no knob leads on."""
        known, chosen = self.known.of(self.case), self._chosen(session)
        if chosen is None:
            return False
        name, target = chosen
        runs, n_bytes, option = session.page.finished, session.n_bytes, str(getattr(target, name))
        states, kind = self._states(session, name, target), self.known.kind(self.case, target)
        known.add(target)  # so that nobody else takes it for fresh
        with self.tally.waits(self.number):
            async with asyncio.timeout(self.patience_s):
                began = time.perf_counter()
                await session.rerun(states)
                ended = await session.until(
                    lambda: (
                        session.page.finished > runs and link_of(session).get(name) == option and settled(session.page)
                    )
                )
        reached = design_of(self.case, session.query)  # another one, where a knob comes back as it was left
        kind = kind if reached == target else self.known.kind(self.case, reached)
        self._count(FAILED if any(session.page.red()) else kind, ended - began, session.n_bytes - n_bytes)
        known.add(reached)
        return True

    def _chosen(self, session: WebsocketSession) -> tuple[str, Design] | None:
        """The knob to turn and the design that it leads to, among the knobs on the page."""
        moves = [
            (name, target)
            for name, target in neighbours(design_of(self.case, session.query))
            if session.page.widget(f"{self.case.slug}.{name}") is not None
        ]
        pools: dict[str, list[tuple[str, Design]]] = {kind: [] for kind in MOVES}
        for name, target in moves:
            pools[self.known.kind(self.case, target)].append((name, target))
        wants_fresh = self.mode == FRESH or (self.mode == MIXED and self.random.random() < FRESH_SHARE)
        # from a page's first design every knob leads to one on record; what nobody has seen is two moves away
        wanted = (FRESH, RECORDED, REMEMBERED) if wants_fresh else (REMEMBERED,)
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

    def _count(self, kind: str, waited_s: float, n_bytes: int) -> None:
        self.tally.waited.append(Waited(self.number, kind, self.case.slug, 1e3 * waited_s, n_bytes))


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
