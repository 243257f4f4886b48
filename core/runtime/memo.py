"""The memo of stages: a pipeline step is computed once per lineage, and its measured cost travels with its value.

A step's key is its function, its parameters and the keys of the steps it reads; never a hash of arrays. Steps are lazy,
shared between threads (whoever asks second waits for the first), bounded by bytes and handed out read-only.
"""

from __future__ import annotations

import contextvars
import dataclasses
import hashlib
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from types import ModuleType
from typing import Any

import cachetools
import numpy as np

from core.contract.step_record import StepRecord
from core.runtime.channel import stop_if_asked

MEMO_BYTES = int(os.environ.get("KNEEPOINT_MEMO_MB", "128")) * 2**20
SMALL_BYTES, SMALL_SHARE = 2**18, 0.6  # the figures of two hundred designs; the rest holds what one run works on
_PLAIN = (str, int, float, bool, bytes, type(None))
_PLAIN_TYPES = frozenset(_PLAIN)
_CONTAINERS = (tuple, list, set, frozenset, dict)


@dataclass(frozen=True, eq=False)
class Step:
    """A lazy stage of a pipeline; `.value` computes it, or hands out what is remembered."""

    function: Callable[..., Any]
    inputs: tuple[Step | None, ...]  # None for a stage that a design does without
    params: tuple[tuple[str, Any], ...]

    @cached_property
    def key(self) -> str:
        """The lineage as a short text: equal keys mean equal values."""
        name = f"{self.function.__module__}.{self.function.__qualname__}"
        lineage = repr((name, self.params, tuple(each and each.key for each in self.inputs)))
        return hashlib.sha256(lineage.encode()).hexdigest()[:32]

    @property
    def value(self) -> Any:
        """The step's read-only value, which is never remembered when it fails.

        Raises whatever the step's function raises, and ValueError for arrays that hold NaN.
        """
        return MEMO.value(self)

    def lineage(self) -> list[Step]:
        """Every step this one rests on and itself, each once, inputs first."""
        found: dict[str, Step] = {}
        for each in (*filter(None, self.inputs), self):
            found.update({s.key: s for s in ([each] if each is self else each.lineage())})
        return list(found.values())


def step(function: Callable[..., Any], *inputs: Step | None, **params: Any) -> Step:
    """One stage: `function(*values of the inputs, **params)`; None stays None.

    Raises TypeError for a parameter that is not plain (text, number, bool, None, a tuple of these): arrays are steps.
    """
    for each in inputs:
        if each is not None and not isinstance(each, Step):
            raise TypeError(f"{function.__name__}: inputs are steps, {type(each).__name__} is not; pass it by name")
    for name, value in params.items():
        if not all(isinstance(v, _PLAIN) for v in (value if isinstance(value, tuple) else (value,))):
            raise TypeError(f"{function.__name__}: {name} is a {type(value).__name__}; arrays come as steps")
    return Step(function, inputs, tuple(sorted(params.items())))


class LargeFirst(cachetools.Cache):
    """What was used longest ago goes out first, and large values before small ones.

    The figures of a design are small and were dear to measure, its images and vectors are large and soon made again:
    so a design stays remembered through a long sweep. Small values have a share of the bytes to themselves.
    """

    def __init__(self, max_bytes: int) -> None:
        super().__init__(max_bytes, getsizeof=nbytes)
        self._bytes: dict[str, int] = {}  # of every value held
        self._small: dict[str, None] = {}  # keys, what was used last at the end
        self._large: dict[str, None] = {}
        self._small_bytes = 0

    def __getitem__(self, key: str) -> Any:
        value = super().__getitem__(key)
        shelf = self._shelf(key)
        del shelf[key]
        shelf[key] = None
        return value

    def __setitem__(self, key: str, value: Any) -> None:
        super().__setitem__(key, value)
        self._bytes[key] = self.getsizeof(value)
        self._shelf(key)[key] = None
        self._small_bytes += self._bytes[key] if key in self._small else 0

    def __delitem__(self, key: str) -> None:
        super().__delitem__(key)
        self._small_bytes -= self._bytes[key] if key in self._small else 0
        del self._shelf(key)[key]
        del self._bytes[key]

    def popitem(self) -> tuple[str, Any]:
        """Put out one value. Raises KeyError when nothing is held."""
        if not self._bytes:
            raise KeyError("the cache is empty")
        crowded = not self._large or self._small_bytes > SMALL_SHARE * self.maxsize
        key = next(iter(self._small if crowded else self._large))
        return key, self.pop(key)

    def clear(self) -> None:
        """Put out everything."""
        for key in list(self._bytes):
            del self[key]

    def _shelf(self, key: str) -> dict[str, None]:
        return self._small if self._bytes[key] < SMALL_BYTES else self._large


