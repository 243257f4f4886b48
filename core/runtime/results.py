"""The results of this process: measured rows shared by all sessions, bounded in number."""

from __future__ import annotations

import threading
from dataclasses import replace

import cachetools

from core.contract.case import Case, Measurement
from core.contract.design import Design, data_dials
from core.runtime.measuring import timed_anew
from core.runtime.timing import BUSY

MOST_ROWS = 2_000  # about 50 kB each
MOST_SHOWN = 64  # designs whose pictures are kept too


class Results:
    """Measured designs by case and seed, evicted least recently used first; thread-safe."""

    def __init__(self, most: int = MOST_ROWS, most_shown: int = MOST_SHOWN) -> None:
        self._rows: cachetools.LRUCache = cachetools.LRUCache(most)
        self._shown: cachetools.LRUCache = cachetools.LRUCache(most_shown)
        self._lock = threading.Lock()

    def measure(self, case: Case, design: Design, seed: int) -> Measurement:
        """Run a design and keep its row; a design measured before keeps its first figures, unless they are noisy.

        Raises what the case raises.
        """
        key = (case.slug, seed, design)
        with self._lock:
            whole = self._shown.get(key)
            if whole is not None:  # a dropped row must come back with the same figures
                self._rows.setdefault(key, replace(whole, shown=None))
        if whole is None:
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
