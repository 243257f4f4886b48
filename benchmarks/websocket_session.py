"""One visitor's session over a websocket, in the messages of the browser; no browser is needed.

As the browser does, it keeps the page, the link that the server writes, and the timers of the parts that ask to be
redrawn.
"""

from __future__ import annotations

import asyncio
import time
import urllib.request
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from benchmarks.page_tree import PageTree, Placed


class Disconnected(Exception):
    """The server closed the connection."""


class LostRedraw(Exception):
    """The page stays as it was, since the end of its run never came."""


class WebsocketSession:
    """A session on one page of the app: open it, set widgets, wait for what the server sends."""

    def __init__(self, port: int, page: str = "", query: str = "") -> None:
        self.query = query
        self.page = PageTree()
        self.polls = 0  # redraws that parts of the page asked for
        self.n_bytes = 0
        self._port, self._name, self._page_hash, self._id = port, page, "", ""
        self._timers: dict[str, tuple[float, asyncio.Task]] = {}  # by the part's id, with the seconds in between
        self._files: dict[str, Any] = {}  # what the server says of files that were asked for
        self._waiting: list[tuple[Callable[[], bool], asyncio.Future]] = []
        self._connection: ClientConnection
        self._reader: asyncio.Task
        self._closed = False

    async def __aenter__(self) -> WebsocketSession:
        self._connection = await connect(
            f"ws://127.0.0.1:{self._port}/_stcore/stream",
            origin=f"http://127.0.0.1:{self._port}",  # type: ignore[arg-type]
            subprotocols=["streamlit"],  # type: ignore[list-item]
            max_size=None,
            ping_interval=None,
            open_timeout=None,
        )
        self._reader = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stop_timers(list(self._timers))
        self._reader.cancel()
        with suppress(asyncio.CancelledError):
            await self._reader
        with suppress(ConnectionClosed, TimeoutError):
            await asyncio.wait_for(self._connection.close(), 2)

    async def rerun(self, states: Iterable[WidgetState] = (), fragment: str = "") -> None:
        """Ask for a run of the page with these widget states, or of one part of it. Raises Disconnected."""
        message = BackMsg()
        asked = message.rerun_script
        asked.query_string, asked.page_script_hash = self.query, self._page_hash
        asked.page_name = "" if self._page_hash else self._name
        asked.fragment_id, asked.is_auto_rerun = fragment, bool(fragment)
        asked.widget_states.widgets.extend(states)
        asked.cached_message_hashes.extend(self.page.cached)
        asked.context_info.url = f"http://127.0.0.1:{self._port}/{self._name}"
        asked.context_info.timezone, asked.context_info.locale = "Etc/UTC", "en-US"
        await self._send(message)

    async def _send(self, message: BackMsg) -> None:
        try:
            await self._connection.send(message.SerializeToString())
        except ConnectionClosed as closed:
            raise Disconnected(str(closed)) from None

    async def file(self, button: Placed) -> bytes:
        """The file behind a download button, which the server makes now. Raises RuntimeError where it cannot."""
        message, name = BackMsg(), button.content.deferred_file_id
        asked = message.backend_operation_request
        asked.request_id, asked.session_id, asked.deferred_file.file_id = name, self._id, name
        await self._send(message)
        await self.until(lambda: name in self._files)
        answer = self._files.pop(name)
        if not answer.deferred_file.url:
            raise RuntimeError(answer.error_msg)
        return await asyncio.to_thread(self._fetched, answer.deferred_file.url)

    def _fetched(self, path: str) -> bytes:
        with urllib.request.urlopen(f"http://127.0.0.1:{self._port}{path}") as answer:
            return answer.read()

    async def until(self, condition: Callable[[], bool]) -> float:
        """Wait for a condition of the page; the moment it came true, by time.perf_counter().

        Raises Disconnected and LostRedraw.
        """
        if condition():
            return time.perf_counter()
        if self._closed:
            raise Disconnected("closed before")
        future = asyncio.get_running_loop().create_future()
        self._waiting.append((condition, future))
        return await future

    async def _read(self) -> None:
        """Follow the server until the connection ends; then whoever waits is told."""
        try:
            with suppress(ConnectionClosed):
                async for data in self._connection:
                    self.n_bytes += len(data)
                    self._follow(ForwardMsg.FromString(data))  # type: ignore[arg-type]
                    self._tell()
        finally:
            self._closed = True
            self._stop_timers(list(self._timers))
            self._fail(Disconnected(f"closed with {self._connection.close_code}"))

    def _fail(self, why: Exception) -> None:
        for _, future in self._waiting:
            if not future.done():
                future.set_exception(why)

    def _tell(self) -> None:
        now, still = time.perf_counter(), []
        for condition, future in self._waiting:
            if future.done():  # given up
                continue
            if condition():
                future.set_result(now)
            else:
                still.append((condition, future))
        self._waiting = still

    def _follow(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._begin(message)
        elif kind in ("delta", "ref_hash"):
            self.page.change(message)
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif kind == "navigation":
            self._page_hash = message.navigation.page_script_hash
            here = (page for page in message.navigation.app_pages if page.page_script_hash == self._page_hash)
            self._name = next((page.url_pathname for page in here), self._name)
        elif kind == "script_finished":
            self.page.finish(message)
        elif kind == "backend_operation_response":
            self._files[message.backend_operation_response.request_id] = message.backend_operation_response
        elif kind == "auto_rerun":
            self._start_timer(message.auto_rerun.fragment_id, message.auto_rerun.interval)
        elif kind == "stop_auto_rerun":
            self._stop_timers(message.stop_auto_rerun.fragment_ids)

    def _begin(self, message: ForwardMsg) -> None:
        if not message.metadata.run.fragment_ids:
            self._stop_timers(list(self._timers))
        self._id = message.new_session.initialize.session_id
        self.page.begin(message)
        if self.page.lost:
            self._fail(LostRedraw())

    def _start_timer(self, fragment: str, interval_s: float) -> None:
        if fragment in self._timers and self._timers[fragment][0] == interval_s:
            return
        self._stop_timers([fragment])
        self._timers[fragment] = (interval_s, asyncio.create_task(self._poll(fragment, interval_s)))

    async def _poll(self, fragment: str, interval_s: float) -> None:
        with suppress(Disconnected):
            while True:
                await asyncio.sleep(interval_s)
                self.polls += 1
                await self.rerun(fragment=fragment)

    def _stop_timers(self, fragments: Iterable[str]) -> None:
        for fragment in fragments:
            if fragment in self._timers:
                self._timers.pop(fragment)[1].cancel()
