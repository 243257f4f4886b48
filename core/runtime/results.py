"""The results of this process: measured rows shared by all sessions, bounded in number."""

from __future__ import annotations

import threading
import time
from collections.abc import Hashable
from dataclasses import replace

import cachetools

from core.contract.case import Case, Measurement
from core.contract.design import Design, data_dials
from core.runtime.measuring import timed_anew
from core.runtime.timing import BUSY, machine_noise

MOST_ROWS = 2_000  # about 50 kB each
MOST_SHOWN = 64  # designs whose pictures are kept too
RETRY_S = 20.0  # between two tries to replace a noisy reading, so that a busy machine is not asked at every redraw


class Results:
    """Measured designs by case and seed, evicted least recently used first; thread-safe."""

    def __init__(self, most: int = MOST_ROWS, most_shown: int = MOST_SHOWN) -> None:
        self._rows: cachetools.LRUCache = cachetools.LRUCache(most)
        self._shown: cachetools.LRUCache = cachetools.LRUCache(most_shown)
        self._tried_s: cachetools.LRUCache = cachetools.LRUCache(most)
        self._lock = threading.Lock()

    def measure(self, case: Case, design: Design, seed: int) -> Measurement:
        """Run a design and keep its row; a design measured before keeps its first figures, unless they are noisy.

        Noisy ones are timed anew as soon as the machine is quiet. Raises what the case raises.
        """
        key = (case.slug, seed, design)
        with self._lock:
            whole = self._shown.get(key)
            if whole is not None:  # a dropped row must come back with the same figures
                self._rows.setdefault(key, replace(whole, shown=None))
        if whole is not None and self._can_be_quieter(key, whole):
            self.time_again(case, design, seed)
            with self._lock:
                whole = self._shown.get(key, whole)
        if whole is None:
            self._tried_s[key] = time.monotonic()
            whole = case.run(design, seed=seed)
            self.add(case, design, seed, whole)
            with self._lock:
                whole = self._shown[key] = replace(self._rows.get(key, whole), shown=whole.shown)
        return whole

    def add(self, case: Case, design: Design, seed: int, measurement: Measurement) -> None:
        """Keep a row without its pictures, unless the design was measured before on a machine at least as quiet."""
        key = (case.slug, seed, design)
        with self._lock:
            light = measurement if measurement.shown is None else replace(measurement, shown=None)
            if BUSY < self._rows.setdefault(key, light).noise > light.noise:
                self._rows[key] = light
                if key in self._shown:  # the page has to show the figures of the row
                    self._shown[key] = replace(light, shown=self._shown[key].shown)

    def _can_be_quieter(self, key: Hashable, measured: Measurement) -> bool:
        """Whether a reading is noisy, was not tried just now, and the machine is quiet at this moment."""
        now_s = time.monotonic()
        if measured.noise <= BUSY or now_s - self._tried_s.get(key, -RETRY_S) < RETRY_S:
            return False
        self._tried_s[key] = now_s
        return machine_noise() <= BUSY

    def time_again(self, case: Case, design: Design, seed: int) -> None:
        """Time a design anew, its other stages reused, and keep the quieter of both readings.

        Raises what the case raises.
        """
        with timed_anew():
            self.add(case, design, seed, case.run(design, seed=seed))

    def known(self, case: Case, design: Design, seed: int) -> Measurement | None:
        """The row of a measured design, or None."""
        with self._lock:
            return self._rows.get((case.slug, seed, design))

    def whole(self, case: Case, design: Design, seed: int) -> Measurement | None:
        """A measured design with its pictures where these are kept, else its row, or None; never runs anything."""
        key = (case.slug, seed, design)
        with self._lock:
            return self._shown.get(key) or self._rows.get(key)

    def rows(self, case: Case, seed: int, beside: Design) -> dict[Design, Measurement]:
        """Every measured design of a case on the same data as `beside`: same seed and same data knobs."""
        with self._lock:
            keys = [key for key in self._rows if key[:2] == (case.slug, seed)]  # reading a row marks it as used
            return {key[2]: self._rows[key] for key in keys if data_dials(key[2]) == data_dials(beside)}

    def clear(self) -> None:
        """Drop every row."""
        with self._lock:
            self._rows.clear()
            self._shown.clear()


RESULTS = Results()