class Memo:
    """Values by lineage, at most `max_bytes` of them; records of cost stay."""

    def __init__(self, max_bytes: int = MEMO_BYTES) -> None:
        self.records: dict[str, StepRecord] = {}
        self._condition = threading.Condition()
        self._cache = LargeFirst(max_bytes)
        self.value = cachetools.cached(self._cache, key=lambda s: s.key, condition=self._condition)(self._compute)

    def _compute(self, asked: Step) -> Any:
        values = [each and each.value for each in asked.inputs]  # before the clock starts: their time is theirs
        stop_if_asked()
        wall, cpu = time.perf_counter(), time.thread_time()
        value = frozen(asked.function(*values, **dict(asked.params)))
        wall, cpu = time.perf_counter() - wall, time.thread_time() - cpu
        name = asked.function.__name__.replace("_", " ")
        if holds_nan(value):
            raise ValueError(f"The step “{name}” gave NaN (not a number), so nothing that rests on it can be measured.")
        self.records[asked.key] = StepRecord(name, wall, cpu, nbytes(value))
        computed = _computed.get()
        if computed is not None:
            computed.add(asked.key)
        return value

    @property
    def nbytes(self) -> int:
        """Bytes of the values held now."""
        return self._cache.currsize

    def forget(self, holding: type, *ends: Step) -> None:
        """Forget what is remembered behind `ends` and holds an object of this type; its record of cost stays."""
        with self._condition:
            for key in {s.key for end in ends for s in end.lineage()}.intersection(self._cache):
                if any(isinstance(leaf, holding) for leaf in _leaves(self._cache[key], inside=_fields)):
                    del self._cache[key]

    def clear(self) -> None:
        """Forget every value and record."""
        with self._condition:
            self._cache.clear()
            self.records.clear()


_computed: contextvars.ContextVar[set[str] | None] = contextvars.ContextVar("computed", default=None)


@contextmanager
def recording() -> Iterator[set[str]]:
    """Collects the keys of the steps that were really computed inside the block, in this thread."""
    token = _computed.set(set())
    try:
        yield _computed.get()
    finally:
        _computed.reset(token)


def trace(computed: set[str], *ends: Step) -> tuple[StepRecord, ...]:
    """The records of every step behind `ends`, in pipeline order, marked reused unless computed in this run."""
    order = {s.key: s for end in ends for s in end.lineage()}
    known = [(key, MEMO.records[key]) for key in order if key in MEMO.records]
    return tuple(dataclasses.replace(record, reused=key not in computed) for key, record in known)


def build_seconds(*ends: Step) -> float:
    """CPU seconds of everything behind `ends`, reused or not: a remembered design costs what a fresh one costs."""
    order = {s.key for end in ends for s in end.lineage()}
    return sum(MEMO.records[key].cpu_s for key in order if key in MEMO.records)


def own_seconds(*steps: Step) -> float:
    """CPU seconds of just these steps' own work, when they last ran."""
    return sum(MEMO.records[each.key].cpu_s for each in steps if each.key in MEMO.records)


def held_bytes(asked: Step) -> int:
    """Bytes of a step's value, without computing it again where that is known."""
    if asked.key not in MEMO.records:
        _ = asked.value
    return MEMO.records[asked.key].nbytes


def frozen(value: Any) -> Any:
    """The same value with every array in it made read-only, since all readers share it."""
    for each in _leaves(value, inside=_fields):
        if isinstance(each, np.ndarray):
            each.flags.writeable = False
    return value


def holds_nan(value: Any) -> bool:
    """Whether an array in a value holds NaN, which later steps would carry on without a word; infinity may stand."""
    arrays = (each for each in _leaves(value, inside=_fields) if isinstance(each, np.ndarray))
    return any(np.isnan(array.max()) for array in arrays if array.dtype.kind == "f" and array.size)


def nbytes(value: Any) -> int:
    """Bytes a value holds: its own `nbytes` where it says so, else the sum over its arrays and texts, each once."""
    own = getattr(value, "nbytes", None)
    return int(own) if own is not None else 64 + sum(map(_size, _leaves(value, inside=_kept)))


def _leaves(value: Any, inside: Callable[[Any], Iterable[Any]]) -> Iterator[Any]:
    """Whatever lies below a value, each once: arrays, objects, and lists of nothing but texts and numbers as a whole.

    `inside` says what an object is made of. This runs at every step, and a corpus is many thousand texts.
    """
    waiting, seen = [value], set()
    while waiting:
        each = waiting.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        if isinstance(each, _CONTAINERS) and not _PLAIN_TYPES.issuperset(map(type, _members(each))):
            waiting.extend(_members(each))
        else:
            yield each
            if not isinstance(each, (*_PLAIN, *_CONTAINERS)):
                waiting.extend(inside(each))


def _members(container: Any) -> Iterable[Any]:
    return container.values() if isinstance(container, dict) else container


def _fields(value: Any) -> Iterable[Any]:
    """The fields of a dataclass; other objects look after their arrays themselves."""
    known = dataclasses.is_dataclass(value) and not isinstance(value, type)
    return [getattr(value, field.name) for field in dataclasses.fields(value)] if known else ()


def _kept(value: Any) -> Iterable[Any]:
    """What an object keeps, unless it tells its bytes itself."""
    unknown = hasattr(value, "nbytes") or isinstance(value, (type, ModuleType)) or callable(value)
    return () if unknown else getattr(value, "__dict__", {}).values()


def _size(leaf: Any) -> int:
    if isinstance(leaf, _CONTAINERS):
        return sum(map(sys.getsizeof, _members(leaf)))
    return sys.getsizeof(leaf) if isinstance(leaf, _PLAIN) else int(getattr(leaf, "nbytes", 0))


MEMO = Memo()
