"""A page as the browser keeps it: a tree of elements that the server's messages change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

TEXTS = ("slider", "button_group")  # widgets whose value is a list of texts
OPEN = ("popover", "expandable")  # and those whose value is whether they are open


@dataclass
class Placed:
    """An element or a container on the page."""

    kind: str  # of element or container: "slider", "markdown", "popover"
    content: Any
    run: str  # the script run that drew it
    fragment: str  # the part that redraws on its own that it belongs to, if any


@dataclass
class Cached:
    """A message that the server may refer to by its hash."""

    delta: Any
    used: int  # the number of runs when it was used last


class PageTree:
    """The elements of a page by their place, and the messages that the server may refer to."""

    def __init__(self) -> None:
        self.placed: dict[tuple[int, ...], Placed] = {}
        self.cached: dict[str, Cached] = {}
        self.errors: list[str] = []  # every exception and red message so far
        self.finished = 0  # whole runs of the page that came to their end
        self.lost = False  # whether a whole run began whose end never came
        self._open = ""  # the whole run that has begun and not ended
        self._run, self._runs, self._most_age = "", 0, 0  # the present run, how many ended, how long messages are kept

    def widget(self, key: str) -> Placed | None:
        """The widget that the app gave this key; None where it is not on the page."""
        return next((placed for placed in self.placed.values() if key_of(placed) == key), None)

    def markup(self, mark: str) -> Iterator[str]:
        """Every piece of Markdown or markup on the page that holds a mark."""
        for placed in self.placed.values():
            if placed.kind in ("markdown", "html") and mark in placed.content.body:
                yield placed.content.body

    def red(self) -> Iterator[str]:
        """The exceptions and red messages on the page."""
        return filter(None, map(red_text, self.placed.values()))

    def begin(self, message: ForwardMsg) -> None:
        """A run begins; a part's run that begins before the end of the page's own means that the end was dropped.

        Streamlit drops what a run still has to say where the timer of a part asks for the next one at that moment.
        """
        self._run = message.metadata.run.script_run_id
        of_a_part = bool(message.metadata.run.fragment_ids)
        self.lost |= of_a_part and bool(self._open)
        self._open = "" if of_a_part else self._run
        self._most_age = message.new_session.config.max_cached_message_age

    def change(self, message: ForwardMsg) -> None:
        """An element or a container comes, or the one of an earlier message comes again."""
        delta, path = self._delta(message), tuple(message.metadata.delta_path)
        change = delta.WhichOneof("type")
        if change not in ("new_element", "add_block"):
            return  # a spinner, which replaces nothing
        if change == "new_element":
            for below in [place for place in self.placed if place[: len(path)] == path]:
                del self.placed[below]
        content = getattr(delta, change)
        kind = content.WhichOneof("type") or ""
        run = message.metadata.run.script_run_id or self._run
        self.placed[path] = Placed(kind, getattr(content, kind) if kind else content, run, delta.fragment_id)
        if text := red_text(self.placed[path]):
            self.errors.append(text)

    def _delta(self, message: ForwardMsg) -> Any:
        if message.WhichOneof("type") == "ref_hash":
            cached = self.cached[message.ref_hash]
            cached.used = self._runs
            return cached.delta
        if message.metadata.cacheable:
            self.cached[message.hash] = Cached(message.delta, self._runs)
        return message.delta

    def finish(self, message: ForwardMsg) -> None:
        """A run ends: what it did not draw again goes, and messages of runs long ago are forgotten."""
        run = message.metadata.run
        self._open = "" if run.script_run_id == self._open else self._open
        if message.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN:
            return
        redrawn = set(run.fragment_ids)
        for path, placed in list(self.placed.items()):
            if placed.run != run.script_run_id and (not redrawn or placed.fragment in redrawn):
                del self.placed[path]
        self._runs += 1
        for name, cached in list(self.cached.items()):
            within = not redrawn or cached.delta.fragment_id in redrawn
            if within and self._runs - cached.used > self._most_age:
                del self.cached[name]
        self.finished += message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY


def red_text(placed: Placed) -> str:
    """The text of an exception or a red message; empty for anything else."""
    if placed.kind == "exception" and not placed.content.is_warning:
        return f"{placed.content.type}: {placed.content.message}"
    return placed.content.body if placed.kind == "alert" and placed.content.format == Alert.ERROR else ""


def key_of(placed: Placed) -> str:
    """The key that the app gave a widget; empty for anything else."""
    return getattr(placed.content, "id", "").partition("-")[2].partition("-")[2]


def state_of(widget: Placed, value: Any) -> WidgetState:
    """What the browser says of a widget: the text of an option or a field, whether a part is open, a button's press."""
    state = WidgetState(id=widget.content.id)
    if widget.kind in TEXTS:
        state.string_array_value.data.append(value)
    elif widget.kind in OPEN:
        state.bool_value = value
    elif widget.kind == "button":
        state.trigger_value = value
    else:
        state.string_value = value
    return state
